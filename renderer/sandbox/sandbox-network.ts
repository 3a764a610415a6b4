import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import type { Readable } from 'node:stream';
import { RockpoolError } from '../../protocol/errors.ts';
import { findProgram, SYSTEM_PATH } from './host-programs.ts';
import { type SandboxUser, userChange } from './sandbox-user.ts';

/** Networks that are not the internet: private, shared, link-local (metadata of clouds), reserved. */
const NOT_THE_INTERNET = [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/**
 * The network between sandbox and slirp4netns: from the range for benchmarks (RFC 2544), which hardly
 * any machine is in. Its third address answers name queries.
 */
const SLIRP_NETWORK = '198.18.77.0/24';
export const SLIRP_RESOLVER = '198.18.77.3';

/** Programs of a sandbox with the internet, with the Debian packages they come in. */
const PROGRAMS = { slirp4netns: 'slirp4netns', nsenter: 'util-linux', ip: 'iproute2' };

/** @throws RockpoolError `missing-package` that names what to install. */
export async function requireNetworkPrograms(): Promise<void> {
  for (const [program, debianPackage] of Object.entries(PROGRAMS)) {
    if (await findProgram(program)) continue;
    throw new RockpoolError(
      'missing-package',
      `This game needs the internet, and for that this machine needs ${program}: install the package ${debianPackage}.`,
    );
  }
}

/**
 * The internet for one sandbox, through a network stack in a process of its own. The machine itself,
 * its neighbours and the metadata service of its cloud stay out of reach: their routes lead nowhere,
 * and the program may not change routes. No IPv6.
 */
export class SandboxNetwork {
  readonly #slirp: ChildProcess;
  readonly #exited: Promise<unknown>;

  private constructor(slirp: ChildProcess) {
    this.#slirp = slirp;
    this.#exited = once(slirp, 'exit');
  }

  /**
   * @param pid a process in the sandbox's network and in the user namespace that owns it.
   * @throws RockpoolError `internal` where the network does not come up.
   */
  static async attach(pid: number, user: SandboxUser): Promise<SandboxNetwork> {
    const prefix = userChange(user, []);
    await blockRoutes(pid, prefix);
    // Most machines let everybody make a tap. Where only root may, slirp4netns stays root without
    // any capability, in a file system of its own.
    const { mode } = await stat('/dev/net/tun');
    const slirpPrefix = (mode & 0o006) === 0o006 ? prefix : [];
    // 3: written to once the network is up. 4: it ends when this end closes, with the worker too.
    const options = [
      ...['--configure', '--mtu=65520', `--cidr=${SLIRP_NETWORK}`],
      ...['--disable-host-loopback', '--enable-sandbox', '--enable-seccomp'],
    ];
    const slirp = spawnWith(
      [
        ...slirpPrefix,
        'slirp4netns',
        ...options,
        '--ready-fd=3',
        '--exit-fd=4',
        String(pid),
        'tap0',
      ],
      ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    );
    const network = new SandboxNetwork(slirp);
    const errors = textOf(slirp.stdio[2] as Readable);
    const ready = once(slirp.stdio[3] as Readable, 'data').then(() => true);
    const up = await Promise.race([ready, network.#exited.then(() => false)]);
    if (up) return network;
    throw new RockpoolError('internal', `slirp4netns did not start: ${await errors}`);
  }

  async close(): Promise<void> {
    this.#slirp.kill('SIGKILL');
    await this.#exited;
  }
}

/** slirp4netns' own network is more specific than any of these, and stays reachable. */
async function blockRoutes(pid: number, prefix: readonly string[]): Promise<void> {
  const networks = [...NOT_THE_INTERNET, ...neighbours()];
  const batch = [
    'link set lo up',
    ...networks.map((network) => `route replace unreachable ${network}`),
  ];
  const enter = ['nsenter', '--preserve-credentials', '--target', String(pid), '--user', '--net'];
  const child = spawnWith([...prefix, ...enter, 'ip', '-batch', '-'], ['pipe', 'ignore', 'pipe']);
  const errors = textOf(child.stdio[2] as Readable);
  child.stdin?.end(`${batch.join('\n')}\n`);
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new RockpoolError('internal', `Routes were not set: ${await errors}`);
}

/** The networks that this machine is in, by its IPv4 addresses. */
function neighbours(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.flatMap(({ family, internal, cidr }) =>
      family === 'IPv4' && !internal && cidr ? [networkOf(cidr)] : [],
    ),
  );
}

/** @param cidr an address with its prefix length; @returns the network's first address with it. */
export function networkOf(cidr: string): string {
  const [address = '', length = '32'] = cidr.split('/');
  const bits = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(length));
  const first = Math.floor(bits / size) * size;
  const parts = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
  return `${parts.join('.')}/${length}`;
}

function spawnWith(command: readonly string[], stdio: ('ignore' | 'pipe')[]): ChildProcess {
  const [program = '', ...args] = command;
  return spawn(program, args, { env: { PATH: SYSTEM_PATH }, stdio });
}

async function textOf(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream) text = `${text}${chunk}`.slice(-1000);
  return text.trim();
}

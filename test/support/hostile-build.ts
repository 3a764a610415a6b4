import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'vitest';
import { BUILD_MOUNT, HOME_MOUNT } from '../../protocol/build-manifest.ts';
import { openSandbox, type SandboxParts } from '../../renderer/sandbox/bubblewrap-sandbox.ts';
import type {
  ProgramExit,
  ProgramOrder,
  SandboxedProgram,
} from '../../renderer/sandbox/program-order.ts';
import { describeSandbox } from '../../renderer/sandbox/sandbox-description.ts';

const PYTHON = '/usr/bin/python3';

/** Defines `attempt`, which prints whether something succeeded or the name of the error it met. */
export const ATTEMPT = `
import errno, os, socket, subprocess, sys
def attempt(name, action):
    try:
        result = action()
        print(name, 'DONE', result, flush=True)
    except OSError as error:
        print(name, errno.errorcode.get(error.errno, error), flush=True)
`;
/** Why no sandbox can be made here, or undefined where one can. */
export async function sandboxProblem(): Promise<string | undefined> {
  const { problem } = await describeSandbox();
  if (problem) return problem;
  const python = await stat(PYTHON).catch(() => undefined);
  return python ? undefined : `hostile builds are written in Python, and ${PYTHON} is missing`;
}

/** Runs a suite with real sandboxes; without them it is counted as skipped, under the reason. */
export function describeWithSandbox(
  name: string,
  problem: string | undefined,
  suite: () => void,
): void {
  if (problem === undefined) describe(name, suite);
  else it.skip(`${name} (needs a sandbox, and none can be made: ${problem})`, () => {});
}

const LIMITS = { memoryMib: 256, cpus: 1, processes: 64, diskMib: 16, openFiles: 256 };

/** What a test may say of an order; the rest is a small build. */
export interface OrderChanges extends Partial<Omit<ProgramOrder, 'limits' | 'buildFolder'>> {
  readonly limits?: Partial<typeof LIMITS>;
}

/** Builds made of scripts, with the sandboxes they run in; `close` ends and removes all of them. */
export class HostileBuilds {
  /** Argument of every program, by which its processes are told from all others. */
  readonly mark = `rockpool-mark-${randomUUID()}`;
  readonly #folders: string[] = [];
  readonly #sandboxes: SandboxedProgram[] = [];

  /** A folder of the host that is removed at the end. */
  async folder(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), 'rockpool-test-'));
    this.#folders.push(path);
    return path;
  }

  /** A build folder with these files, all of them executable. */
  async build(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
    const build = join(await this.folder(), 'build');
    await mkdir(build, { mode: 0o755 });
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(build, name)), { recursive: true });
      await writeFile(join(build, name), content, { mode: 0o755 });
    }
    return build;
  }

  /** The order that runs a Python script as a build. */
  async order(script: string, changes: OrderChanges = {}): Promise<ProgramOrder> {
    const { limits, ...rest } = changes;
    return {
      command: PYTHON,
      args: [`${BUILD_MOUNT}/attack.py`, this.mark],
      environment: { PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1' },
      workingFolder: HOME_MOUNT,
      buildFolder: await this.build({ 'attack.py': script }),
      binds: [],
      network: false,
      gpu: false,
      sessionName: 'hostile',
      ...rest,
      limits: { ...LIMITS, ...limits },
    };
  }

  async open(order: ProgramOrder, parts: Partial<SandboxParts> = {}): Promise<SandboxedProgram> {
    const sandbox = await openSandbox(order, parts);
    this.#sandboxes.push(sandbox);
    return sandbox;
  }

  /** Runs a script to its end. */
  async run(
    script: string,
    changes: OrderChanges = {},
    parts: Partial<SandboxParts> = {},
  ): Promise<{ sandbox: SandboxedProgram; exit: ProgramExit; log: string }> {
    const sandbox = await this.open(await this.order(script, changes), parts);
    await sandbox.start();
    const exit = await sandbox.exited;
    return { sandbox, exit, log: sandbox.logTail() };
  }

  /** Pids on the host of these programs and all they forked, zombies left out. */
  async processes(): Promise<number[]> {
    const found: number[] = [];
    for (const name of await readdir('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const line = await readFile(`/proc/${name}/cmdline`, 'latin1').catch(() => '');
      if (line.includes(`attack.py\0${this.mark}`)) found.push(Number(name));
    }
    return found;
  }

  async close(): Promise<void> {
    await Promise.all(this.#sandboxes.splice(0).map((sandbox) => sandbox.close()));
    for (const folder of this.#folders.splice(0)) {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/** What sessions of this name have left on the host: control groups and temporary folders. */
export async function leftoversOf(sessionName: string): Promise<string[]> {
  const found: string[] = [];
  const look = async (folder: string) => {
    for (const name of await readdir(folder).catch(() => [])) {
      if (name.endsWith(`-${sessionName}`)) found.push(join(folder, name));
    }
  };
  await look(tmpdir());
  for (const name of await readdir('/sys/fs/cgroup').catch(() => [])) {
    await look(join('/sys/fs/cgroup', name, 'rockpool'));
  }
  await look('/sys/fs/cgroup/rockpool');
  return found;
}

import { lstat, readdir, readlink, stat } from 'node:fs/promises';
import { HOME_MOUNT } from '../../protocol/build-manifest.ts';
import type { SandboxFile } from './program-order.ts';

/** User and group number of the program as it sees itself. */
export const INSIDE_ID = 1000;
export const INSIDE_USER = 'player';
export const RUNTIME_FOLDER = `/run/user/${INSIDE_ID}`;

/** Top folders that are links into `/usr` on most systems. */
const TOP_FOLDERS = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];

/**
 * What of the host's configuration programs need in order to find libraries, fonts, drivers, time
 * zone and certificates. None of it is a secret or says who uses the machine.
 */
const CONFIGURATION = [
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'alternatives',
  'fonts',
  'localtime',
  'timezone',
  'locale.alias',
  'mime.types',
  'protocols',
  'services',
  'ssl/certs',
  'ssl/openssl.cnf',
  'ca-certificates',
  'vulkan',
  'glvnd',
  'egl',
  'OpenCL',
  'drirc',
  'openal',
  'alsa',
  'asound.conf',
  'timidity',
  'X11',
  'xdg',
  'gtk-3.0',
  'chromium',
  'chromium.d',
  'firefox',
  'firefox-esr',
  'python3',
  'java-11-openjdk',
  'java-17-openjdk',
  'java-21-openjdk',
  'mono',
  'terminfo',
];

/** Caches that make programs start faster. */
const CACHES = ['/var/cache/fontconfig'];

/** Facts of the host that a sandbox's view is made of. */
export interface HostView {
  /** `[link, target]` of top folders that are links. */
  readonly links: readonly (readonly [string, string])[];
  /** Files and folders of the system, seen read-only in their place. */
  readonly readOnly: readonly string[];
  /** Device nodes of the GPU. */
  readonly gpuDevices: readonly string[];
  /** Description of the GPU's hardware, by which drivers find it. */
  readonly gpuFolders: readonly string[];
  /** Groups of the host that may use those devices. */
  readonly gpuGroups: readonly number[];
}

/** Looks at the host. Cheap enough to be asked before every session: drivers may come and go. */
export async function readHostView(): Promise<HostView> {
  const links: [string, string][] = [];
  const readOnly = ['/usr'];
  for (const folder of TOP_FOLDERS) {
    const found = await lstat(folder).catch(() => undefined);
    if (found?.isSymbolicLink()) links.push([folder, await readlink(folder)]);
    else if (found) readOnly.push(folder);
  }
  const others = [...CONFIGURATION.map((name) => `/etc/${name}`), ...CACHES];
  for (const path of [...others, '/sys/devices/system/cpu']) {
    if (await exists(path)) readOnly.push(path);
  }
  const gpuDevices = [
    ...(await listMatching('/dev/dri', /^renderD\d+$/)),
    ...(await listMatching('/dev', /^nvidia(?:\d+|ctl|-uvm|-uvm-tools|-modeset)$/)),
  ];
  const gpuGroups = new Set<number>();
  for (const device of gpuDevices) {
    const { gid, mode } = await stat(device);
    // 0 is never given away, and is not needed where everybody may use the device.
    if (gid !== 0 && (mode & 0o006) !== 0o006) gpuGroups.add(gid);
  }
  const gpuFolders = await listMatching('/sys/devices', /^pci/);
  for (const path of ['/sys/dev/char', '/sys/bus/pci', '/sys/class/drm']) {
    if (await exists(path)) gpuFolders.push(path);
  }
  return { links, readOnly, gpuDevices, gpuFolders, gpuGroups: [...gpuGroups] };
}

/**
 * Configuration made up for the sandbox, so that the host's own stays unknown.
 * @param resolver address that answers name queries; undefined without a network.
 */
export function madeUpFiles(resolver: string | undefined): SandboxFile[] {
  const ids = `${INSIDE_ID}:${INSIDE_ID}`;
  return [
    {
      to: '/etc/passwd',
      content: `${INSIDE_USER}:x:${ids}:Player:${HOME_MOUNT}:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n`,
    },
    { to: '/etc/group', content: `${INSIDE_USER}:x:${INSIDE_ID}:\nnogroup:x:65534:\n` },
    { to: '/etc/hostname', content: 'rockpool\n' },
    { to: '/etc/hosts', content: '127.0.0.1 localhost rockpool\n::1 localhost\n' },
    {
      to: '/etc/nsswitch.conf',
      content: `passwd: files\ngroup: files\nhosts: files${resolver ? ' dns' : ''}\nservices: files\nprotocols: files\n`,
    },
    { to: '/etc/resolv.conf', content: resolver ? `nameserver ${resolver}\n` : '' },
    // The same everywhere: nothing by which a player could be told apart.
    { to: '/etc/machine-id', content: `${'0'.repeat(31)}1\n` },
    { to: '/etc/os-release', content: 'ID=rockpool\nNAME=Rockpool\nPRETTY_NAME="Rockpool"\n' },
  ];
}

/** Variables that every program gets and its order may override. */
export const BASE_ENVIRONMENT: Readonly<Record<string, string>> = {
  HOME: HOME_MOUNT,
  USER: INSIDE_USER,
  LOGNAME: INSIDE_USER,
  SHELL: '/bin/sh',
  PATH: '/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games',
  LANG: 'C.UTF-8',
  XDG_RUNTIME_DIR: RUNTIME_FOLDER,
};

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function listMatching(folder: string, pattern: RegExp): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => pattern.test(name)).map((name) => `${folder}/${name}`);
}

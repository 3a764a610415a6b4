import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GROUPS_FOLDER } from '../../renderer/sandbox/control-groups.ts';
import { roleOf } from '../support/process-roles.ts';
import { mountPointsOf, socketsWithin, type Traces } from './left-behind.ts';

const X_SOCKETS = '/tmp/.X11-unix';
const GROUPS = '/sys/fs/cgroup';
const SHARED_MEMORY = '/dev/shm';
const OURS = /rockpool/;
/** Deeper than any container engine puts a group. */
const GROUPS_DEPTH = 8;

interface Marked {
  readonly pid: number;
  readonly command: string;
}

async function readText(path: string): Promise<string> {
  // Gone since it was listed, or not ours to read.
  return readFile(path, 'utf8').catch(() => '');
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

/**
 * Processes that speak of a folder: in their arguments, their environment, or because something in it
 * is mounted for them. That finds them also when nothing above them lives any more.
 */
async function processesOf(folder: string): Promise<Marked[]> {
  const found: Marked[] = [];
  for (const name of await namesIn('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const files = ['cmdline', 'environ', 'mountinfo'].map((file) =>
      readText(`/proc/${pid}/${file}`),
    );
    const [command = '', ...rest] = await Promise.all(files);
    if (![command, ...rest].some((text) => text.includes(folder))) continue;
    found.push({ pid, command: command.replaceAll('\0', ' ').trim() });
  }
  return found;
}

/** Folders of sessions, in every hierarchy. */
async function controlGroups(folder = GROUPS, depth = 0): Promise<string[]> {
  if (depth > GROUPS_DEPTH) return [];
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const entry of entries) {
    if (!entry.isDirectory()) continue;
    const path = join(folder, entry.name);
    if (folder.endsWith(`/${GROUPS_FOLDER}`)) found.push(path);
    else found.push(...(await controlGroups(path, depth + 1)));
  }
  return found;
}

/**
 * What there is on this machine of a program and its sessions.
 * @param folder the program's for temporary files, and nobody else's.
 */
export async function readTraces(folder: string): Promise<Traces> {
  const processes = await processesOf(folder);
  const isSound = ({ command }: Marked) => roleOf(command) === 'sound';
  const [sockets, locks, memory] = await Promise.all(
    [X_SOCKETS, '/tmp', SHARED_MEMORY].map(namesIn),
  );
  const own = new RegExp(`${OURS.source}|${folder}`);
  return {
    processes: processes.filter((one) => !isSound(one)).map(({ command }) => command),
    'PulseAudio processes and sockets': [
      ...processes.filter(isSound).map(({ command }) => command),
      ...socketsWithin(await readText('/proc/net/unix'), folder),
    ],
    'X displays (sockets, locks)': [
      ...(sockets ?? []),
      ...(locks ?? []).filter((name) => /^\.X\d+-lock$/.test(name)),
    ],
    mounts: mountPointsOf(await readText('/proc/self/mountinfo'), own),
    'control groups': await controlGroups(),
    'temporary folders': await namesIn(folder),
    'shared memory': (memory ?? []).filter((name) => OURS.test(name)),
  };
}

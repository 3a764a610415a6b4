import { randomBytes } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';

/**
 * Names of what a session leaves on the host say which process it belongs to, so that another one
 * can tell after a crash: PID namespace, pid and start time, which together are never used twice.
 */
const MARK = /^(\d+)-(\d+)-(\d+)-[0-9a-f]{6}-[A-Za-z0-9_-]{1,64}$/;

/** Beginning of the names of all folders of sessions among the system's temporary ones. */
export const SESSION_FOLDER_PREFIX = 'rockpool-session-';

/** A name that no other session has, for this process's session. */
export async function ownedName(sessionName: string): Promise<string> {
  const [namespace, start] = await Promise.all([pidNamespace(), startTicks(process.pid)]);
  const label = sessionName.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64) || 'session';
  return `${namespace}-${process.pid}-${start}-${randomBytes(3).toString('hex')}-${label}`;
}

/** Whether the process that a name speaks of is gone; false for names that are not ours to judge. */
export async function ownerIsGone(name: string): Promise<boolean> {
  const [, namespace, pid, start] = MARK.exec(name) ?? [];
  if (!namespace || !pid || !start || namespace !== (await pidNamespace())) return false;
  return (await startTicks(Number(pid))) !== start;
}

async function pidNamespace(): Promise<string> {
  return /\d+/.exec(await readlink('/proc/self/ns/pid'))?.[0] ?? '0';
}

/**
 * When a process started, in ticks since the machine did; undefined where there is none, or one that has
 * ended and that its parent has not asked for yet (proc_pid_stat(5), state Z).
 */
async function startTicks(pid: number): Promise<string | undefined> {
  const stat = await processStat(pid);
  return stat?.[0] === 'Z' ? undefined : stat?.[19];
}

/**
 * The fields of `/proc/PID/stat` from the third on (state, parent, …): the second, the program's
 * name, may hold blanks. Undefined where there is no such process.
 */
export async function processStat(pid: number): Promise<string[] | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch (error) {
    // ENOENT, or ESRCH between the opening and the reading.
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}

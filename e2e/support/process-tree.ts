import { readdirSync, readFileSync } from 'node:fs';

function parentOf(pid: number): number | undefined {
  try {
    // proc_pid_stat(5): the name in parentheses may hold spaces; state and parent follow it.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(parent);
  } catch {
    return undefined;
  }
}

/** Ids of the processes that a process started itself and that still run. */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((candidate) => candidate > 0 && parentOf(candidate) === pid);
}

/** Those of {@link childrenOf} that are session workers, busy or spare. */
export function workersOf(pid: number): number[] {
  return childrenOf(pid).filter((child) => commandOf(child).includes('session-worker'));
}

/** Number of file descriptors a process has open. */
export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Whether there is such a process; one that ended but was not waited for by its parent counts. */
export function isThere(pid: number): boolean {
  return parentOf(pid) !== undefined;
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** The one worker that waits for a game; the next session takes it. */
export async function spareWorkerOf(pid: number): Promise<number> {
  const busy = new Set(await busyWorkers());
}

import { readdirSync, readFileSync } from 'node:fs';

/** Parent and start time of a process (proc_pid_stat(5)); undefined where there is none. */
function lookUp(pid: number): { parent: number; startedTicks: number } | undefined {
  try {
    // The name in parentheses may hold spaces: fields are counted from behind it, state is the third.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), startedTicks: Number(fields[19]) };
  } catch {
    return undefined;
  }
}

/** Ids of the processes that a process started itself and that still run. */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((candidate) => candidate > 0 && lookUp(candidate)?.parent === pid);
}

/** Those of {@link childrenOf} that are session workers, busy or spare, oldest first. */
export function workersOf(pid: number): number[] {
  const started = (child: number) => lookUp(child)?.startedTicks ?? 0;
  return childrenOf(pid)
    .filter((child) => commandOf(child).includes('session-worker'))
    .sort((a, b) => started(a) - started(b));
}

/** Number of file descriptors a process has open. */
export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Whether there is such a process; one that ended but was not waited for by its parent counts. */
export function isThere(pid: number): boolean {
  return lookUp(pid) !== undefined;
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

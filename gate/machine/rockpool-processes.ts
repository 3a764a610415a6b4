import { descendantsOf, readProcess } from './process-statistics.ts';

/** Names of the processes below a container, as their command lines have them. */
const WORKER = 'session-worker';
const PROBE = 'probe-worker';

/** A worker that used less than this in {@link QUIET_WINDOW_MS} has nothing left to prepare. */
const QUIET_CPU_MS = 40;
const QUIET_WINDOW_MS = 500;

/** Ids of the session workers below a process, spare or not. */
export async function workersBelow(root: number): Promise<number[]> {
  const below = await descendantsOf(root);
  return below.filter(({ command }) => command.includes(WORKER)).map(({ pid }) => pid);
}

/** Whether a container below a process measures its machine yet, or draws covers. */
export async function isMeasuring(root: number): Promise<boolean> {
  return (await descendantsOf(root)).some(({ command }) => command.includes(PROBE));
}

/**
 * The spare worker, where no session runs below a process and it has loaded and warmed all it will need.
 * @param wait lets so many milliseconds pass.
 */
export async function idleSpareBelow(
  root: number,
  wait: (ms: number) => Promise<unknown>,
): Promise<number | undefined> {
  const [worker, ...others] = await workersBelow(root);
  if (worker === undefined || others.length > 0) return undefined;
  const before = await readProcess(worker);
  await wait(QUIET_WINDOW_MS);
  const after = await readProcess(worker);
  if (!before || !after || before.cpuMs === 0) return undefined;
  return after.cpuMs - before.cpuMs < QUIET_CPU_MS ? worker : undefined;
}

import { setTimeout as sleep } from 'node:timers/promises';
import { GateProblem } from './gate-problem.ts';

/** @throws GateProblem `stopped` */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (cause) {
    throw new GateProblem('stopped', 'This run was stopped before its end.', { cause });
  }
}

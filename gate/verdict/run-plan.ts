import type { Side } from '../result.ts';

/** One run of everything that is measured, of one side. */
export interface PlannedRun {
  readonly side: Side;
  /** From 1; the same for both sides of a pair. */
  readonly run: number;
}

/**
 * On a machine with nothing else to do, twelve pairs of runs of twenty seconds catch 5 ms of click to
 * photon in 197 comparisons of 200, and eight in 175 (`npm run bench -- verdicts`). More budgets may
 * take more: see `runsFor`.
 */
export const DEFAULT_RUNS = 12;

/**
 * The order of runs. Sides are interleaved, so that whatever the machine does meanwhile happens to
 * both; and which is first changes with every pair (A B, B A, A B, …), so that a machine that gets
 * slower and slower is held against neither.
 * @param from the number of the first run; more than 1 where others were there before.
 */
export function planRuns(sides: 'b' | 'a and b', runs: number, from = 1): PlannedRun[] {
  return Array.from({ length: runs }, (_, i) => from + i).flatMap((run): PlannedRun[] => {
    if (sides === 'b') return [{ side: 'b', run }];
    const order: readonly Side[] = run % 2 === 1 ? ['a', 'b'] : ['b', 'a'];
    return order.map((side) => ({ side, run }));
  });
}

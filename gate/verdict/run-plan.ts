import type { Side } from '../result.ts';

/**
 * On a machine with nothing else to do, twelve pairs of runs of twenty seconds catch 5 ms of click to
 * photon in 197 comparisons of 200, and eight in 175 (`npm run bench -- verdicts`). More budgets may
 * take more: see `runsFor`.
 */
export const DEFAULT_RUNS = 12;

/**
 * Both sides of a run in their order. They are neighbours, so that whatever the machine does meanwhile
 * happens to both; and which is first changes with every pair (A B, B A, A B, …), so that a machine
 * that gets slower and slower is held against neither.
 * @param run from 1.
 */
export function sidesInTurn(run: number): readonly Side[] {
  return run % 2 === 1 ? ['a', 'b'] : ['b', 'a'];
}

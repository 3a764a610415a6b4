import type { RateTraceData } from './link-model.ts';

const STEP_MS = 500;

/**
 * 40 s of a phone's downlink, Mbit/s every 500 ms: a random walk drawn once and kept, between 3 and
 * 12, that changes by a tenth or two from step to step as scheduling and fading do, and twice falls
 * to a quarter within three seconds as at the edge of a cell.
 */
const MEGABITS = [
  [7.2, 7.8, 7.5, 7.2, 6.3, 6.2, 7.4, 8.8, 9.9, 10.4, 11.3, 11.6, 10.5, 11.4, 12, 11.2],
  [9.4, 7.6, 6.9, 5.6, 5.1, 5.3, 6, 5.5, 4.7, 3.9, 3, 3.1, 3.3, 4.7, 5.6, 6.2],
  [7.4, 8.3, 9, 9.2, 8.7, 7.7, 7.2, 8.6, 9.8, 10.1, 9.5, 8, 7.2, 8.6, 7.6, 6.4],
  [5.5, 4.8, 5.5, 6.6, 7.3, 8.4, 9.2, 10.3, 11.8, 12, 11, 9.6, 8.6, 6.5, 4.2, 3.4],
  [3, 3.2, 4, 3.4, 3, 3.6, 5.4, 6.1, 6.3, 7, 6.7, 6.3, 7.2, 8.3, 7.7, 7],
];

export const LTE_TRACE: RateTraceData = MEGABITS.flat().map((megabits) => ({
  durationMs: STEP_MS,
  bitrateBps: megabits * 1e6,
}));

/** DESIGN: no new frame for more than three intervals, and 150 ms at least, is a freeze. */
const FREEZE_INTERVALS = 3;
const FREEZE_MS = 150;

/** Longest time without a new frame that is no freeze. */
export function freezeLimitMs(frameRate: number): number {
  return Math.max(FREEZE_MS, (FREEZE_INTERVALS * 1000) / frameRate);
}

/** A time without a new frame that is long enough to be seen as one. */
export interface Freeze {
  /** When the last frame before it was displayed, or the measurement began. */
  readonly fromMs: number;
  /** When the next one was displayed, or the measurement ended. */
  readonly toMs: number;
}

/**
 * Freezes of a measurement from 0 to `durationMs`, those that it began or ended with included.
 * @param framesMs when each frame was displayed, in order.
 */
export function findFreezes(
  framesMs: readonly number[],
  durationMs: number,
  frameRate: number,
): Freeze[] {
  const limitMs = freezeLimitMs(frameRate);
  const freezes: Freeze[] = [];
  let fromMs = 0;
  for (const toMs of [...framesMs, durationMs]) {
    if (toMs - fromMs > limitMs) freezes.push({ fromMs, toMs });
    fromMs = toMs;
  }
  return freezes;
}

/** How much longer than one frame interval pictures stood still in freezes, altogether. */
export function frozenMs(freezes: readonly Freeze[], frameRate: number): number {
  return freezes.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs - 1000 / frameRate, 0);
}

/** From its last frame to the next; 0 without any. */
export function longestMs(freezes: readonly Freeze[]): number {
  return Math.max(0, ...freezes.map(({ fromMs, toMs }) => toMs - fromMs));
}

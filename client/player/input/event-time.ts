/**
 * When an input happened: its own time stamp where that is on the `performance.now()` timeline and
 * not in the future, else now (a gamepad that was never touched says 0, an old browser the epoch).
 */
export function eventTimeMs(timeStampMs: number, nowMs: number): number {
  return timeStampMs > 0 && timeStampMs <= nowMs ? timeStampMs : nowMs;
}

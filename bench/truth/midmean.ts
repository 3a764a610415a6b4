/**
 * The mean of the middle half. What stalls makes no difference to it, and unlike a median it does not
 * jump by a whole frame where half of the readings are of one frame and half of the next.
 * @returns NaN for no values.
 */
export function midmeanOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const cut = Math.floor(sorted.length / 4);
  const middle = sorted.slice(cut, sorted.length - cut);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

export interface Reading {
  readonly atMs: number;
  readonly value: number;
}

const MINUTE_MS = 60_000;

/**
 * How fast readings grow, a minute: the slope of the straight line with the least squares.
 * @returns NaN for fewer than two moments.
 */
export function slopePerMinute(readings: readonly Reading[]): number {
  const count = readings.length;
  const meanMs = readings.reduce((sum, { atMs }) => sum + atMs, 0) / count;
  const mean = readings.reduce((sum, { value }) => sum + value, 0) / count;
  let covariance = 0;
  let variance = 0;
  for (const { atMs, value } of readings) {
    covariance += (atMs - meanMs) * (value - mean);
    variance += (atMs - meanMs) ** 2;
  }
  return variance === 0 ? Number.NaN : (covariance / variance) * MINUTE_MS;
}

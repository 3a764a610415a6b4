import type { Statistics } from './run-record.ts';
import type { Reading } from './trend.ts';

type Counts = Pick<Statistics, 'atMs' | 'jitterBufferDelayMs' | 'jitterBufferFrames'>;

/**
 * Mean time that the frames between two samples spent in the jitter buffer, milliseconds. Nothing
 * for samples without a frame, nor where the counters begin again with a new connection.
 */
export function jitterBufferDelays(samples: readonly Counts[]): Reading[] {
  const readings: Reading[] = [];
  for (const [i, sample] of samples.entries()) {
    const before = samples[i - 1];
    const frames = sample.jitterBufferFrames - (before?.jitterBufferFrames ?? Number.NaN);
    if (!before || !(frames > 0)) continue;
    const delayMs = sample.jitterBufferDelayMs - before.jitterBufferDelayMs;
    readings.push({ atMs: sample.atMs, value: delayMs / frames });
  }
  return readings;
}

import { describe, expect, it } from 'vitest';
import { jitterBufferDelays } from '../../../bench/network/measure/jitter-buffer.ts';
import { slopePerMinute } from '../../../bench/network/measure/trend.ts';
import { statisticsSample } from './run-records.ts';

describe('the slope', () => {
  const minutes = (count: number, valueAt: (minute: number) => number) =>
    Array.from({ length: count }, (_, i) => ({ atMs: i * 60_000, value: valueAt(i) }));

  it('is what a straight line grows by in a minute', () => {
    expect(slopePerMinute(minutes(10, (minute) => 5 + 0.25 * minute))).toBeCloseTo(0.25);
  });

  it('is not moved by what swings about a level', () => {
    const swinging = minutes(101, (minute) => 20 + (minute % 2 === 0 ? 3 : -3));
    expect(Math.abs(slopePerMinute(swinging))).toBeLessThan(0.001);
  });

  it('falls for what falls', () => {
    expect(slopePerMinute(minutes(10, (minute) => -2 * minute))).toBeCloseTo(-2);
  });

  it('is unknown from a single reading', () => {
    expect(slopePerMinute(minutes(1, () => 5))).toBeNaN();
  });
});

describe('delays in the jitter buffer', () => {
  const sample = (atMs: number, jitterBufferDelayMs: number, jitterBufferFrames: number) =>
    statisticsSample({ atMs, jitterBufferDelayMs, jitterBufferFrames });

  it('are means over the frames between two samples', () => {
    const samples = [sample(0, 100, 10), sample(500, 400, 40), sample(1000, 1000, 70)];
    expect(jitterBufferDelays(samples)).toEqual([
      { atMs: 500, value: 10 },
      { atMs: 1000, value: 20 },
    ]);
  });

  it('leave out a time without frames and the seam of two connections', () => {
    const samples = [sample(0, 100, 10), sample(500, 100, 10), sample(1000, 20, 4)];
    expect(jitterBufferDelays(samples)).toEqual([]);
  });
});

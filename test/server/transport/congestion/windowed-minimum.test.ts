import { describe, expect, it } from 'vitest';
import { WindowedMinimum } from '../../../../server/transport/congestion/windowed-minimum.ts';

describe('WindowedMinimum', () => {
  it('holds the least value for about the window, then forgets it', () => {
    const minimum = new WindowedMinimum(16_000);
    expect(minimum.value).toBe(Number.POSITIVE_INFINITY);
    minimum.add(5, 0);
    for (let atUs = 1000; atUs <= 14_000; atUs += 500) minimum.add(9, atUs);
    expect(minimum.value).toBe(5);
    for (let atUs = 14_500; atUs <= 17_000; atUs += 500) minimum.add(9, atUs);
    expect(minimum.value).toBe(9);
  });

  it('forgets everything over a long pause, and when told to', () => {
    const minimum = new WindowedMinimum(16_000);
    minimum.add(5, 0);
    minimum.add(9, 1e9);
    expect(minimum.value).toBe(9);
    minimum.reset();
    expect(minimum.value).toBe(Number.POSITIVE_INFINITY);
    minimum.add(7, 3);
    expect(minimum.value).toBe(7);
  });

  it('counts what comes late as if it had come now', () => {
    const minimum = new WindowedMinimum(16_000);
    minimum.add(5, 100_000);
    minimum.add(3, 10);
    expect(minimum.value).toBe(3);
  });
});

import { describe, expect, it } from 'vitest';
import { DelayGauge } from '../../../../client/player/media/delay-gauge.ts';

function feed(gauge: DelayGauge, ...readings: (number | undefined)[]): number {
  for (const reading of readings) gauge.handleReading(reading);
  return gauge.excessMs;
}

describe('DelayGauge', () => {
  it('measures the level of a second against the lowest there was', () => {
    const gauge = new DelayGauge();
    expect(feed(gauge, 20, 20, 20)).toBe(0);
    expect(feed(gauge, 20, 10, 10, 10, 10)).toBe(0);
    expect(feed(gauge, 70, 70, 70, 70)).toBe(60);
  });

  it('is not moved by a reading that stands alone, nor by none', () => {
    const gauge = new DelayGauge();
    expect(feed(gauge, 10, 10, 10, 10, 900, 10, undefined, undefined)).toBe(0);
  });

  it('knows nothing of what was before a reset', () => {
    const gauge = new DelayGauge();
    feed(gauge, 10, 10, 10, 10, 90, 90, 90, 90);
    gauge.reset();
    expect(feed(gauge, 90, 90, 90, 90)).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { TrendlineEstimator } from '../../../../server/transport/congestion/trendline-estimator.ts';
import { seededRandom } from '../../../support/simulated-path.ts';

/** The trend after `groups` groups of 16 ms, each delayed by so much more than the last. */
function trendAfter(groups: number, extraUs: (i: number) => number): TrendlineEstimator {
  const trendline = new TrendlineEstimator();
  let arrivalUs = 0;
  for (let i = 0; i < groups; i++) {
    const deltaUs = 16_000 + extraUs(i);
    arrivalUs += deltaUs;
    trendline.add(16_000, deltaUs, arrivalUs);
  }
  return trendline;
}

describe('TrendlineEstimator', () => {
  it('says nothing before its window is full', () => {
    const trendline = trendAfter(19, () => 5000);
    expect(trendline.trend).toBe(0);
    expect(trendline.samples).toBe(19);
  });

  it('approaches the slope of a queue that grows steadily', () => {
    expect(trendAfter(200, () => 1600).trend).toBeCloseTo(1600 / 17_600, 2);
    expect(trendAfter(200, () => -1600).trend).toBeCloseTo(-1600 / 14_400, 2);
  });

  it('is zero on an even path, and next to nothing for a clock that drifts', () => {
    expect(trendAfter(100, () => 0).trend).toBe(0);
    expect(Math.abs(trendAfter(1000, () => 16_000 * 200e-6).trend)).toBeLessThan(0.001);
  });

  it('stays far below the threshold with 30 ms of jitter', () => {
    const random = seededRandom(3);
    // The last of ten packets of a group.
    const lateness = (): number => 30_000 * Math.max(...Array.from({ length: 10 }, random));
    let lateUs = lateness();
    let worst = 0;
    const trendline = new TrendlineEstimator();
    for (let i = 0; i < 2000; i++) {
      const nextUs = lateness();
      const deltaUs = 16_000 + nextUs - lateUs;
      lateUs = nextUs;
      trendline.add(16_000, deltaUs, i * 16_000 + nextUs);
      worst = Math.max(worst, Math.abs(trendline.trend));
    }
    expect(worst * 60 * 4).toBeLessThan(6);
  });

  it('survives arrivals at one and the same time', () => {
    const trendline = new TrendlineEstimator();
    for (let i = 0; i < 40; i++) trendline.add(16_000, 0, 5);
    expect(trendline.trend).toBe(0);
  });
});

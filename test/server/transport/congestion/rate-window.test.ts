import { describe, expect, it } from 'vitest';
import { RateWindow } from '../../../../server/transport/congestion/rate-window.ts';

/** 1000 bytes every millisecond: 8 Mbit/s. */
function filled(fromUs: number, toUs: number): RateWindow {
  const window = new RateWindow();
  for (let atUs = fromUs; atUs < toUs; atUs += 1000) window.add(1000, atUs);
  return window;
}

describe('RateWindow', () => {
  it('knows the rate over the time that ended just now', () => {
    const window = filled(0, 3_000_000);
    expect(window.bitrateBps(500_000, 100_000, 2_999_000)).toBeCloseTo(8e6, -6);
    expect(window.bitrateBps(200_000, 100_000, 2_999_000)).toBeCloseTo(8e6, -6);
  });

  it('tells nothing before there is enough history', () => {
    const window = filled(0, 50_000);
    expect(new RateWindow().bitrateBps(500_000, 100_000, 0)).toBeUndefined();
    expect(window.bitrateBps(500_000, 100_000, 50_000)).toBeUndefined();
    expect(window.bitrateBps(500_000, 40_000, 49_000)).toBeCloseTo(8e6, -6);
  });

  it('falls while nothing comes', () => {
    const window = filled(0, 1_000_000);
    expect(window.bitrateBps(500_000, 100_000, 1_250_000)).toBeCloseTo(4e6, -5);
    expect(window.bitrateBps(500_000, 100_000, 1_800_000)).toBe(0);
  });

  it('counts what comes out of order where it belongs', () => {
    const window = new RateWindow();
    window.add(1000, 500_000);
    window.add(9000, 100_000);
    expect(window.bitrateBps(200_000, 0, 500_000)).toBeCloseTo(40_000, 0);
    expect(window.bitrateBps(500_000, 0, 500_000)).toBeCloseTo(200_000, 0);
  });

  it('starts anew after a long pause or when a clock was set', () => {
    const window = filled(0, 1_000_000);
    window.add(1000, 90_000_000);
    expect(window.bitrateBps(500_000, 100_000, 90_000_000)).toBeUndefined();
    window.add(1000, 5000);
    window.add(1000, 15_000);
    expect(window.bitrateBps(500_000, 0, 15_000)).toBe(1.6e6);
  });
});

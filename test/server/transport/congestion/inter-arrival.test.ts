import { beforeEach, describe, expect, it } from 'vitest';
import { InterArrival } from '../../../../server/transport/congestion/inter-arrival.ts';

describe('InterArrival', () => {
  let arrivals: InterArrival;
  beforeEach(() => {
    arrivals = new InterArrival();
  });

  it('compares groups of packets that were sent within 5 ms, by their last arrivals', () => {
    expect(arrivals.add(0, 100_000)).toBe(false);
    expect(arrivals.add(4000, 106_000)).toBe(false);
    expect(arrivals.add(20_000, 130_000)).toBe(false);
    expect(arrivals.add(23_000, 133_000)).toBe(false);
    expect(arrivals.add(40_000, 160_000)).toBe(true);
    expect(arrivals.sendDeltaUs).toBe(19_000);
    expect(arrivals.arrivalDeltaUs).toBe(27_000);
    expect(arrivals.arrivalUs).toBe(133_000);
  });

  it('takes packets that a blocked path let go at once for one group', () => {
    arrivals.add(0, 100_000);
    // Held back until 200 ms, then delivered 1 ms apart.
    for (let i = 1; i <= 5; i++) arrivals.add(i * 16_000, 200_000 + i * 1000);
    expect(arrivals.add(100_000, 215_000)).toBe(true);
    expect(arrivals.sendDeltaUs).toBe(80_000);
    expect(arrivals.arrivalDeltaUs).toBe(105_000);
  });

  it('does not let a flood of arrivals hide a queue for longer than 100 ms', () => {
    let groups = 0;
    arrivals.add(0, 0);
    for (let i = 1; i < 200; i++) if (arrivals.add(i * 6000, 1_000_000 + i * 4000)) groups++;
    expect(groups).toBeGreaterThan(3);
  });

  it('keeps packets that overtook others in their own group', () => {
    arrivals.add(0, 100_000);
    arrivals.add(16_000, 140_000);
    arrivals.add(32_000, 135_000);
    expect(arrivals.add(48_000, 160_000)).toBe(true);
    expect(arrivals.arrivalDeltaUs).toBe(-5000);
  });

  it('ignores packets out of the order they were sent in', () => {
    arrivals.add(20_000, 100_000);
    arrivals.add(40_000, 120_000);
    expect(arrivals.add(10_000, 125_000)).toBe(false);
    expect(arrivals.add(60_000, 140_000)).toBe(true);
    expect(arrivals.sendDeltaUs).toBe(20_000);
  });

  it('starts anew when the far side sets its clock', () => {
    arrivals.add(0, 0);
    arrivals.add(20_000, 20_000);
    expect(arrivals.add(40_000, 90_000_000)).toBe(false);
    expect(arrivals.add(60_000, 90_020_000)).toBe(false);
    expect(arrivals.add(80_000, 90_040_000)).toBe(true);
    expect(arrivals.arrivalDeltaUs).toBe(20_000);
  });
});

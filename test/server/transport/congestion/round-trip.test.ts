import { describe, expect, it } from 'vitest';
import { RoundTrip } from '../../../../server/transport/congestion/round-trip.ts';

describe('RoundTrip', () => {
  it('smooths, and remembers the least one', () => {
    const roundTrip = new RoundTrip();
    expect(roundTrip.smoothedMs).toBeUndefined();
    expect(roundTrip.minimumMs).toBeUndefined();
    roundTrip.add(40, 0);
    roundTrip.add(120, 50_000);
    expect(roundTrip.smoothedMs).toBe(50);
    expect(roundTrip.minimumMs).toBe(40);
  });

  it('ignores what cannot be', () => {
    const roundTrip = new RoundTrip();
    for (const rttMs of [-1, Number.NaN, Number.POSITIVE_INFINITY, 11_000]) roundTrip.add(rttMs, 0);
    expect(roundTrip.smoothedMs).toBeUndefined();
  });

  it('forgets the least one when the route has changed', () => {
    const roundTrip = new RoundTrip();
    roundTrip.add(20, 0);
    for (let i = 1; i < 100; i++) roundTrip.add(90, i * 50_000);
    roundTrip.rebase(5e6);
    expect(roundTrip.minimumMs).toBeCloseTo(90, 0);
  });
});

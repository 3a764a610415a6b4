import { describe, expect, it } from 'vitest';
import { LinkCapacity } from '../../../../server/transport/congestion/link-capacity.ts';

describe('LinkCapacity', () => {
  it('knows nothing at first: nothing is outside its bounds', () => {
    const capacity = new LinkCapacity();
    expect(capacity.bitrateBps).toBeUndefined();
    expect(capacity.upperBps).toBe(Number.POSITIVE_INFINITY);
    expect(capacity.lowerBps).toBe(0);
  });

  it('follows overuse slowly and probes quickly', () => {
    const slow = new LinkCapacity();
    const quick = new LinkCapacity();
    for (const capacity of [slow, quick]) capacity.addOveruse(4e6);
    slow.addOveruse(6e6);
    quick.addProbe(6e6);
    expect(slow.bitrateBps).toBeCloseTo(4.1e6, -3);
    expect(quick.bitrateBps).toBeCloseTo(5e6, -3);
  });

  it('widens its bounds where samples disagree, within reason', () => {
    const steady = new LinkCapacity();
    const unsteady = new LinkCapacity();
    for (let i = 0; i < 200; i++) {
      steady.addOveruse(4e6);
      unsteady.addOveruse(i % 2 === 0 ? 3e6 : 5e6);
    }
    const width = (capacity: LinkCapacity): number => capacity.upperBps - capacity.lowerBps;
    expect(width(unsteady)).toBeGreaterThan(2 * width(steady));
    expect(width(unsteady)).toBeLessThan(0.2 * 4e6);
    expect(width(steady)).toBeGreaterThan(0.05 * 4e6);
  });

  it('forgets when reset', () => {
    const capacity = new LinkCapacity();
    capacity.addOveruse(4e6);
    capacity.reset();
    expect(capacity.bitrateBps).toBeUndefined();
  });
});

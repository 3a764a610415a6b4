import { describe, expect, it } from 'vitest';
import { bestThereIs } from '../../signaling/best-there-is.ts';
import { candidate, indexOf, ticket } from './indexer/sample-pool.ts';

const near = candidate(1);
const far = candidate(2);
const farther = candidate(3);
const paths = new Map([
  [near.containerId, 12],
  [far.containerId, 90],
  [farther.containerId, 150],
]);

describe('the best there is', () => {
  it('is far where nothing nearer would ever be free', () => {
    const { chosen, decision } = bestThereIs(indexOf(farther, far), ticket({ paths }));
    expect(chosen).toBe(far.containerId);
    expect(decision).toMatchObject({ waitedMs: 0, latencyLimitMs: 10_000 });
  });

  it('is waited for where something nearer is merely full', () => {
    const index = indexOf({ ...near, freeSlots: 0 }, far);
    expect(bestThereIs(index, ticket({ paths })).problem).toBe('full');
    expect(bestThereIs(index, ticket({ paths, waitedMs: 5_000 })).chosen).toBe(far.containerId);
  });

  it('does less than was chosen where no machine does that much', () => {
    const small = candidate(4, {
      capacity: { ...near.capacity, pixelsPerSecond: 1280 * 720 * 60 },
    });
    const settings = { ...ticket().settings, resolution: { width: 1920, height: 1080 } };
    expect(bestThereIs(indexOf(small), ticket({ settings })).chosen).toBe(small.containerId);
  });
});

import { describe, expect, it } from 'vitest';
import { headroomMs, qualityMs, unknownPathMs } from '../../../signaling/indexer/score.ts';
import { hashOf, tieKey } from '../../../signaling/indexer/tie-break.ts';
import { CAPACITY } from './sample-pool.ts';

describe('quality', () => {
  it('costs what the pictures come later than usual, once many sessions say so', () => {
    const slow = (sessions: number) =>
      qualityMs({ clickToPhotonP95Ms: 100, sessions, failures: 0 }, 60);
    expect(slow(20)).toBe(20);
    expect(slow(1)).toBeCloseTo(40 / 21, 9);
    expect(slow(1e9)).toBeCloseTo(40, 3);
  });

  it('earns nothing by being faster than usual', () => {
    expect(qualityMs({ clickToPhotonP95Ms: 20, sessions: 50, failures: 0 }, 60)).toBe(0);
  });

  it('costs 50 ms where one session in ten fails', () => {
    const quality = { clickToPhotonP95Ms: 0, sessions: 1e9, failures: 1e8 };
    expect(qualityMs(quality, 60)).toBeCloseTo(50, 3);
  });

  it('is nothing for a container of which nothing is known', () => {
    expect(qualityMs(undefined, 60)).toBe(0);
    expect(qualityMs({ clickToPhotonP95Ms: 900, sessions: 0, failures: 0 }, 60)).toBe(0);
  });
});

describe('headroom', () => {
  const empty = { capacity: CAPACITY, free: CAPACITY, slots: 4, freeSlots: 4 };

  it('costs nothing on an empty machine, nor for what the machine does not have', () => {
    expect(CAPACITY.gpuMemoryBytes).toBe(0);
    expect(headroomMs(empty)).toBe(0);
  });

  it('grows with the square of the part that is used most', () => {
    const free = { ...CAPACITY, cpus: CAPACITY.cpus / 2, memoryBytes: CAPACITY.memoryBytes * 0.9 };
    expect(headroomMs({ ...empty, free })).toBe(25 / 4);
  });

  it('counts slots as a part', () => {
    expect(headroomMs({ ...empty, freeSlots: 1 })).toBe(25 * 0.75 ** 2);
  });

  it('is never more than that of a full machine, whatever a container says', () => {
    const free = { ...CAPACITY, cpus: -5 };
    expect(headroomMs({ ...empty, free })).toBe(25);
    expect(headroomMs({ ...empty, free: { ...CAPACITY, cpus: 900 } })).toBe(0);
  });
});

describe('a path that nobody knows', () => {
  it('is the round trip to signaling and a penalty', () => {
    expect(unknownPathMs(12)).toBe(52);
  });

  it('is a long one where that is not known either', () => {
    expect(unknownPathMs(undefined)).toBe(190);
  });
});

describe('the key that breaks ties', () => {
  it('is a number of 32 bits that never changes', () => {
    // FNV-1a's published test vector for "foobar".
    expect(hashOf('foobar') >>> 0).toBe(0xbf9cf968);
    expect(tieKey(1, hashOf('foobar'))).toBe(tieKey(1, hashOf('foobar')));
    expect(tieKey(0xffff_ffff, -1)).toBe(0);
  });

  it('orders containers anew for each seed', () => {
    const ids = ['a', 'b', 'c', 'd'];
    const orders = new Set<string>();
    for (let seed = 0; seed < 500; seed++) {
      const keys = ids.map((id): [number, string] => [tieKey(seed, hashOf(id)), id]);
      orders.add(
        keys
          .sort(([one], [other]) => one - other)
          .map(([, id]) => id)
          .join(''),
      );
    }
    expect(orders.size).toBe(24);
  });
});

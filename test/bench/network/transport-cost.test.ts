import { describe, expect, it } from 'vitest';
import { allocatedBetween } from '../../../bench/network/measure/allocation.ts';
import { withFiller } from '../../../bench/network/senders/filler-frame.ts';

describe('allocation', () => {
  it('is what memory grew by between collections, not what they let go', () => {
    const collections = [
      { before: { heap: 50, external: 5 }, after: { heap: 10, external: 4 } },
      { before: { heap: 40, external: 9 }, after: { heap: 12, external: 2 } },
    ];
    const first = { heap: 20, external: 0 };
    const last = { heap: 22, external: 3 };
    expect(allocatedBetween(first, collections, last)).toEqual({
      heap: 30 + 30 + 10,
      external: 5 + 5 + 1,
    });
  });

  it('is never negative where memory was let go between collections', () => {
    const use = (heap: number) => ({ heap, external: 0 });
    expect(allocatedBetween(use(100), [], use(60)).heap).toBe(0);
  });
});

describe('a filled frame', () => {
  const frame = Uint8Array.of(0, 0, 0, 1, 0x65, 1, 2, 3);

  it('has its size, the picture first and filler after it', () => {
    const filled = withFiller(frame, 20);
    expect([...filled.subarray(0, 8)]).toEqual([...frame]);
    expect([...filled.subarray(8)]).toEqual([0, 0, 0, 1, 22, ...Array(6).fill(0xff), 0x80]);
  });

  it('is left alone where it is as large already', () => {
    expect(withFiller(frame, 10)).toBe(frame);
  });
});

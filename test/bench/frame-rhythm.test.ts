import { describe, expect, it } from 'vitest';
import { framesPerSecond, freezesOf, sizesOf } from '../../bench/support/frame-rhythm.ts';

const every = (intervalMs: number, count: number, fromMs = 0) =>
  Array.from({ length: count }, (_, i) => ({
    shownMs: fromMs + i * intervalMs,
    width: 640,
    height: 360,
  }));

describe('framesPerSecond', () => {
  it('counts whole seconds from the first frame on', () => {
    expect(framesPerSecond(every(50, 61, 12_345))).toEqual([20, 20, 20]);
  });

  it('gives a second without a frame its 0', () => {
    expect(framesPerSecond([...every(100, 10), ...every(100, 11, 2000)])).toEqual([10, 0, 10]);
  });

  it('is empty without frames', () => {
    expect(framesPerSecond([])).toEqual([]);
  });
});

describe('freezesOf', () => {
  it('counts gaps beyond 150 ms at 60 frames a second', () => {
    expect(freezesOf([...every(16, 3), { shownMs: 32 + 150 }, { shownMs: 32 + 301 }], 60)).toEqual([
      151,
    ]);
  });

  it('allows three intervals of a slow stream', () => {
    expect(freezesOf(every(290, 5), 10)).toEqual([]);
  });
});

describe('sizesOf', () => {
  it('tells each change with its time', () => {
    const small = every(10, 3, 2000).map((frame) => ({ ...frame, width: 512, height: 288 }));
    expect(sizesOf([...every(10, 3), ...small])).toEqual([
      { size: '640x360', fromS: 0 },
      { size: '512x288', fromS: 2 },
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { PointsInAdvance } from '../../signaling/points-in-advance.ts';

const PART = 100;
const WINDOW_MS = 10_000;

/** A limiter of so many points a window, which says what it was asked for. */
function setUp(limit: number) {
  let nowMs = 0;
  let left = limit;
  let endMs = WINDOW_MS;
  const asked: number[] = [];
  const limiter = {
    consume: async (_key: string | number, points = 1) => {
      asked.push(points);
      if (nowMs >= endMs) {
        left = limit;
        endMs = nowMs + WINDOW_MS;
      }
      left -= points;
      if (left < 0) throw new Error('too much');
      return { msBeforeNext: endMs - nowMs } as never;
    },
  };
  const points = new PointsInAdvance(limiter, PART, () => nowMs);
  return {
    points,
    asked,
    advance: (ms: number) => {
      nowMs += ms;
    },
  };
}

describe('points taken in advance', () => {
  it('are asked for once for many, also by those who come at once', async () => {
    const { points, asked } = setUp(1_000);
    await Promise.all(Array.from({ length: 20 }, () => points.consume('one', 5)));
    expect(asked).toEqual([PART]);
    await points.consume('one', 5);
    expect(asked).toEqual([PART, PART]);
  });

  it('are of one key each', async () => {
    const { points, asked } = setUp(1_000);
    await points.consume('one', 5);
    await points.consume('another', 5);
    expect(asked).toEqual([PART, PART]);
  });

  it('are refused beyond the limit, by no more than a part before it', async () => {
    const { points } = setUp(250);
    let spent = 0;
    await expect(
      (async () => {
        for (;;) {
          await points.consume('one', 5);
          spent += 5;
        }
      })(),
    ).rejects.toThrow('too much');
    expect(spent).toBeLessThanOrEqual(250);
    expect(spent).toBeGreaterThan(250 - PART);
  });

  it('are worth nothing after their window', async () => {
    const { points, asked, advance } = setUp(PART);
    await points.consume('one', 5);
    advance(WINDOW_MS);
    await points.consume('one', 5);
    expect(asked).toEqual([PART, PART]);
  });

  it('are as many as something dear costs', async () => {
    const { points, asked } = setUp(1_000);
    await points.consume('one', 3 * PART);
    expect(asked).toEqual([3 * PART]);
  });
});

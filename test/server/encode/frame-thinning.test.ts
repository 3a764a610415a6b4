import { describe, expect, it } from 'vitest';
import { FrameThinning } from '../../../server/encode/frame-thinning.ts';

/** Numbers of the frames admitted, of those at the times given. */
function admitted(
  thinning: FrameThinning,
  ticksMs: readonly number[],
  inputSeq: (index: number) => number = () => 0,
): number[] {
  return ticksMs.flatMap((tickMs, index) =>
    thinning.admits({ tickUs: tickMs * 1000, inputSeq: inputSeq(index) }) ? [index] : [],
  );
}

const at60 = (frames: number): number[] =>
  Array.from({ length: frames }, (_, i) => (i * 1000) / 60);

describe('FrameThinning', () => {
  it('admits every frame until it is told otherwise, and where there are no more than wanted', () => {
    const thinning = new FrameThinning();
    expect(admitted(thinning, [0, 1, 2])).toEqual([0, 1, 2]);
    thinning.setRates(60, 60);
    // An input made one tick come early.
    expect(admitted(thinning, [17, 27, 50, 51])).toEqual([0, 1, 2, 3]);
    thinning.setRates(Number.POSITIVE_INFINITY, 60);
    expect(admitted(thinning, [60, 61])).toEqual([0, 1]);
  });

  it('takes every other frame for half the rate', () => {
    const thinning = new FrameThinning();
    thinning.setRates(30, 60);
    expect(admitted(thinning, at60(8))).toEqual([0, 2, 4, 6]);
  });

  it('takes two of three evenly for two thirds of the rate', () => {
    const thinning = new FrameThinning();
    thinning.setRates(40, 60);
    const taken = admitted(thinning, at60(60));
    expect(taken).toHaveLength(40);
    for (const [i, index] of taken.entries()) {
      expect(index - (taken[i - 1] ?? -1)).toBeLessThanOrEqual(2);
    }
  });

  it('lets a frame that shows a new input through in place of the next', () => {
    const thinning = new FrameThinning();
    thinning.setRates(30, 60);
    expect(admitted(thinning, at60(8), (index) => (index < 3 ? 1 : 2))).toEqual([0, 2, 3, 6]);
  });

  it('keeps to the rate where every frame shows a new input', () => {
    const thinning = new FrameThinning();
    thinning.setRates(30, 60);
    const taken = admitted(thinning, at60(120), (index) => index);
    expect(taken.length).toBeGreaterThanOrEqual(60);
    expect(taken.length).toBeLessThanOrEqual(61);
  });

  it('makes up for no pause', () => {
    const thinning = new FrameThinning();
    thinning.setRates(30, 60);
    const late = at60(6).map((tickMs) => tickMs + 5000);
    expect(admitted(thinning, [0, ...late])).toEqual([0, 1, 3, 5]);
  });

  it('has the next frame go in place of one that was not sent', () => {
    const thinning = new FrameThinning();
    thinning.setRates(30, 60);
    expect(admitted(thinning, [0])).toEqual([0]);
    thinning.takeBack();
    expect(admitted(thinning, [17, 33, 50, 67])).toEqual([0, 1, 3]);
  });
});

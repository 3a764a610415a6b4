import { describe, expect, it } from 'vitest';
import { SizeWatch } from '../../../../client/player/media/size-watch.ts';

const LARGE = { width: 1280, height: 720 };
const SMALL = { width: 640, height: 360 };

/** A watch that has seen the large size come, and whose readings decode a frame each. */
function watchOf() {
  const watch = new SizeWatch();
  let framesDecoded = 0;
  const read = (size: typeof LARGE | undefined, readings: number, frames = 1) =>
    Array.from({ length: readings }, () => {
      framesDecoded += frames;
      return watch.handleDecoded(size, framesDecoded);
    });
  watch.handleSent(LARGE);
  read(LARGE, 4);
  return { watch, read };
}

describe('size watch', () => {
  it('asks for nothing while the size is the one that is sent', () => {
    const { read } = watchOf();
    expect(read(LARGE, 20)).not.toContain(true);
  });

  it('asks once where frames of the old size go on', () => {
    const { watch, read } = watchOf();
    watch.handleSent(SMALL);
    expect(read(LARGE, 20).filter((asks) => asks)).toHaveLength(1);
    watch.handleSent({ ...SMALL });
    expect(read(LARGE, 20)).not.toContain(true);
  });

  it('gives a change three quarters of a second', () => {
    const { watch, read } = watchOf();
    watch.handleSent(SMALL);
    expect(read(LARGE, 2)).toEqual([false, false]);
    expect(read(SMALL, 20)).not.toContain(true);
    watch.handleSent(LARGE);
    expect(read(SMALL, 3)).toEqual([false, false, true]);
  });

  it('waits while nothing is decoded, or the browser does not tell sizes', () => {
    const { watch, read } = watchOf();
    watch.handleSent(SMALL);
    expect(read(LARGE, 20, 0)).not.toContain(true);
    expect(read(undefined, 20)).not.toContain(true);
  });

  it('knows nothing before the worker has said what it sends', () => {
    const watch = new SizeWatch();
    expect([1, 2, 3, 4, 5].map((frames) => watch.handleDecoded(SMALL, frames))).not.toContain(true);
  });
});

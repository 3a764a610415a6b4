import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fitWithin,
  pictureSizeSchema,
  RESOLUTIONS,
  sizesUpTo,
} from '../../protocol/stream-settings.ts';

const anySize = fc.record({
  width: fc.integer({ min: 160, max: 1920 }).map((half) => half * 2),
  height: fc.integer({ min: 100, max: 1080 }).map((half) => half * 2),
});

describe('pictureSizeSchema', () => {
  it.each([
    [{ width: 800, height: 600 }, true],
    [{ width: 3840, height: 2160 }, true],
    [{ width: 801, height: 600 }, false],
    [{ width: 4096, height: 2160 }, false],
    [{ width: 0, height: 600 }, false],
  ])('takes %o: %s', (size, taken) => {
    expect(pictureSizeSchema.safeParse(size).success).toBe(taken);
  });
});

describe('fitWithin', () => {
  it.each([
    [
      { width: 800, height: 600 },
      { width: 1280, height: 720 },
      { width: 800, height: 600 },
    ],
    [
      { width: 1600, height: 1200 },
      { width: 1280, height: 720 },
      { width: 960, height: 720 },
    ],
    [
      { width: 1920, height: 1080 },
      { width: 768, height: 432 },
      { width: 768, height: 432 },
    ],
    [
      { width: 853, height: 479 },
      { width: 9999, height: 9999 },
      { width: 852, height: 478 },
    ],
  ])('puts %o into %o as %o', (picture, box, expected) => {
    expect(fitWithin(picture, box)).toEqual(expected);
  });
});

describe('sizesUpTo', () => {
  it.each([...RESOLUTIONS])('are those on offer for $width×$height', (size) => {
    const index = RESOLUTIONS.indexOf(size);
    expect(sizesUpTo(size)).toEqual(RESOLUTIONS.slice(0, index + 1));
  });

  it('have the shape of the picture, grow, and end with it', () => {
    fc.assert(
      fc.property(anySize, (picture) => {
        const sizes = sizesUpTo(picture);
        expect(sizes.at(-1)).toEqual(picture);
        let before = 0;
        for (const size of sizes) {
          expect(pictureSizeSchema.safeParse(size).success).toBe(true);
          expect(size.width * size.height).toBeGreaterThan(before);
          before = size.width * size.height;
          // Two pixels of the smaller side are what rounding takes at most.
          const scale = size.width / picture.width;
          const tolerance = 2 + (2 * picture.height) / picture.width;
          expect(Math.abs(size.height - picture.height * scale)).toBeLessThanOrEqual(tolerance);
        }
      }),
    );
  });

  it('are one where the picture is small already', () => {
    expect(sizesUpTo({ width: 320, height: 200 })).toEqual([{ width: 320, height: 200 }]);
  });
});

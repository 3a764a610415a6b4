import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CalibrationMark,
  CELL_BRIGHT,
  CELL_DARK,
  calibrationNonce,
  decodeCalibrationMark,
  encodeCalibrationMark,
  GRID_COLUMNS,
  GRID_ROWS,
  type LumaSampler,
  patchLuma,
  patchSize,
  STRIP_TOP,
} from '../../protocol/calibration-picture.ts';
import { RESOLUTIONS, type Resolution } from '../../protocol/stream-settings.ts';

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const marks = fc.record({
  frameNumber: u32,
  inputSeq: u32,
  nonce: fc.integer({ min: 0, max: 0xffff }),
});
const sizes: fc.Arbitrary<Resolution> = fc.constantFrom(...RESOLUTIONS, {
  width: 320,
  height: 180,
});

/** The strip as an ideal picture of any size. */
function picture(mark: CalibrationMark, { width, height }: Resolution): LumaSampler {
  const words = encodeCalibrationMark(mark);
  return (x, y) => {
    const column = Math.floor((x * GRID_COLUMNS) / width);
    const row = Math.floor((y * GRID_ROWS) / height) - STRIP_TOP;
    return ((words[row] ?? 0) >>> (31 - column)) & 1 ? CELL_BRIGHT : CELL_DARK;
  };
}

describe('calibration picture', () => {
  it('gives back every mark at every size', () => {
    fc.assert(
      fc.property(marks, sizes, (mark, size) => {
        expect(decodeCalibrationMark(picture(mark, size), size)).toEqual(mark);
      }),
    );
  });

  it('is read through heavy noise and shifted levels', () => {
    const noise = fc.infiniteStream(fc.integer({ min: -60, max: 60 }));
    fc.assert(
      fc.property(
        marks,
        sizes,
        noise,
        fc.integer({ min: -15, max: 15 }),
        (mark, size, by, level) => {
          const clean = picture(mark, size);
          const noisy: LumaSampler = (x, y) => clean(x, y) + level + (by.next().value ?? 0);
          expect(decodeCalibrationMark(noisy, size)).toEqual(mark);
        },
      ),
    );
  });

  it('is read when luma was stretched to full range, as a canvas does', () => {
    fc.assert(
      fc.property(marks, (mark) => {
        const size = { width: 640, height: 360 };
        const limited = picture(mark, size);
        const full: LumaSampler = (x, y) => ((limited(x, y) - 16) * 255) / 219;
        expect(decodeCalibrationMark(full, size)).toEqual(mark);
      }),
    );
  });

  it('refuses a strip with one to three cells of a word flipped', () => {
    const cells = fc.uniqueArray(fc.integer({ min: 0, max: 31 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(marks, fc.integer({ min: 0, max: 2 }), cells, (mark, word, columns) => {
        const size = { width: 512, height: 288 };
        const clean = picture(mark, size);
        const damaged: LumaSampler = (x, y) => {
          const hit =
            columns.includes(Math.floor(x / 16)) && Math.floor(y / 16) === STRIP_TOP + word;
          return hit ? CELL_BRIGHT + CELL_DARK - clean(x, y) : clean(x, y);
        };
        expect(decodeCalibrationMark(damaged, size)).toBeUndefined();
      }),
    );
  });

  it('refuses flat pictures', () => {
    const size = { width: 1280, height: 720 };
    for (const level of [0, 16, 128, 235, 255]) {
      expect(decodeCalibrationMark(() => level, size)).toBeUndefined();
    }
  });

  it('has a checksum that other implementations of CRC-16/CCITT-FALSE agree with', () => {
    // The catalogue's check value is that of the nine digits "123456789"; ten zero bytes give 0xe139.
    const [, , word] = encodeCalibrationMark({ frameNumber: 0, inputSeq: 0, nonce: 0 });
    expect(word & 0xffff).toBe(0xe139);
  });

  it('measures the patch inside the top-left eighth only', () => {
    for (const size of RESOLUTIONS) {
      const patch = patchSize(size);
      expect(patch.width).toBeGreaterThanOrEqual(size.width / 8);
      expect(patch.width - size.width / 8).toBeLessThan(2);
      expect(patch.height % 2).toBe(0);
      expect(patchLuma((x, y) => (x < size.width / 8 && y < size.height / 8 ? 226 : 0), size)).toBe(
        226,
      );
    }
  });

  it('gives neighbouring seeds different nonces', () => {
    const nonces = new Set(Array.from({ length: 1000 }, (_, seed) => calibrationNonce(seed)));
    expect(nonces.size).toBeGreaterThan(950);
  });
});

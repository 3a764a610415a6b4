import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../gate/network/seeded-random.ts';
import { type LumaPicture, meanSquaredError, psnrDb, ssim } from '../../gate/quality/likeness.ts';
import { type DrawSource, qualityOf } from '../../gate/quality/picture-quality.ts';
import { sceneLuma } from '../../renderer/calibration/scene-picture.ts';

const SIZE = { width: 512, height: 288 };
const drawSource: DrawSource = ({ nonce, frameNumber, inputSeq }, bright, size) =>
  sceneLuma(nonce, { frameNumber, inputSeq, bright }, size);

/** What a page would see of a frame on a path that changes nothing. */
function seen(frameNumber: number, change: (luma: number) => number = (luma) => luma): LumaPicture {
  const limited = sceneLuma(7, { frameNumber, inputSeq: 3, bright: frameNumber % 2 === 0 }, SIZE);
  const luma = limited.map((value) => {
    const full = Math.round(((value - 16) * 255) / 219);
    return Math.min(255, Math.max(0, change(full)));
  });
  return { ...SIZE, luma };
}

function noise(size: number, seed = 1): (luma: number) => number {
  const random = new SeededRandom(seed);
  return (luma) => Math.round(luma + size * random.normal());
}

describe('likeness', () => {
  it('is complete for the same picture, and 60 dB stand for no difference', () => {
    const picture = seen(1);
    expect(ssim(picture, picture)).toBeCloseTo(1, 9);
    expect(psnrDb(meanSquaredError(picture, picture))).toBe(60);
  });

  it('falls with every added noise, whichever picture comes first', () => {
    const picture = seen(1);
    let last = { ssim: 1, psnr: 60 };
    for (const size of [2, 6, 18]) {
      const noisy = seen(1, noise(size));
      const now = { ssim: ssim(picture, noisy), psnr: psnrDb(meanSquaredError(picture, noisy)) };
      expect(now.ssim).toBeLessThan(last.ssim);
      expect(now.psnr).toBeLessThan(last.psnr);
      expect(ssim(noisy, picture)).toBeCloseTo(now.ssim, 9);
      last = now;
    }
  });

  it('is what its definition says for an error of one size everywhere', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 80 }), (error) => {
        expect(psnrDb(error * error)).toBeCloseTo(20 * Math.log10(255 / error), 6);
      }),
    );
  });

  it('refuses pictures of different sizes', () => {
    const small = { width: 8, height: 8, luma: new Uint8Array(64) };
    expect(() => ssim(seen(1), small)).toThrow(RangeError);
  });
});

describe('the quality of received pictures', () => {
  it('is that of each beside its own source, found by its marks alone', () => {
    const quality = qualityOf([seen(5), seen(90), seen(91)], drawSource);
    expect(quality.ssim).toBeGreaterThan(0.999);
    expect(quality.psnrDb).toBeGreaterThan(50);
  });

  it('tells a picture that went to noise from a good one', () => {
    const quality = qualityOf([seen(5, noise(12))], drawSource);
    expect(quality.ssim).toBeLessThan(0.95);
    expect(quality.psnrDb).toBeLessThan(30);
  });

  it('would not take one frame for another', () => {
    const other: DrawSource = (mark, bright, size) =>
      drawSource({ ...mark, frameNumber: mark.frameNumber + 40 }, bright, size);
    expect(qualityOf([seen(5)], other).ssim).toBeLessThan(0.9);
  });

  it('says nothing of pictures without marks', () => {
    const grey = { ...SIZE, luma: new Uint8Array(SIZE.width * SIZE.height).fill(90) };
    expect(qualityOf([grey], drawSource)).toEqual({});
    expect(qualityOf([], drawSource)).toEqual({});
  });
});

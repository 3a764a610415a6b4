import { describe, expect, it } from 'vitest';
import type { RawPicture } from '../../../renderer/cover.ts';
import { isPlain, samplesOf } from '../../../server/try-out/picture-samples.ts';
import { ScreenshotMoments } from '../../../server/try-out/screenshot-moments.ts';

const SIZE = { width: 128, height: 72 };

/** I420 whose luma is a function of the place. */
function picture(luma: (x: number, y: number) => number, chroma = 128): RawPicture {
  const { width, height } = SIZE;
  const pixels = new Uint8Array((width * height * 3) / 2).fill(chroma);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) pixels[y * width + x] = luma(x, y);
  }
  return { format: 'i420', ...SIZE, pixels };
}

const black = picture(() => 16);
/** Stripes, begun at a place of their own. */
const scene = (from: number) => picture((x) => ((x + from) % 64 < 32 ? 40 : 200));

describe('samples of a picture', () => {
  it('tell one colour from a picture, whatever the colour', () => {
    expect(isPlain(samplesOf(black))).toBe(true);
    expect(isPlain(samplesOf(picture(() => 235, 90)))).toBe(true);
    expect(isPlain(samplesOf(picture((x, y) => 100 + ((x + y) % 3))))).toBe(true);
    expect(isPlain(samplesOf(scene(0)))).toBe(false);
  });

  it('tell colours apart that are equally bright', () => {
    const { pixels } = picture(() => 120);
    pixels.fill(200, 128 * 72, 128 * 72 + 1_000);
    expect(isPlain(samplesOf({ format: 'i420', ...SIZE, pixels }))).toBe(false);
  });

  it('read RGBA too', () => {
    const pixels = new Uint8Array(SIZE.width * SIZE.height * 4).fill(30);
    expect(isPlain(samplesOf({ format: 'rgba', ...SIZE, pixels }))).toBe(true);
    pixels.fill(90, 0, pixels.length / 2);
    expect(isPlain(samplesOf({ format: 'rgba', ...SIZE, pixels }))).toBe(false);
  });
});

describe('ScreenshotMoments', () => {
  it('waits at each moment for a picture that shows something', () => {
    const moments = new ScreenshotMoments();
    moments.handlePicture(scene(0), 500);
    moments.handlePicture(black, 1_000);
    moments.handlePicture(black, 1_100);
    expect(moments.taken).toHaveLength(0);
    moments.handlePicture(scene(0), 1_200);
    moments.handlePicture(scene(16), 1_300);
    expect(moments.taken.map(({ atMs }) => atMs)).toEqual([1_200]);
    moments.handlePicture(scene(32), 5_016);
    expect(moments.taken.map(({ atMs }) => atMs)).toEqual([1_200, 5_016]);
  });

  it('takes nothing that looks like what it has, and takes what changes later', () => {
    const moments = new ScreenshotMoments();
    moments.handlePicture(scene(0), 1_000);
    moments.handlePicture(scene(0), 5_000);
    expect(moments.taken).toHaveLength(1);
    moments.handlePicture(scene(24), 6_500);
    expect(moments.taken.map(({ atMs }) => atMs)).toEqual([1_000, 6_500]);
  });

  it('does not make up for moments at which there was nothing to see', () => {
    const moments = new ScreenshotMoments();
    moments.handlePicture(scene(0), 14_000);
    moments.handlePicture(scene(24), 14_016);
    expect(moments.taken.map(({ atMs }) => atMs)).toEqual([14_000]);
  });

  it('keeps a copy: the memory is the runtime’s', () => {
    const moments = new ScreenshotMoments();
    const lent = scene(0);
    moments.handlePicture(lent, 1_000);
    lent.pixels.fill(0);
    expect(moments.taken[0]?.pixels.some((value) => value === 200)).toBe(true);
  });

  it('says whether anything was ever seen', () => {
    const moments = new ScreenshotMoments();
    moments.handlePicture(black, 1_000);
    expect(moments.showsSomething).toBe(false);
    moments.handlePicture(scene(0), 1_100);
    expect(moments.showsSomething).toBe(true);
  });
});

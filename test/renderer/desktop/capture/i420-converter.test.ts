import { describe, expect, it } from 'vitest';
import type { Resolution } from '../../../../protocol/stream-settings.ts';
import { I420Converter } from '../../../../renderer/desktop/capture/i420-converter.ts';
import { i420Of } from '../../../support/i420-reference.ts';

function fillWithNoise(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at++) bytes[at] = (at * 2654435761) >>> 24;
}

/** ITU-R BT.709-6 §3 with 8 bits in limited range, without any rounding. */
function exactly([blue = 0, green = 0, red = 0]: readonly number[]): [number, number, number] {
  const luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  const u = (224 * (blue - luma)) / 1.8556 / 255;
  const v = (224 * (red - luma)) / 1.5748 / 255;
  return [16 + (219 * luma) / 255, 128 + u, 128 + v];
}

async function converterOf(resolution: Resolution, pictures = 1): Promise<I420Converter> {
  const converter = await I420Converter.open(resolution, pictures);
  fillWithNoise(converter.pixels);
  return converter;
}

function firstOf({ pictures }: I420Converter): Uint8Array {
  const [picture] = pictures;
  if (!picture) throw new Error('There must be a picture.');
  return picture;
}

describe('I420 converter', () => {
  it('is nowhere further than a step from the standard', async () => {
    const size = { width: 512, height: 288 };
    const converter = await converterOf(size);
    const picture = firstOf(converter);
    converter.convert(picture, 0, size.height);
    const { pixels } = converter;
    const u = size.width * size.height;
    let worst = 0;
    const compare = (value: number | undefined, exact: number) => {
      worst = Math.max(worst, Math.abs((value ?? 0) - exact));
    };
    for (let y = 0; y < size.height; y += 2) {
      for (let x = 0; x < size.width; x += 2) {
        const places = [0, 1, size.width, size.width + 1].map((step) => y * size.width + x + step);
        const colours = places.map((place) => [...pixels.subarray(place * 4, place * 4 + 3)]);
        for (const [index, place] of places.entries()) {
          compare(picture[place], exactly(colours[index] ?? [])[0]);
        }
        const mean = [0, 1, 2].map((channel) =>
          colours.reduce((sum, colour) => sum + (colour[channel] ?? 0) / 4, 0),
        );
        const chroma = (y / 2) * (size.width / 2) + x / 2;
        const [, exactU, exactV] = exactly(mean);
        compare(picture[u + chroma], exactU);
        compare(picture[u + u / 4 + chroma], exactV);
      }
    }
    expect(worst).toBeLessThan(0.8);
  });

  it.each([
    ['black', [0, 0, 0], [16, 128, 128]],
    ['white', [255, 255, 255], [235, 128, 128]],
    ['grey', [128, 128, 128], [126, 128, 128]],
  ])('keeps %s without colour', async (_, bgr, yuv) => {
    const size = { width: 16, height: 2 };
    const converter = await converterOf(size);
    for (let at = 0; at < converter.pixels.length; at += 4) converter.pixels.set(bgr, at);
    const picture = firstOf(converter);
    converter.convert(picture, 0, 2);
    expect([picture[0], picture[32], picture[40]]).toEqual(yuv);
  });

  // 16 pixels at a time: rows that end within a block, and one that is a single block.
  it.each([16, 18, 30, 32, 442, 854, 1366])(
    'fills every row, %i wide, and no other',
    async (width) => {
      const size = { width, height: 12 };
      const converter = await converterOf(size, 3);
      const expected = i420Of(converter.pixels, size);
      const [before, picture, after] = converter.pictures;
      if (!before || !picture || !after) throw new Error('There must be three pictures.');
      for (const one of converter.pictures) one.fill(77);
      converter.convert(picture, 0, 12);
      expect(Buffer.compare(picture, expected)).toBe(0);
      expect(new Set([...before, ...after])).toEqual(new Set([77]));
    },
  );

  it('brings up to date the rows it is told, and those only', async () => {
    const size = { width: 48, height: 10 };
    const converter = await converterOf(size);
    const expected = i420Of(converter.pixels, size);
    const picture = firstOf(converter).fill(77);
    converter.convert(picture, 4, 8);
    const u = 48 * 10;
    const touched = (at: number) => {
      const row = at < u ? at / 48 : (((at - u) % (u / 4)) / 24) * 2;
      return row >= 4 && row < 8;
    };
    expect([...picture]).toEqual([...expected].map((value, at) => (touched(at) ? value : 77)));
    converter.convert(picture, 10, 0);
    expect(picture[0]).toBe(77);
  });

  it.each([
    { width: 15, height: 4 },
    { width: 33, height: 4 },
    { width: 32, height: 5 },
  ])('refuses $width × $height', async (size) => {
    await expect(I420Converter.open(size, 1)).rejects.toBeInstanceOf(RangeError);
  });
});

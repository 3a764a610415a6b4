import { describe, expect, it } from 'vitest';
import { RESOLUTIONS, type Resolution } from '../../../protocol/stream-settings.ts';
import { PictureScaler } from '../../../server/encode/picture-scaler.ts';

/** Red, green, blue and what BT.709 makes of them in limited range (ITU-R BT.709-6 §3). */
const COLOURS = [
  { name: 'black', rgb: [0, 0, 0], yuv: [16, 128, 128] },
  { name: 'white', rgb: [255, 255, 255], yuv: [235, 128, 128] },
  { name: 'red', rgb: [255, 0, 0], yuv: [63, 102, 240] },
  { name: 'green', rgb: [0, 255, 0], yuv: [173, 42, 26] },
  { name: 'blue', rgb: [0, 0, 255], yuv: [32, 240, 118] },
  { name: 'grey', rgb: [128, 128, 128], yuv: [126, 128, 128] },
] as const;

function filled({ width, height }: Resolution, rgb: readonly number[]): Uint8Array {
  const rgba = new Uint8Array(width * height * 4);
  for (let i = 0; i < rgba.length; i += 4) rgba.set([...rgb, 255], i);
  return rgba;
}

const rgba = (pixels: Uint8Array, size: Resolution) => ({
  format: 'rgba' as const,
  ...size,
  pixels,
});

/** What games of their own choose; rows are no multiple of anything. */
const ODD_SIZES: readonly Resolution[] = [
  { width: 442, height: 332 },
  { width: 854, height: 480 },
  { width: 1366, height: 768 },
];

describe('PictureScaler', () => {
  const scaler = new PictureScaler();

  it.each(COLOURS)('turns $name into its BT.709 limited range values', async ({ rgb, yuv }) => {
    const size = { width: 64, height: 32 };
    const i420 = await scaler.scale(rgba(filled(size, rgb), size), size);
    const luma = size.width * size.height;
    const planes = [i420.subarray(0, luma), i420.subarray(luma, (luma * 5) / 4)];
    planes.push(i420.subarray((luma * 5) / 4));
    for (const [index, plane] of planes.entries()) {
      for (const value of plane) expect(Math.abs(value - (yuv[index] ?? 0))).toBeLessThanOrEqual(1);
    }
  });

  it.each([...RESOLUTIONS, ...ODD_SIZES])(
    'keeps every corner in place at $width×$height',
    async (size) => {
      const { width, height } = size;
      const drawn = filled(size, [0, 0, 0]);
      const corners = [0, width - 2, (height - 2) * width, (height - 1) * width - 2];
      for (const corner of corners) {
        for (const pixel of [corner, corner + 1, corner + width, corner + width + 1]) {
          drawn.fill(255, pixel * 4, pixel * 4 + 4);
        }
      }
      const i420 = await scaler.scale(rgba(drawn, size), size);
      expect(i420.length).toBe((width * height * 3) / 2);
      for (const corner of corners) expect(i420[corner]).toBeGreaterThan(200);
      expect(i420[(height >> 1) * width + (width >> 1)]).toBe(16);
    },
  );

  it('copies nothing where the picture is I420 of that size already', async () => {
    const size = { width: 64, height: 32 };
    const pixels = new Uint8Array((64 * 32 * 3) / 2);
    expect(await scaler.scale({ format: 'i420', ...size, pixels }, size)).toBe(pixels);
  });

  it.each(['i420', 'rgba'] as const)(
    'makes %s smaller and keeps what it shows in place',
    async (format) => {
      const from = { width: 1280, height: 720 };
      const to = { width: 640, height: 360 };
      let pixels = filled(from, [0, 0, 0]);
      // The right half is white.
      for (let y = 0; y < from.height; y++) {
        pixels.fill(255, (y * from.width + 640) * 4, (y + 1) * from.width * 4);
      }
      if (format === 'i420') {
        pixels = Uint8Array.from(await scaler.scale(rgba(pixels, from), from));
      }
      const small = await scaler.scale({ format, ...from, pixels }, to);
      expect(small.length).toBe((640 * 360 * 3) / 2);
      for (const y of [0, 180, 359]) {
        expect([...small.subarray(y * 640 + 300, y * 640 + 312)]).toEqual(Array(12).fill(16));
        expect([...small.subarray(y * 640 + 328, y * 640 + 340)]).toEqual(Array(12).fill(235));
      }
      expect(new Set(small.subarray(640 * 360))).toEqual(new Set([128]));
    },
  );

  it('goes from one size to another and back', async () => {
    for (const width of [640, 512, 640, 768]) {
      const size = { width, height: (width * 9) / 16 };
      const from = { width: 960, height: 540 };
      const grey = await scaler.scale(rgba(filled(from, [128, 128, 128]), from), size);
      expect(grey.length).toBe((size.width * size.height * 3) / 2);
      expect(grey[0]).toBe(126);
    }
  });

  it.each([444, 804, 854, 1366, 1368])('lets no row spill into another, %i wide', async (width) => {
    const from = { width: width + 2, height: 482 };
    const to = { width, height: 480 };
    const luma = width * 480;
    const pixels = filled(from, [90, 30, 200]);
    for (let round = 0; round < 5; round++) {
      const i420 = await scaler.scale(rgba(pixels, from), to);
      const planes = [i420.subarray(0, luma), i420.subarray(luma, (luma * 5) / 4)];
      planes.push(i420.subarray((luma * 5) / 4));
      // Rounding makes one of a value; a stray pixel is far from it.
      for (const plane of planes) {
        const values = [...new Set(plane)];
        expect(Math.max(...values) - Math.min(...values)).toBeLessThanOrEqual(1);
      }
    }
  });

  it('makes an even picture of an odd one', async () => {
    const from = { width: 853, height: 479 };
    const white = rgba(filled(from, [255, 255, 255]), from);
    const i420 = await scaler.scale(white, { width: 852, height: 478 });
    expect(i420.length).toBe((852 * 478 * 3) / 2);
    expect(new Set(i420.subarray(0, 852 * 478))).toEqual(new Set([235]));
  });

  it('may be closed while it scales, and refuses what comes after', async () => {
    const closing = new PictureScaler();
    const size = { width: 640, height: 360 };
    const picture = rgba(filled(size, [9, 9, 9]), size);
    const under = closing.scale(picture, size);
    closing.close();
    closing.close();
    await expect(under).resolves.toHaveLength((640 * 360 * 3) / 2);
    await expect(closing.scale(picture, size)).rejects.toMatchObject({
      code: 'encoder-failed',
    });
  });
});

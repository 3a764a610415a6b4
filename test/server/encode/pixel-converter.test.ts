import { describe, expect, it } from 'vitest';
import { RESOLUTIONS, type Resolution } from '../../../protocol/stream-settings.ts';
import { PixelConverter } from '../../../server/encode/pixel-converter.ts';

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

describe('PixelConverter', () => {
  const converter = new PixelConverter();

  it.each(COLOURS)('turns $name into its BT.709 limited range values', async ({ rgb, yuv }) => {
    const size = { width: 64, height: 32 };
    const i420 = await converter.convert(filled(size, rgb), size);
    const luma = size.width * size.height;
    const planes = [i420.subarray(0, luma), i420.subarray(luma, (luma * 5) / 4)];
    planes.push(i420.subarray((luma * 5) / 4));
    for (const [index, plane] of planes.entries()) {
      for (const value of plane) expect(Math.abs(value - (yuv[index] ?? 0))).toBeLessThanOrEqual(1);
    }
  });

  it.each([...RESOLUTIONS])('keeps every corner in place at $width×$height', async (size) => {
    const { width, height } = size;
    const rgba = filled(size, [0, 0, 0]);
    const corners = [0, width - 2, (height - 2) * width, (height - 1) * width - 2];
    for (const corner of corners) {
      for (const pixel of [corner, corner + 1, corner + width, corner + width + 1]) {
        rgba.fill(255, pixel * 4, pixel * 4 + 4);
      }
    }
    const i420 = await converter.convert(rgba, size);
    expect(i420.length).toBe((width * height * 3) / 2);
    for (const corner of corners) expect(i420[corner]).toBeGreaterThan(200);
    expect(i420[(height >> 1) * width + (width >> 1)]).toBe(16);
  });

  it('may be closed while it converts, and refuses what comes after', async () => {
    const closing = new PixelConverter();
    const size = { width: 640, height: 360 };
    const under = closing.convert(filled(size, [9, 9, 9]), size);
    closing.close();
    closing.close();
    await expect(under).resolves.toHaveLength((640 * 360 * 3) / 2);
    await expect(closing.convert(filled(size, [9, 9, 9]), size)).rejects.toMatchObject({
      code: 'encoder-failed',
    });
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_COVER_BYTES } from '../../protocol/container-messages.ts';
import { coverOfFile, renderCover } from '../../renderer/cover.ts';
import { BUILT_IN_GAMES } from '../../renderer/game-catalogue.ts';

function calibration() {
  const entry = BUILT_IN_GAMES.get('calibration');
  if (!entry) throw new Error('the catalogue has no calibration scene');
  return entry;
}

describe('cover', () => {
  it('is a small 640 × 360 WebP of the game at play', async () => {
    const cover = await renderCover(calibration());
    const picture = sharp(cover);
    expect(await picture.metadata()).toMatchObject({ format: 'webp', width: 640, height: 360 });
    expect(cover.byteLength).toBeLessThanOrEqual(MAX_COVER_BYTES);
    // Dark patch in the corner, grey ground, bright and coloured cells.
    const { channels } = await picture.stats();
    for (const { min, max } of channels) {
      expect(min).toBeLessThan(30);
      expect(max).toBeGreaterThan(215);
    }
  });

  it('is the same picture every time', async () => {
    const [first, second] = [await renderCover(calibration()), await renderCover(calibration())];
    expect(Buffer.compare(first, second)).toBe(0);
  });
});

describe('coverOfFile', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rockpool-cover-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('cuts a picture of any shape to a small 640 × 360 WebP', async () => {
    const path = join(folder, 'tall.png');
    const red = { r: 255, g: 0, b: 0 };
    const tall = sharp({ create: { width: 300, height: 900, channels: 3, background: red } });
    await tall.png().toFile(path);
    const cover = await coverOfFile(path);
    expect(await sharp(cover).metadata()).toMatchObject({
      format: 'webp',
      width: 640,
      height: 360,
    });
    expect(cover.byteLength).toBeLessThanOrEqual(MAX_COVER_BYTES);
    expect((await sharp(cover).stats()).channels[0]?.mean).toBeGreaterThan(240);
  });

  it('refuses what is no picture, and kinds of pictures it does not take', async () => {
    const text = join(folder, 'cover.png');
    writeFileSync(text, 'not a picture');
    await expect(coverOfFile(text)).rejects.toThrow(/cover.png cannot be read as a picture/);
    const vector = join(folder, 'cover.svg');
    writeFileSync(vector, '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    await expect(coverOfFile(vector)).rejects.toThrow(/cover.svg is no PNG, JPEG or WebP/);
  });
});

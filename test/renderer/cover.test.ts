import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { MAX_COVER_BYTES } from '../../protocol/container-messages.ts';
import { renderCover } from '../../renderer/cover.ts';
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

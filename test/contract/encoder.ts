import { afterEach, describe, expect, it } from 'vitest';
import type { Encoder, EncoderFactory, EncoderSettings } from '../../server/encode/encoder.ts';

export const CONTRACT_SETTINGS: EncoderSettings = {
  width: 512,
  height: 288,
  frameRate: 60,
  bitrateBps: 4_000_000,
  threads: 1,
};

/** A picture that moves with `index`, tightly packed. */
export function movingPicture({ width, height }: EncoderSettings, index: number): Uint8Array {
  const i420 = new Uint8Array((width * height * 3) / 2).fill(128);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      // Texture of which every bit counts, so that rate control has something to decide.
      const grain = (x * 37 + y * 101 + ((x * y) >> 3)) & 0x1f;
      i420[y * width + x] = 60 + grain + (((x + index * 7) >> 3) & 0x3f);
    }
  }
  return i420;
}

/** What every {@link Encoder} promises; run on each implementation. */
export function describeEncoderContract(create: () => EncoderFactory): void {
  describe('as an encoder', () => {
    let encoder: Encoder | undefined;
    afterEach(() => encoder?.close());

    async function open(settings = CONTRACT_SETTINGS): Promise<Encoder> {
      encoder = await create().open(settings);
      return encoder;
    }

    it('says its name, codec and settings', async () => {
      const factory = create();
      encoder = await factory.open(CONTRACT_SETTINGS);
      expect(encoder.name).toBe(factory.name);
      expect(encoder.codec).toBe(factory.codec);
      expect(encoder.settings).toEqual(CONTRACT_SETTINGS);
    });

    it('gives one frame for each one, keyframes only first and when asked', async () => {
      const open1 = await open();
      const keyframes: number[] = [];
      for (let index = 0; index < 40; index++) {
        const picture = movingPicture(CONTRACT_SETTINGS, index);
        const frame = await open1.encode(picture, 1000 + index * 1500, index === 20);
        expect(frame.data.length).toBeGreaterThan(0);
        expect(frame.quantizer ?? 0).toBeGreaterThanOrEqual(0);
        expect(frame.quantizer ?? 1).toBeLessThanOrEqual(1);
        if (frame.keyframe) keyframes.push(index);
      }
      expect(keyframes).toEqual([0, 20]);
    });

    it('gives data that stays the same while later frames are encoded', async () => {
      const open1 = await open();
      const first = await open1.encode(movingPicture(CONTRACT_SETTINGS, 0), 0, true);
      const copy = Uint8Array.from(first.data);
      for (let index = 1; index < 10; index++) {
        await open1.encode(movingPicture(CONTRACT_SETTINGS, index), index * 1500, false);
      }
      expect(first.data).toEqual(copy);
    });

    it('spends less after its bitrate was lowered, and more after it was raised', async () => {
      const open1 = await open();
      let index = 0;
      const spend = async (frames: number): Promise<{ bytes: number; coarseness: number }> => {
        let bytes = 0;
        let coarseness = 0;
        for (let i = 0; i < frames; i++, index++) {
          const picture = movingPicture(CONTRACT_SETTINGS, index);
          const frame = await open1.encode(picture, index * 1500, false);
          // What follows a change is transition: only the second half is compared.
          if (i < frames / 2) continue;
          bytes += frame.data.length;
          coarseness += frame.quantizer ?? Number.NaN;
        }
        return { bytes, coarseness };
      };
      const before = await spend(60);
      open1.setBitrate(CONTRACT_SETTINGS.bitrateBps / 4);
      const lowered = await spend(60);
      expect(open1.settings.bitrateBps).toBe(CONTRACT_SETTINGS.bitrateBps / 4);
      // Two seconds on: an encoder that answers with keyframes may wait one between changes.
      index += 120;
      open1.setBitrate(CONTRACT_SETTINGS.bitrateBps);
      const raised = await spend(60);
      expect(lowered.bytes).toBeLessThan(before.bytes * 0.6);
      expect(raised.bytes).toBeGreaterThan(lowered.bytes * 1.5);
      if (Number.isNaN(before.coarseness)) return;
      expect(lowered.coarseness).toBeGreaterThan(before.coarseness);
      expect(raised.coarseness).toBeLessThan(lowered.coarseness);
    });

    it('may be closed while it encodes, and more than once', async () => {
      const open1 = await open();
      const under = open1.encode(movingPicture(CONTRACT_SETTINGS, 0), 0, true);
      open1.close();
      open1.close();
      await Promise.allSettled([under]);
      await expect(
        open1.encode(movingPicture(CONTRACT_SETTINGS, 1), 1500, false),
      ).rejects.toMatchObject({ code: 'encoder-failed' });
    });
  });
}

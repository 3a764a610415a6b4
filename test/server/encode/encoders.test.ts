import { Codec } from 'node-av/lib';
import { describe, expect, it } from 'vitest';
import { PATCH_BRIGHT, PATCH_DARK, patchLuma } from '../../../protocol/calibration-picture.ts';
import type { KeyCode } from '../../../protocol/key-codes.ts';
import { RESOLUTIONS, type Resolution } from '../../../protocol/stream-settings.ts';
import { createPatternCalibration } from '../../../renderer/calibration/pattern-calibration.ts';
import { InputTracker } from '../../../renderer/input-state.ts';
import { ENCODER_PROFILES } from '../../../server/encode/known-encoders.ts';
import { LibavEncoderFactory } from '../../../server/encode/libav-encoder.ts';
import { decodeStream } from '../../../server/encode/picture-decoder.ts';
import { SVT_AV1, VP8, X264 } from '../../../server/encode/software-profiles.ts';
import { splitAnnexB } from '../../../server/transport/annex-b.ts';
import {
  CONTRACT_SETTINGS,
  describeEncoderContract,
  movingPicture,
} from '../../contract/encoder.ts';
import { FakeEncoderFactory } from '../../support/fake-encoder.ts';

/** Of which nothing can be foretold from the picture before, as far as an eighth of its bits go. */
function noise(index: number): Uint8Array {
  const picture = movingPicture(CONTRACT_SETTINGS, index);
  let state = index + 1;
  for (let i = 0; i < CONTRACT_SETTINGS.width * CONTRACT_SETTINGS.height; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    picture[i] = (picture[i] ?? 0) + (state >>> 28);
  }
  return picture;
}

/** The calibration scene as a player has it who presses digits, which say how busy it is. */
class PlayedScene {
  readonly #scene = createPatternCalibration({ seed: 1 });
  readonly #input = new InputTracker();
  readonly #picture: Uint8Array;
  #frameNumber = 0;
  #seq = 0;

  constructor(size: Resolution) {
    this.#scene.resize(size);
    this.#picture = new Uint8Array((size.width * size.height * 3) / 2);
  }

  press(code: KeyCode): void {
    this.#input.apply({ type: 'key', seq: ++this.#seq, code, down: true });
  }

  /** The next picture, in memory that is used again. */
  next(): Uint8Array {
    const frameNumber = this.#frameNumber++;
    this.#scene.update(
      {
        input: this.#input,
        frameNumber,
        inputSeq: this.#seq,
        dtS: 1 / 60,
        timeS: frameNumber / 60,
      },
      { setCursor: () => undefined, rumble: () => undefined },
    );
    this.#input.endTick();
    this.#scene.draw(this.#picture);
    return this.#picture;
  }
}

/** All but supplemental information, which libx264 introduces itself with. */
function nalUnits(accessUnit: Uint8Array) {
  const SEI = 6;
  return splitAnnexB(Buffer.from(accessUnit), (first) => (first & 0x1f) !== SEI);
}

describe('libx264', () => {
  describeEncoderContract(() => new LibavEncoderFactory(X264));

  it('repeats its parameter sets with every keyframe, in the constrained baseline profile', async () => {
    const encoder = await new LibavEncoderFactory(X264).open(CONTRACT_SETTINGS);
    for (let index = 0; index < 3; index++) {
      const picture = movingPicture(CONTRACT_SETTINGS, index);
      const { data } = await encoder.encode(picture, index * 1500, index === 2);
      const types = nalUnits(data).map(({ start }) => (data[start] ?? 0) & 0x1f);
      expect(types.slice(0, 3)).toEqual(index === 1 ? [1] : [7, 8, 5]);
      if (index === 0) {
        const sps = nalUnits(data)[0]?.start ?? 0;
        expect(data[sps + 1]).toBe(66);
        expect((data[sps + 2] ?? 0) & 0x40).toBe(0x40);
      }
    }
    encoder.close();
  });
});

describe('libvpx', () => {
  describeEncoderContract(() => new LibavEncoderFactory(VP8));

  it('keeps to its bitrate from one frame to the next, without a keyframe', async () => {
    const encoder = await new LibavEncoderFactory(VP8).open(CONTRACT_SETTINGS);
    const { bitrateBps, frameRate } = CONTRACT_SETTINGS;
    const shareBytes = bitrateBps / frameRate / 8;
    const sizes: number[] = [];
    for (let index = 0; index < 60; index++) {
      if (index === 40) encoder.setBitrate(bitrateBps / 3);
      const { data, keyframe } = await encoder.encode(noise(index), index * 1500, false);
      expect(keyframe).toBe(index === 0);
      sizes.push(data.length / shareBytes);
    }
    encoder.close();
    const mean = (from: number, to: number): number =>
      sizes.slice(from, to).reduce((sum, size) => sum + size, 0) / (to - from);
    expect(mean(10, 40)).toBeGreaterThan(0.85);
    expect(mean(10, 40)).toBeLessThan(1.1);
    expect(sizes[40]).toBeLessThan(0.5);
    expect(mean(45, 60)).toBeLessThan(0.4);
  });
});

describe('libsvtav1', () => {
  describeEncoderContract(() => new LibavEncoderFactory(SVT_AV1));
});

describe('the fake encoder', () => {
  describeEncoderContract(() => new FakeEncoderFactory('fake'));
});

describe.each([X264, VP8])('$name', (profile) => {
  it('makes a frame smaller that has less than its share, and no other', async () => {
    const settings = { ...CONTRACT_SETTINGS, bitrateBps: 2_000_000 };
    const encoder = await new LibavEncoderFactory(profile).open(settings);
    const scene = new PlayedScene(settings);
    scene.press('Digit7');
    const sizes = { early: 0, next: 0, others: 0 };
    const counts = { early: 0, next: 0, others: 0 };
    for (let index = 0; index < 180; index++) {
      const share = index % 6 === 5 ? 0.5 : 1;
      const { data } = await encoder.encode(scene.next(), index * 1500, false, share);
      // It has to learn first how coarse that is.
      if (index < 60) continue;
      const kind = share < 1 ? 'early' : index % 6 === 0 ? 'next' : 'others';
      sizes[kind] += data.length;
      counts[kind]++;
    }
    encoder.close();
    const others = sizes.others / counts.others;
    expect(sizes.early / counts.early / others).toBeGreaterThan(0.4);
    expect(sizes.early / counts.early / others).toBeLessThan(0.65);
    expect(sizes.next / counts.next / others).toBeGreaterThan(0.75);
  });
});

describe.each([X264, VP8, SVT_AV1])('$name', (profile) => {
  it.each([...RESOLUTIONS, { width: 442, height: 332 }, { width: 1366, height: 768 }])(
    'gives back the picture at $width×$height',
    async (size) => {
      const settings = { ...CONTRACT_SETTINGS, ...size, bitrateBps: 20_000_000 };
      const encoder = await new LibavEncoderFactory(profile).open(settings);
      const units: Uint8Array[] = [];
      let picture = new Uint8Array();
      for (let index = 0; index < 4; index++) {
        picture = Uint8Array.from(movingPicture(settings, index));
        units.push((await encoder.encode(picture, index * 1500, false)).data);
      }
      encoder.close();
      const decoded = await decodeStream(profile.codec, units);
      expect(decoded).toMatchObject({ ...size, frames: 4 });
      let difference = 0;
      for (const [i, luma] of decoded.luma.entries())
        difference += Math.abs(luma - (picture[i] ?? 0));
      expect(difference / decoded.luma.length).toBeLessThan(10);
    },
  );
});

describe.each(ENCODER_PROFILES)('$name', (profile) => {
  it('is asked only for options it has', () => {
    const known = Codec.findEncoderByName(profile.name)
      ?.getOptions()
      .map(({ name }) => name);
    // The level of H.264 and H.265 and the profile are options of every encoder.
    expect([...(known ?? []), 'profile']).toEqual(
      expect.arrayContaining(Object.keys(profile.options(CONTRACT_SETTINGS))),
    );
  });

  it('reports its finest and its coarsest quantizer as 0 and 1', () => {
    expect(profile.quantizerFraction(0)).toBe(0);
    const coarsest = [51, 63, 255].map((quantizer) => profile.quantizerFraction(quantizer));
    expect(coarsest).toContain(1);
  });
});

describe.each(ENCODER_PROFILES.filter(({ hardware }) => hardware))('$name', (profile) => {
  it('opens, or fails with a typed error where its hardware is missing', async () => {
    const opening = new LibavEncoderFactory(profile).open(CONTRACT_SETTINGS);
    const outcome = await opening.then(
      (encoder) => {
        encoder.close();
        return 'opened';
      },
      (error: unknown) => error,
    );
    if (outcome !== 'opened') expect(outcome).toMatchObject({ code: 'encoder-failed' });
  });
});

describe.each([X264, VP8])('$name', (profile) => {
  it('still shows what there is to see with next to no bits', async () => {
    const settings = { ...CONTRACT_SETTINGS, bitrateBps: 100_000, threads: 2 };
    const encoder = await new LibavEncoderFactory(profile).open(settings);
    const scene = new PlayedScene(settings);
    const sent: Uint8Array[] = [];
    const shown: number[] = [];
    for (let index = 0; index < 60; index++) {
      // Fine texture, and then a press that flips the patch.
      if (index === 0) scene.press('Digit9');
      if (index === 30) scene.press('KeyF');
      sent.push((await encoder.encode(scene.next(), index * 1500, false)).data);
      if (index % 30 !== 29) continue;
      const { luma } = await decodeStream(profile.codec, sent);
      shown.push(patchLuma((x, y) => luma[y * settings.width + x] ?? 0, settings));
    }
    encoder.close();
    expect(shown[0]).toBeGreaterThan(PATCH_BRIGHT - 40);
    expect(shown[1]).toBeLessThan(PATCH_DARK + 40);
  });
});

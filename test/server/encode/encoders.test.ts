import { describe, expect, it } from 'vitest';
import { RESOLUTIONS } from '../../../protocol/stream-settings.ts';
import { ENCODER_PROFILES, VP8, X264 } from '../../../server/encode/encoder-profile.ts';
import { LibavEncoderFactory } from '../../../server/encode/libav-encoder.ts';
import { decodeStream } from '../../../server/encode/picture-decoder.ts';
import { findNalUnits } from '../../../server/transport/h264-packetizer.ts';
import {
  CONTRACT_SETTINGS,
  describeEncoderContract,
  movingPicture,
} from '../../contract/encoder.ts';
import { FakeEncoderFactory } from '../../support/fake-encoder.ts';

describe('libx264', () => {
  describeEncoderContract(() => new LibavEncoderFactory(X264));

  it('repeats its parameter sets with every keyframe, in the constrained baseline profile', async () => {
    const encoder = await new LibavEncoderFactory(X264).open(CONTRACT_SETTINGS);
    for (let index = 0; index < 3; index++) {
      const picture = movingPicture(CONTRACT_SETTINGS, index);
      const { data } = await encoder.encode(picture, index * 1500, index === 2);
      const types = findNalUnits(Buffer.from(data)).map(({ start }) => (data[start] ?? 0) & 0x1f);
      expect(types.slice(0, 3)).toEqual(index === 1 ? [1] : [7, 8, 5]);
      if (index === 0) {
        const sps = findNalUnits(Buffer.from(data))[0]?.start ?? 0;
        expect(data[sps + 1]).toBe(66);
        expect((data[sps + 2] ?? 0) & 0x40).toBe(0x40);
      }
    }
    encoder.close();
  });
});

describe('libvpx', () => {
  describeEncoderContract(() => new LibavEncoderFactory(VP8));
});

describe('the fake encoder', () => {
  describeEncoderContract(() => new FakeEncoderFactory('fake'));
});

describe.each([X264, VP8])('$name', (profile) => {
  it.each([...RESOLUTIONS])('gives back the picture at $width×$height', async (size) => {
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

import { describe, expect, it } from 'vitest';
import { RockpoolError } from '../../../protocol/errors.ts';
import { VIDEO_CODECS } from '../../../protocol/stream-settings.ts';
import { systemClock } from '../../../renderer/clock.ts';
import type { Encoder, EncoderFactory } from '../../../server/encode/encoder.ts';
import { encoderFactories, LadderEncoder } from '../../../server/encode/encoder-ladder.ts';
import { probeEncoders } from '../../../server/encode/encoder-probe.ts';
import { LibavEncoderFactory } from '../../../server/encode/libav-encoder.ts';
import { SVT_AV1, VP8, X264 } from '../../../server/encode/software-profiles.ts';
import { CONTRACT_SETTINGS, describeEncoderContract } from '../../contract/encoder.ts';
import { FakeEncoderFactory } from '../../support/fake-encoder.ts';

const picture = (value: number): Uint8Array => new Uint8Array(512 * 288 * 1.5).fill(value);

describe('LadderEncoder', () => {
  describeEncoderContract(() => {
    const fake = new FakeEncoderFactory('fake');
    return {
      name: fake.name,
      codec: fake.codec,
      hardware: false,
      open: (settings) => LadderEncoder.open([fake], settings),
    };
  });

  it('opens the first encoder that works', async () => {
    const good = new FakeEncoderFactory('good');
    const changes: string[] = [];
    const ladder = await LadderEncoder.open(
      [new FakeEncoderFactory('absent', { refuseToOpen: true }), good],
      CONTRACT_SETTINGS,
      (name, cause) => changes.push(`${name}: ${cause?.message}`),
    );
    expect(ladder.name).toBe('good');
    expect(changes).toEqual(['good: absent does not open.']);
  });

  it('goes on with the next encoder when one fails, with the same frame as a keyframe', async () => {
    const failing = new FakeEncoderFactory('failing', { failAtCall: 3 });
    const absent = new FakeEncoderFactory('absent', { refuseToOpen: true });
    const good = new FakeEncoderFactory('good');
    const changes: string[] = [];
    const ladder = await LadderEncoder.open([failing, absent, good], CONTRACT_SETTINGS, (name) =>
      changes.push(name),
    );
    ladder.setBitrate(3_000_000);
    const frames = [];
    for (let i = 0; i < 4; i++) frames.push(await ladder.encode(picture(i), i * 1500, false));
    expect(frames.map(({ keyframe }) => keyframe)).toEqual([true, false, true, false]);
    expect(frames.map(({ data }) => data.at(-1))).toEqual([0, 1, 2, 3]);
    expect(changes).toEqual(['failing', 'good']);
    expect(failing.last.closed).toBe(true);
    expect(good.last.calls[0]).toEqual({
      timestamp90k: 3000,
      keyframe: true,
      share: 1,
      firstByte: 2,
    });
    expect(good.last.settings.bitrateBps).toBe(3_000_000);
  });

  it('fails with its last reason once no encoder is left', async () => {
    const ladder = await LadderEncoder.open(
      [new FakeEncoderFactory('one', { failAtCall: 1 })],
      CONTRACT_SETTINGS,
    );
    const failure = await ladder.encode(picture(0), 0, false).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'encoder-failed', cause: { message: 'one broke.' } });
  });

  it('leaves no encoder open when it is closed while the next one opens', async () => {
    const failing = new FakeEncoderFactory('failing', { failAtCall: 1 });
    const slow = new FakeEncoderFactory('slow');
    let openNow = (): void => {};
    const gate = new Promise<void>((resolve) => {
      openNow = resolve;
    });
    const late: EncoderFactory = {
      name: 'slow',
      codec: 'h264',
      hardware: false,
      open: async (settings): Promise<Encoder> => {
        await gate;
        return slow.open(settings);
      },
    };
    const ladder = await LadderEncoder.open([failing, late], CONTRACT_SETTINGS);
    const under = ladder.encode(picture(0), 0, false);
    ladder.close();
    openNow();
    await expect(under).rejects.toMatchObject({ code: 'encoder-failed' });
    for (const encoder of [...failing.opened, ...slow.opened]) expect(encoder.closed).toBe(true);
  });
});

describe('encoderFactories', () => {
  it('keeps hardware before software in each codec, and to the names and order asked for', () => {
    for (const codec of VIDEO_CODECS) {
      const hardware = encoderFactories()
        .filter((factory) => factory.codec === codec)
        .map((factory) => factory.hardware);
      expect(hardware.length).toBeGreaterThan(0);
      expect(hardware).toEqual(hardware.toSorted((a, b) => Number(b) - Number(a)));
    }
    expect(encoderFactories(['libvpx', 'libx264']).map(({ name }) => name)).toEqual([
      'libvpx',
      'libx264',
    ]);
  });

  it('refuses a name it does not know', () => {
    expect(() => encoderFactories(['libx265'])).toThrow(RockpoolError);
  });
});

describe('probeEncoders', () => {
  it('measures encoders that give back their picture and leaves out those that do not', async () => {
    const refused: string[] = [];
    const reports = await probeEncoders(
      [
        new FakeEncoderFactory('absent', { refuseToOpen: true }),
        new FakeEncoderFactory('garbage'),
        new LibavEncoderFactory(X264),
        new LibavEncoderFactory(VP8),
        new LibavEncoderFactory(SVT_AV1),
      ],
      systemClock,
      (name) => refused.push(name),
    );
    expect(refused).toEqual(['absent', 'garbage']);
    expect(reports.map(({ name, codec }) => `${name} ${codec}`)).toEqual([
      'libx264 h264',
      'libvpx vp8',
      'libsvtav1 av1',
    ]);
    for (const { pixelsPerSecond } of reports) expect(pixelsPerSecond).toBeGreaterThan(0);
  });
});

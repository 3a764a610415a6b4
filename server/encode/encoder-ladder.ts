import { RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import type { VideoCodec } from '../../protocol/stream-settings.ts';
import type { EncodedFrame, Encoder, EncoderFactory, EncoderSettings } from './encoder.ts';
import { ENCODER_PROFILES } from './known-encoders.ts';
import { LibavEncoderFactory } from './libav-encoder.ts';

/**
 * The encoders to try, best first.
 * @param names limits the ladder to these and gives their order.
 * @throws RockpoolError `bad-configuration` where one is unknown.
 */
export function encoderFactories(names?: readonly string[]): EncoderFactory[] {
  const all = ENCODER_PROFILES.map((profile) => new LibavEncoderFactory(profile));
  if (!names) return all;
  return names.map((name) => {
    const factory = all.find((one) => one.name === name);
    if (factory) return factory;
    const known = all.map((one) => one.name).join(', ');
    throw new RockpoolError(
      'bad-configuration',
      `There is no encoder named ${name}. Known: ${known}.`,
    );
  });
}

/** @param cause why the encoder before this one was left; undefined for the first. */
export type EncoderChange = (name: string, cause: RockpoolError | undefined) => void;

/**
 * An encoder that does not fail while any other is left: the first of the ladder that opens is
 * used, and when it fails the next takes its place, beginning with the same frame as a keyframe.
 */
export class LadderEncoder implements Encoder {
  readonly #factories: readonly EncoderFactory[];
  readonly #onChange: EncoderChange;
  #rung = 0;
  #settings: EncoderSettings;
  #current: Encoder;
  #closed = false;

  private constructor(
    factories: readonly EncoderFactory[],
    settings: EncoderSettings,
    onChange: EncoderChange,
    first: { encoder: Encoder; rung: number },
  ) {
    this.#factories = factories;
    this.#settings = settings;
    this.#onChange = onChange;
    this.#current = first.encoder;
    this.#rung = first.rung;
  }

  /**
   * @param factories all of one codec, best first.
   * @throws RockpoolError `encoder-failed` when none opens; its cause is the last one's reason.
   */
  static async open(
    factories: readonly EncoderFactory[],
    settings: EncoderSettings,
    onChange: EncoderChange = () => {},
  ): Promise<LadderEncoder> {
    const first = await openFrom(factories, 0, settings, undefined);
    onChange(first.encoder.name, first.cause);
    return new LadderEncoder(factories, settings, onChange, first);
  }

  get name(): string {
    return this.#current.name;
  }

  get codec(): VideoCodec {
    return this.#current.codec;
  }

  get settings(): EncoderSettings {
    return this.#current.settings;
  }

  async encode(
    i420: Uint8Array,
    timestamp90k: number,
    keyframe: boolean,
    share = 1,
  ): Promise<EncodedFrame> {
    let forced = keyframe;
    for (;;) {
      if (this.#closed) throw new RockpoolError('encoder-failed', 'The encoder is closed.');
      try {
        return await this.#current.encode(i420, timestamp90k, forced, share);
      } catch (error) {
        if (this.#closed) throw error;
        await this.#advance(toRockpoolError(error, 'encoder-failed'));
        forced = true;
      }
    }
  }

  setBitrate(bitrateBps: number): void {
    this.#settings = { ...this.#settings, bitrateBps };
    this.#current.setBitrate(bitrateBps);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#current.close();
  }

  async #advance(cause: RockpoolError): Promise<void> {
    this.#current.close();
    const next = await openFrom(this.#factories, this.#rung + 1, this.#settings, cause);
    // Closed, or told another rate, while the next was opening.
    if (this.#closed) next.encoder.close();
    else next.encoder.setBitrate(this.#settings.bitrateBps);
    this.#current = next.encoder;
    this.#rung = next.rung;
    this.#onChange(next.encoder.name, cause);
  }
}

async function openFrom(
  factories: readonly EncoderFactory[],
  firstRung: number,
  settings: EncoderSettings,
  reason: RockpoolError | undefined,
): Promise<{ encoder: Encoder; rung: number; cause: RockpoolError | undefined }> {
  let cause = reason;
  for (const [rung, factory] of factories.entries()) {
    if (rung < firstRung) continue;
    try {
      return { encoder: await factory.open(settings), rung, cause };
    } catch (error) {
      cause = toRockpoolError(error, 'encoder-failed');
    }
  }
  throw new RockpoolError('encoder-failed', 'No video encoder of this machine works any more.', {
    cause,
  });
}

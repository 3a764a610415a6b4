import { RockpoolError } from '../../protocol/errors.ts';
import type { VideoCodec } from '../../protocol/stream-settings.ts';
import type {
  EncodedFrame,
  Encoder,
  EncoderFactory,
  EncoderSettings,
} from '../../server/encode/encoder.ts';

/** One call of `encode` a fake encoder got. */
export interface FakeEncodeCall {
  readonly timestamp90k: number;
  readonly keyframe: boolean;
  /** Of a frame's bits. */
  readonly share: number;
  /** First byte of the picture. */
  readonly firstByte: number;
}

/**
 * An encoder whose "bitstream" repeats the first byte of the picture. Held calls settle only when
 * `finish` is called, so that a test decides what happens while a frame is at work.
 */
export class FakeEncoder implements Encoder {
  readonly name: string;
  readonly codec: VideoCodec;
  readonly calls: FakeEncodeCall[] = [];
  readonly bitrates: number[] = [];
  closed = false;
  settings: EncoderSettings;
  readonly #behaviour: FakeEncoderBehaviour;
  #hold: boolean;
  #held: (() => void)[] = [];

  constructor(
    name: string,
    codec: VideoCodec,
    settings: EncoderSettings,
    behaviour: FakeEncoderBehaviour,
  ) {
    this.name = name;
    this.codec = codec;
    this.settings = settings;
    this.#behaviour = behaviour;
    this.#hold = behaviour.hold ?? false;
  }

  async encode(
    i420: Uint8Array,
    timestamp90k: number,
    keyframe: boolean,
    share = 1,
  ): Promise<EncodedFrame> {
    if (this.closed) throw new RockpoolError('encoder-failed', `${this.name} is closed.`);
    this.calls.push({ timestamp90k, keyframe, share, firstByte: i420[0] ?? 0 });
    const call = this.calls.length;
    if (this.#hold) await new Promise<void>((resolve) => this.#held.push(resolve));
    if (call >= (this.#behaviour.failAtCall ?? Number.POSITIVE_INFINITY)) {
      throw new RockpoolError('encoder-failed', `${this.name} broke.`);
    }
    const bytes = Math.ceil(this.settings.bitrateBps / this.settings.frameRate / 8);
    const data = new Uint8Array(bytes).fill(i420[0] ?? 0);
    // One slice of an Annex B byte stream: a packetizer finds nothing to send without.
    if (this.codec === 'h264') data.set([0, 0, 1, 0x65, 1].slice(0, bytes));
    return { data, keyframe: keyframe || call === 1, quantizer: this.#behaviour.quantizer };
  }

  /** Lets the oldest held call settle. */
  finish(): void {
    this.#held.shift()?.();
  }

  /** Lets every held and later call settle by itself. */
  stopHolding(): void {
    this.#hold = false;
    for (const settle of this.#held.splice(0)) settle();
  }

  setBitrate(bitrateBps: number): void {
    this.bitrates.push(bitrateBps);
    this.settings = { ...this.settings, bitrateBps };
  }

  close(): void {
    this.closed = true;
  }
}

export interface FakeEncoderBehaviour {
  readonly refuseToOpen?: boolean;
  /** The first call, counted from 1, that fails; all after it fail too. */
  readonly failAtCall?: number;
  readonly hold?: boolean;
  /** Opening settles only when `finishOpening` is called. */
  readonly holdOpening?: boolean;
  /** What every frame reports. */
  readonly quantizer?: number;
}

/** Opens {@link FakeEncoder}s and remembers them. */
export class FakeEncoderFactory implements EncoderFactory {
  readonly name: string;
  readonly codec: VideoCodec;
  readonly hardware = false;
  readonly opened: FakeEncoder[] = [];
  readonly #behaviour: FakeEncoderBehaviour;
  readonly #openings: (() => void)[] = [];

  constructor(name: string, behaviour: FakeEncoderBehaviour = {}, codec: VideoCodec = 'h264') {
    this.name = name;
    this.codec = codec;
    this.#behaviour = behaviour;
  }

  /** Openings begun and not finished. */
  get openings(): number {
    return this.#openings.length;
  }

  /** Lets the oldest held opening settle. */
  finishOpening(): void {
    this.#openings.shift()?.();
  }

  get last(): FakeEncoder {
    const encoder = this.opened.at(-1);
    if (!encoder) throw new Error(`${this.name} was never opened`);
    return encoder;
  }

  async open(settings: EncoderSettings): Promise<Encoder> {
    if (this.#behaviour.holdOpening) {
      await new Promise<void>((resolve) => this.#openings.push(resolve));
    }
    if (this.#behaviour.refuseToOpen) {
      throw new RockpoolError('encoder-failed', `${this.name} does not open.`);
    }
    const encoder = new FakeEncoder(this.name, this.codec, settings, this.#behaviour);
    this.opened.push(encoder);
    return encoder;
  }
}

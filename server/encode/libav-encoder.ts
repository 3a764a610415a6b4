import {
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_YUV420P,
  AV_PKT_DATA_QUALITY_STATS,
  FF_QP2LAMBDA,
} from 'node-av/constants';
import { type Frame, type Packet, SoftwareScaleContext } from 'node-av/lib';
import { RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import { BitrateGate } from './bitrate-gate.ts';
import type { EncodedFrame, Encoder, EncoderFactory, EncoderSettings } from './encoder.ts';
import { EncoderContext } from './encoder-context.ts';
import type { EncoderProfile } from './encoder-profile.ts';
import { expectSuccess } from './libav-error.ts';
import { asBuffer, createFrame } from './libav-frame.ts';
import { QuantizerControl } from './quantizer-control.ts';
import { RateFactor } from './rate-factor.ts';

/** An encoder of FFmpeg's libavcodec, run on libuv's thread pool. */
export class LibavEncoder implements Encoder {
  readonly #profile: EncoderProfile;
  readonly #gate: BitrateGate;
  readonly #quantizer: QuantizerControl | undefined;
  readonly #rateFactor: RateFactor | undefined;
  #settings: EncoderSettings;
  #open: EncoderContext;
  #toNv12: SoftwareScaleContext | undefined;
  #planar: Frame | undefined;
  #rateChanged = false;
  #fresh = true;
  #encoding = false;
  #closed = false;

  private constructor(profile: EncoderProfile, settings: EncoderSettings, open: EncoderContext) {
    this.#profile = profile;
    this.#settings = settings;
    this.#open = open;
    this.#gate = new BitrateGate(settings.bitrateBps);
    if (profile.bitrateChange === 'quantizer') {
      this.#quantizer = new QuantizerControl(settings, profile.bufferFrames);
    }
    if (profile.rateFactor !== undefined) this.#rateFactor = new RateFactor(profile.rateFactor);
    if (profile.inputFormat !== AV_PIX_FMT_YUV420P) {
      this.#planar = createFrame(AV_PIX_FMT_YUV420P, settings);
      this.#toNv12 = new SoftwareScaleContext();
      this.#toNv12.allocContext();
    }
  }

  /** @throws RockpoolError `encoder-failed` where library, driver or device refuse. */
  static async open(profile: EncoderProfile, settings: EncoderSettings): Promise<LibavEncoder> {
    return new LibavEncoder(profile, settings, await EncoderContext.open(profile, settings));
  }

  get name(): string {
    return this.#profile.name;
  }

  get codec(): EncoderProfile['codec'] {
    return this.#profile.codec;
  }

  get settings(): EncoderSettings {
    return this.#settings;
  }

  setBitrate(bitrateBps: number): void {
    const { bitrateChange } = this.#profile;
    this.#gate.target = bitrateBps;
    if (bitrateChange === 'keyframe' || bitrateChange === 'reopen') return;
    if (bitrateBps === this.#settings.bitrateBps) return;
    this.#settings = { ...this.#settings, bitrateBps };
    // Another thread may be reading the context now: `encode` applies it between frames.
    this.#rateChanged = true;
  }

  async encode(
    i420: Uint8Array,
    timestamp90k: number,
    keyframe: boolean,
    share = 1,
  ): Promise<EncodedFrame> {
    if (this.#closed) throw new RockpoolError('encoder-failed', `${this.name} is closed.`);
    if (this.#encoding) throw new RockpoolError('encoder-failed', `${this.name} is busy.`);
    this.#encoding = true;
    try {
      await this.#applyRate(timestamp90k);
      const key = keyframe || this.#fresh;
      return await this.#encode(asBuffer(i420), timestamp90k, key, key ? 1 : share);
    } catch (error) {
      throw toRockpoolError(error, 'encoder-failed');
    } finally {
      this.#encoding = false;
      if (this.#closed) this.#free();
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // A frame under way still uses the native objects; `encode` frees them when it is done.
    if (!this.#encoding) this.#free();
  }

  async #applyRate(timestamp90k: number): Promise<void> {
    const { bitrateChange } = this.#profile;
    if (bitrateChange === 'live' || bitrateChange === 'quantizer') {
      if (!this.#rateChanged) return;
      this.#rateChanged = false;
      if (this.#quantizer) this.#quantizer.bitrateBps = this.#settings.bitrateBps;
      else this.#open.setBitrate(this.#settings);
      return;
    }
    const bitrateBps = this.#gate.next(timestamp90k);
    if (bitrateBps === undefined) return;
    this.#settings = { ...this.#settings, bitrateBps };
    if (bitrateChange === 'keyframe') {
      this.#open.setBitrate(this.#settings);
      return;
    }
    const next = await EncoderContext.open(this.#profile, this.#settings);
    this.#open.free();
    this.#open = next;
    this.#fresh = true;
  }

  async #encode(
    i420: Buffer,
    timestamp90k: number,
    keyframe: boolean,
    share: number,
  ): Promise<EncodedFrame> {
    const { packet, input, upload } = this.#open;
    if (this.#toNv12 && this.#planar) {
      expectSuccess(this.#planar.fromBuffer(i420), 'Reading a picture');
      expectSuccess(input.makeWritable(), 'Reusing a frame');
      expectSuccess(await this.#toNv12.scaleFrame(input, this.#planar), 'Converting to NV12');
    } else {
      expectSuccess(input.fromBuffer(i420), 'Reading a picture');
    }
    input.pts = BigInt(timestamp90k);
    input.pictType = keyframe ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    if (this.#quantizer) this.#open.setQuantizer(this.#quantizer.next(keyframe, share));
    if (this.#rateFactor) this.#open.setRateFactor(this.#rateFactor.next(share));
    await this.#open.encode(upload ? await upload.upload(input) : input);
    const { data } = packet;
    if (!data) throw new RockpoolError('encoder-failed', `${this.name} gave an empty frame.`);
    this.#fresh = false;
    const quantizer = quantizerOf(packet);
    // The packet's memory goes back to libav: what leaves here is a copy.
    const encoded = {
      data: new Uint8Array(data),
      keyframe: packet.isKeyframe,
      quantizer: quantizer && Math.min(1, this.#profile.quantizerFraction(quantizer)),
    };
    packet.unref();
    const bytes = encoded.data.byteLength;
    this.#quantizer?.handleFrame(bytes, encoded.keyframe);
    if (quantizer !== undefined && !encoded.keyframe) {
      const { bitrateBps, frameRate } = this.#settings;
      this.#rateFactor?.handleFrame(bytes, quantizer, bitrateBps / 8 / frameRate);
    }
    return encoded;
  }

  #free(): void {
    this.#open.free();
    this.#toNv12?.freeContext();
    this.#planar?.free();
  }
}

/** FFmpeg reports quality in units of lambda: 32 bits, little-endian, ahead of the rest. */
function quantizerOf(packet: Packet): number | undefined {
  const stats = packet.getSideData(AV_PKT_DATA_QUALITY_STATS);
  if (!stats || stats.byteLength < 4) return undefined;
  const quantizer = stats.readInt32LE(0) / FF_QP2LAMBDA;
  // Drivers that do not say how they quantized leave 0, or one less.
  return quantizer > 0 ? quantizer : undefined;
}

export class LibavEncoderFactory implements EncoderFactory {
  readonly #profile: EncoderProfile;

  constructor(profile: EncoderProfile) {
    this.#profile = profile;
  }

  get name(): string {
    return this.#profile.name;
  }

  get codec(): EncoderProfile['codec'] {
    return this.#profile.codec;
  }

  get hardware(): boolean {
    return this.#profile.hardware;
  }

  open(settings: EncoderSettings): Promise<Encoder> {
    return LibavEncoder.open(this.#profile, settings);
  }
}

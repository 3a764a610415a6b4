import {
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_YUV420P,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_TRC_BT709,
} from 'node-av/constants';
import {
  Codec,
  CodecContext,
  Dictionary,
  type Frame,
  Packet,
  Rational,
  SoftwareScaleContext,
} from 'node-av/lib';
import { RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import { BitrateGate } from './bitrate-gate.ts';
import type { EncodedFrame, Encoder, EncoderFactory, EncoderSettings } from './encoder.ts';
import type { EncoderProfile } from './encoder-profile.ts';
import { HardwareUpload } from './hardware-upload.ts';
import { expectSuccess, silenceLibav } from './libav-error.ts';
import { asBuffer, createFrame } from './libav-frame.ts';

/** Longer than any session: keyframes come only when asked for. */
const INFINITE_GOP = 2 ** 30;

function applyBitrate(context: CodecContext, profile: EncoderProfile, settings: EncoderSettings) {
  const rate = BigInt(Math.round(settings.bitrateBps));
  context.bitRate = rate;
  context.rcMaxRate = rate;
  // libvpx takes equal bounds as the wish for a constant rate; x264 needs no lower bound.
  if (profile.codec === 'vp8') context.rcMinRate = rate;
  context.rcBufferSize = Math.round(
    (settings.bitrateBps / settings.frameRate) * profile.bufferFrames,
  );
}

/** Everything native that one open encoder owns. */
class OpenContext {
  readonly context = new CodecContext();
  readonly packet = new Packet();
  readonly input: Frame;
  readonly upload: HardwareUpload | undefined;

  constructor(profile: EncoderProfile, codec: Codec, settings: EncoderSettings) {
    const { context } = this;
    context.allocContext3(codec);
    this.packet.alloc();
    this.input = createFrame(profile.inputFormat, settings);
    try {
      this.upload =
        profile.upload &&
        new HardwareUpload(
          profile.upload.device,
          profile.upload.format,
          profile.inputFormat,
          settings,
        );
    } catch (error) {
      this.free();
      throw error;
    }
    context.width = settings.width;
    context.height = settings.height;
    context.pixelFormat = profile.upload?.format ?? profile.inputFormat;
    if (this.upload) context.hwFramesCtx = this.upload.frames;
    context.timeBase = new Rational(1, 90_000);
    context.framerate = new Rational(settings.frameRate, 1);
    context.gopSize = INFINITE_GOP;
    context.maxBFrames = 0;
    context.threadCount = profile.threads(settings);
    context.colorRange = AVCOL_RANGE_MPEG;
    context.colorSpace = AVCOL_SPC_BT709;
    context.colorPrimaries = AVCOL_PRI_BT709;
    context.colorTrc = AVCOL_TRC_BT709;
    applyBitrate(context, profile, settings);
  }

  free(): void {
    this.context.freeContext();
    this.packet.free();
    this.input.free();
    this.upload?.close();
  }
}

async function openContext(
  profile: EncoderProfile,
  settings: EncoderSettings,
): Promise<OpenContext> {
  silenceLibav();
  const codec = Codec.findEncoderByName(profile.name);
  if (!codec) {
    throw new RockpoolError('encoder-failed', `This build of libav has no ${profile.name}.`);
  }
  const open = new OpenContext(profile, codec, settings);
  const options = Dictionary.fromObject(profile.options(settings));
  try {
    expectSuccess(await open.context.open2(codec, options), `Opening ${profile.name}`);
    return open;
  } catch (error) {
    open.free();
    throw toRockpoolError(error, 'encoder-failed');
  } finally {
    options.free();
  }
}

/** An encoder of FFmpeg's libavcodec, run on libuv's thread pool. */
export class LibavEncoder implements Encoder {
  readonly #profile: EncoderProfile;
  readonly #gate: BitrateGate;
  #settings: EncoderSettings;
  #open: OpenContext;
  #toNv12: SoftwareScaleContext | undefined;
  #planar: Frame | undefined;
  #rateChanged = false;
  #encoding = false;
  #closed = false;

  private constructor(profile: EncoderProfile, settings: EncoderSettings, open: OpenContext) {
    this.#profile = profile;
    this.#settings = settings;
    this.#open = open;
    this.#gate = new BitrateGate(settings.bitrateBps);
    if (profile.inputFormat !== AV_PIX_FMT_YUV420P) {
      this.#planar = createFrame(AV_PIX_FMT_YUV420P, settings);
      this.#toNv12 = new SoftwareScaleContext();
      this.#toNv12.allocContext();
    }
  }

  /** @throws RockpoolError `encoder-failed` where library, driver or device refuse. */
  static async open(profile: EncoderProfile, settings: EncoderSettings): Promise<LibavEncoder> {
    return new LibavEncoder(profile, settings, await openContext(profile, settings));
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
    this.#gate.target = bitrateBps;
    if (this.#profile.bitrateChange !== 'live' || bitrateBps === this.#settings.bitrateBps) return;
    this.#settings = { ...this.#settings, bitrateBps };
    // Another thread may be reading the context now: `encode` applies it between frames.
    this.#rateChanged = true;
  }

  async encode(i420: Uint8Array, timestamp90k: number, keyframe: boolean): Promise<EncodedFrame> {
    if (this.#closed) throw new RockpoolError('encoder-failed', `${this.name} is closed.`);
    if (this.#encoding) throw new RockpoolError('encoder-failed', `${this.name} is busy.`);
    this.#encoding = true;
    try {
      const fresh = await this.#applyRate(timestamp90k);
      return await this.#encode(asBuffer(i420), timestamp90k, keyframe || fresh);
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

  /** @returns whether the encoder was opened anew. */
  async #applyRate(timestamp90k: number): Promise<boolean> {
    if (this.#profile.bitrateChange === 'live') {
      if (this.#rateChanged) applyBitrate(this.#open.context, this.#profile, this.#settings);
      this.#rateChanged = false;
      return false;
    }
    const bitrateBps = this.#gate.next(timestamp90k);
    if (bitrateBps === undefined) return false;
    this.#settings = { ...this.#settings, bitrateBps };
    if (this.#profile.bitrateChange === 'keyframe') {
      applyBitrate(this.#open.context, this.#profile, this.#settings);
      return false;
    }
    const next = await openContext(this.#profile, this.#settings);
    this.#open.free();
    this.#open = next;
    return true;
  }

  async #encode(i420: Buffer, timestamp90k: number, keyframe: boolean): Promise<EncodedFrame> {
    const { context, packet, input } = this.#open;
    if (this.#toNv12 && this.#planar) {
      expectSuccess(this.#planar.fromBuffer(i420), 'Reading a picture');
      expectSuccess(input.makeWritable(), 'Reusing a frame');
      expectSuccess(await this.#toNv12.scaleFrame(input, this.#planar), 'Converting to NV12');
    } else {
      expectSuccess(input.fromBuffer(i420), 'Reading a picture');
    }
    input.pts = BigInt(timestamp90k);
    input.pictType = keyframe ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    const frame = this.#open.upload ? await this.#open.upload.upload(input) : input;
    expectSuccess(await context.sendFrame(frame), `${this.name} did not take a frame`);
    // The work was done in `sendFrame`; this only moves the packet out of the context.
    expectSuccess(context.receivePacketSync(packet), `${this.name} gave no frame`);
    const { data } = packet;
    if (!data) throw new RockpoolError('encoder-failed', `${this.name} gave an empty frame.`);
    // The packet's memory goes back to libav: what leaves here is a copy.
    const encoded = { data: new Uint8Array(data), keyframe: packet.isKeyframe };
    packet.unref();
    return encoded;
  }

  #free(): void {
    this.#open.free();
    this.#toNv12?.freeContext();
    this.#planar?.free();
  }
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

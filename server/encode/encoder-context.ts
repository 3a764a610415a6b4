import {
  AV_OPT_SEARCH_CHILDREN,
  AV_OPT_TYPE_FLOAT,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_TRC_BT709,
} from 'node-av/constants';
import { Codec, CodecContext, Dictionary, type Frame, Packet, Rational } from 'node-av/lib';
import { RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import type { EncoderSettings } from './encoder.ts';
import type { EncoderProfile } from './encoder-profile.ts';
import { HardwareUpload } from './hardware-upload.ts';
import { expectSuccess, silenceLibav } from './libav-error.ts';
import { createFrame } from './libav-frame.ts';

/** Longer than any session: keyframes come only when asked for. */
const INFINITE_GOP = 2 ** 30;

/**
 * What libvpx is told where its quantizer is decided from here: so little that its own rate control
 * always wants the coarsest quantizer it may use, and {@link EncoderContext.setQuantizer} says which.
 */
const STARVED_BITRATE_BPS = 50_000;

/** Everything native that one open encoder owns. */
export class EncoderContext {
  readonly packet = new Packet();
  readonly input: Frame;
  readonly upload: HardwareUpload | undefined;
  readonly #context = new CodecContext();
  readonly #profile: EncoderProfile;
  #rateFactor: number | undefined;

  /** @throws RockpoolError `encoder-failed` where library, driver or device refuse. */
  static async open(profile: EncoderProfile, settings: EncoderSettings): Promise<EncoderContext> {
    silenceLibav();
    const codec = Codec.findEncoderByName(profile.name);
    if (!codec) {
      throw new RockpoolError('encoder-failed', `This build of libav has no ${profile.name}.`);
    }
    const opened = new EncoderContext(profile, codec, settings);
    const options = Dictionary.fromObject(profile.options(settings));
    try {
      expectSuccess(await opened.#context.open2(codec, options), `Opening ${profile.name}`);
      return opened;
    } catch (error) {
      opened.free();
      throw toRockpoolError(error, 'encoder-failed');
    } finally {
      options.free();
    }
  }

  private constructor(profile: EncoderProfile, codec: Codec, settings: EncoderSettings) {
    this.#profile = profile;
    this.#rateFactor = profile.rateFactor;
    const context = this.#context;
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
    if (profile.bitrateChange === 'quantizer') {
      context.qMin = 0;
      this.setBitrate({ ...settings, bitrateBps: STARVED_BITRATE_BPS });
      // Equal bounds are libvpx's wish for a constant rate, the only mode that starves it.
      context.rcMinRate = context.rcMaxRate;
    } else {
      this.setBitrate(settings);
    }
  }

  /** Not while a frame is at work: another thread reads what this writes. */
  setBitrate({ bitrateBps, frameRate }: EncoderSettings): void {
    const askedBps = bitrateBps * (this.#profile.bitrateShare ?? 1);
    const rate = BigInt(Math.round(askedBps));
    this.#context.bitRate = rate;
    this.#context.rcMaxRate = rate;
    this.#context.rcBufferSize = Math.round((askedBps / frameRate) * this.#profile.bufferFrames);
  }

  /** The coarsest quantizer the next frame may have, in the encoder's own scale. */
  setQuantizer(quantizer: number): void {
    this.#context.qMax = quantizer;
  }

  /**
   * x264's constant rate factor, of the next frame on.
   * @throws RockpoolError `encoder-failed` where the encoder has none.
   */
  setRateFactor(factor: number): void {
    if (factor === this.#rateFactor) return;
    this.#rateFactor = factor;
    const set = this.#context.setOption('crf', factor, AV_OPT_TYPE_FLOAT, AV_OPT_SEARCH_CHILDREN);
    expectSuccess(set, `Setting the rate factor of ${this.#profile.name}`);
  }

  /**
   * Encodes one frame into {@link packet}, off the event loop.
   * @throws RockpoolError `encoder-failed`.
   */
  async encode(frame: Frame): Promise<void> {
    const { name } = this.#profile;
    expectSuccess(await this.#context.sendFrame(frame), `${name} did not take a frame`);
    // The work was done in `sendFrame`; this only moves the packet out of the context.
    expectSuccess(this.#context.receivePacketSync(this.packet), `${name} gave no frame`);
  }

  free(): void {
    this.#context.freeContext();
    this.packet.free();
    this.input.free();
    this.upload?.close();
  }
}

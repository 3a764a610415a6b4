import { RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import { fitWithin, type Resolution, type VideoCodec } from '../../protocol/stream-settings.ts';
import type { Clock } from '../../renderer/clock.ts';
import type { VideoFrame } from '../../renderer/game-runtime.ts';
import type { EncodedFrame, Encoder, EncoderFactory } from './encoder.ts';
import { EncoderRotation } from './encoder-rotation.ts';
import { FrameThinning } from './frame-thinning.ts';
import { PictureScaler } from './picture-scaler.ts';

/**
 * A keyframe costs several frames' bits, and a lossy link asks again before the last one has
 * arrived: more often than this a request changes nothing.
 */
const MIN_KEYFRAME_INTERVAL_US = 300_000;

/**
 * A frame that an input brings forward comes while the one before it is still on its way, and waits
 * behind it: it has the bits of the time since then, and so arrives as soon as it can. One that is
 * less early than this has them all…
 */
const HARDLY_EARLY = 0.9;
/** …and none has less: coarser than the next frame can mend. */
const LEAST_SHARE = 0.5;

/** One encoded picture with the stamps of the frame it shows. */
export interface EncodedVideo {
  /** See {@link EncodedFrame.data}. */
  readonly data: Uint8Array;
  readonly codec: VideoCodec;
  readonly keyframe: boolean;
  /** See {@link EncodedFrame.quantizer}; undefined, too, where the frame had less than its share. */
  readonly quantizer: number | undefined;
  /** Pixels, as encoded; what the runtime drew may be larger. */
  readonly width: number;
  /** Pixels, as encoded. */
  readonly height: number;
  /** 90 kHz, 32 bits (RFC 3550 §5.1). */
  readonly rtpTimestamp: number;
  readonly frameNumber: number;
  readonly inputSeq: number;
  readonly inputReceivedUs: number;
  readonly tickUs: number;
  readonly renderedUs: number;
  /** When the encoder gave the last byte; microseconds of the runtime's clock. */
  readonly encodedUs: number;
}

/** Where a video pipeline reports. Calls never throw. */
export interface VideoPipelineListener {
  handleVideo(video: EncodedVideo): void;
  /**
   * Which encoder makes the next picture.
   * @param cause why the encoder before was left, where one failed; or why the encoder in use goes
   * on, where another was wanted and does not open.
   */
  handleEncoder(name: string, cause: RockpoolError | undefined, codec: VideoCodec): void;
  /** No encoder is left: the pipeline has closed itself. */
  handleFailure(error: RockpoolError): void;
}

export interface VideoPipelineOptions {
  /** All of one codec, best first. */
  readonly factories: readonly EncoderFactory[];
  /** Of the first frames, to open ahead of them. */
  readonly resolution: Resolution;
  /** Frames per second the game makes. */
  readonly frameRate: number;
  readonly bitrateBps: number;
  /** 0 lets the encoder choose. */
  readonly threads: number;
  /** Asked before each frame is encoded: false skips it. */
  readonly mayEncode: () => boolean;
  /** Whether a frame is on its way for so long that an early one would wait behind it. */
  readonly fillsPath: () => boolean;
}

/** What to send of the game's picture. */
export interface SentPicture extends Resolution {
  /** Frames per second, at most. */
  readonly frameRate: number;
}

const EVERYTHING: SentPicture = {
  width: Number.POSITIVE_INFINITY,
  height: Number.POSITIVE_INFINITY,
  frameRate: Number.POSITIVE_INFINITY,
};

/** Sizes of one shape differ by this much from one another's multiples, as all are even. */
const ROUNDING_PIXELS = 4;

/** The largest size of the drawn picture's shape within what is to be sent. */
function sizeToSend(drawn: Resolution, { width, height }: Resolution): Resolution {
  const fitting = fitWithin(drawn, { width, height });
  const rounded =
    width - fitting.width <= ROUNDING_PIXELS && height - fitting.height <= ROUNDING_PIXELS;
  return rounded && width <= drawn.width && height <= drawn.height ? { width, height } : fitting;
}

/**
 * Frames in, encoded pictures out. One frame is at work and the newest other one waits: a frame
 * that would have to queue is worth less than the one after it.
 */
export class VideoPipeline {
  readonly #listener: VideoPipelineListener;
  readonly #clock: Clock;
  readonly #threads: number;
  readonly #mayEncode: () => boolean;
  readonly #fillsPath: () => boolean;
  readonly #scaler = new PictureScaler();
  readonly #thinning = new FrameThinning();
  readonly #rotation: EncoderRotation;
  #factories: readonly EncoderFactory[];
  #drawn: Resolution;
  #sent = EVERYTHING;
  #frameRate: number;
  #bitrateBps: number;
  #waiting: VideoFrame | undefined;
  #work: Promise<void> | undefined;
  #keyframeWanted = true;
  #keyframeUs = Number.NEGATIVE_INFINITY;
  #timestamp90k = 0;
  #encodedTickUs = Number.NEGATIVE_INFINITY;
  #droppedFrames = 0;
  #skippedFrames = 0;
  #closed = false;

  constructor(options: VideoPipelineOptions, listener: VideoPipelineListener, clock: Clock) {
    this.#factories = options.factories;
    this.#drawn = options.resolution;
    this.#frameRate = options.frameRate;
    this.#bitrateBps = options.bitrateBps;
    this.#threads = options.threads;
    this.#mayEncode = options.mayEncode;
    this.#fillsPath = options.fillsPath;
    this.#listener = listener;
    this.#clock = clock;
    this.#rotation = new EncoderRotation(options.bitrateBps, {
      handleEncoder: ({ name, codec }, cause) => listener.handleEncoder(name, cause, codec),
      handleReady: () => {
        if (!this.#work) this.#changeEncoder();
      },
    });
  }

  /** Frames that came while another one waited, and were never encoded. */
  get droppedFrames(): number {
    return this.#droppedFrames;
  }

  /** Frames not encoded because `mayEncode` said so. */
  get skippedFrames(): number {
    return this.#skippedFrames;
  }

  /**
   * Opens the encoder ahead of the first frame.
   * @throws RockpoolError `encoder-failed` where none opens.
   */
  async open(): Promise<void> {
    this.#planEncoder();
    if (!this.#rotation.current) await this.#rotation.opened();
  }

  /** Takes over the frame: it is released exactly once, whatever happens. */
  handleFrame(frame: VideoFrame): void {
    if (this.#closed || !this.#thinning.admits(frame)) {
      frame.release();
      return;
    }
    if (!this.#work) {
      this.#work = this.#drain(frame);
      return;
    }
    if (this.#waiting) {
      this.#waiting.release();
      this.#droppedFrames++;
    }
    this.#waiting = frame;
  }

  /** Requests made within 300 ms of a keyframe wait until these have passed, and become one. */
  requestKeyframe(): void {
    this.#keyframeWanted = true;
  }

  /** @param bitrateBps payload bits a second, from the next frame on. */
  setBitrate(bitrateBps: number): void {
    this.#bitrateBps = bitrateBps;
    this.#passBitrate();
  }

  /** @param frameRate frames per second the game makes. A change opens another encoder. */
  setFrameRate(frameRate: number): void {
    if (frameRate === this.#frameRate) return;
    this.#frameRate = frameRate;
    this.#thinning.setRates(this.#sent.frameRate, frameRate);
    this.#passBitrate();
    this.#planEncoder();
  }

  /**
   * Goes over to another codec. The encoder in use goes on until the new one has opened, which then
   * begins with a keyframe.
   * @param factories all of one codec, best first.
   */
  setEncoders(factories: readonly EncoderFactory[]): void {
    this.#factories = factories;
    this.#planEncoder();
  }

  /**
   * Frames are encoded no larger and no more often than this. Smaller ones are not enlarged. Another
   * size opens another encoder, as `setEncoders` does; another rate changes the one in use.
   */
  setSent(sent: SentPicture): void {
    this.#sent = { ...sent };
    this.#thinning.setRates(sent.frameRate, this.#frameRate);
    this.#passBitrate();
    this.#planEncoder();
  }

  /** Idempotent; resolves once every frame was released. */
  async close(): Promise<void> {
    this.#shut();
    await this.#work;
  }

  #shut(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#waiting?.release();
    this.#waiting = undefined;
    this.#rotation.close();
    this.#scaler.close();
  }

  async #drain(first: VideoFrame): Promise<void> {
    let frame: VideoFrame | undefined = first;
    while (frame) {
      try {
        await this.#process(frame);
      } catch (error) {
        this.#fail(toRockpoolError(error, 'encoder-failed'));
      }
      frame = this.#waiting;
      this.#waiting = undefined;
    }
    this.#work = undefined;
    this.#changeEncoder();
  }

  async #process(frame: VideoFrame): Promise<void> {
    let lent = true;
    try {
      const encoder = await this.#encoderFor(frame);
      if (!encoder) return;
      if (!this.#mayEncode()) {
        this.#skippedFrames++;
        this.#thinning.takeBack();
        return;
      }
      const i420 = await this.#scaler.scale(frame, encoder.settings);
      if (i420 !== frame.pixels) {
        // The encoder reads the scaled copy: the runtime may draw into its buffer again.
        frame.release();
        lent = false;
      }
      if (this.#closed) return;
      const wanted = this.#takeKeyframeRequest();
      const exact = Math.round(frame.tickUs * 0.09);
      this.#timestamp90k = Math.max(this.#timestamp90k + 1, exact);
      const share = this.#takeShare(frame.tickUs);
      const { data, keyframe, quantizer } = await encoder.encode(
        i420,
        this.#timestamp90k,
        wanted,
        share,
      );
      // Of a frame that had less, it says nothing of what the rate is good for.
      const telling = share < 1 && !keyframe ? undefined : quantizer;
      if (!this.#closed) this.#deliver(frame, encoder, { data, keyframe, quantizer: telling });
    } finally {
      if (lent) frame.release();
    }
  }

  #deliver(frame: VideoFrame, encoder: Encoder, encoded: EncodedFrame): void {
    const encodedUs = this.#clock.nowUs();
    if (encoded.keyframe) this.#keyframeUs = encodedUs;
    this.#listener.handleVideo({
      data: encoded.data,
      codec: encoder.codec,
      keyframe: encoded.keyframe,
      quantizer: encoded.quantizer,
      width: encoder.settings.width,
      height: encoder.settings.height,
      rtpTimestamp: this.#timestamp90k % 2 ** 32,
      frameNumber: frame.frameNumber,
      inputSeq: frame.inputSeq,
      inputReceivedUs: frame.inputReceivedUs,
      tickUs: frame.tickUs,
      renderedUs: frame.renderedUs,
      encodedUs,
    });
  }

  /** The part of a frame's bits that this frame may have. */
  #takeShare(tickUs: number): number {
    const intervals = ((tickUs - this.#encodedTickUs) * this.#sentRate) / 1e6;
    this.#encodedTickUs = tickUs;
    if (intervals > HARDLY_EARLY || !this.#fillsPath()) return 1;
    return Math.max(LEAST_SHARE, intervals);
  }

  #takeKeyframeRequest(): boolean {
    if (!this.#keyframeWanted) return false;
    if (this.#clock.nowUs() - this.#keyframeUs < MIN_KEYFRAME_INTERVAL_US) return false;
    this.#keyframeWanted = false;
    return true;
  }

  /** @returns undefined where the pipeline was closed meanwhile. */
  async #encoderFor({ width, height }: Resolution): Promise<Encoder | undefined> {
    if (this.#drawn.width !== width || this.#drawn.height !== height) {
      this.#drawn = { width, height };
      this.#planEncoder();
    }
    this.#changeEncoder();
    if (!this.#rotation.current) {
      this.#planEncoder();
      await this.#rotation.opened();
      this.#changeEncoder();
    }
    return this.#closed ? undefined : this.#rotation.current;
  }

  #planEncoder(): void {
    this.#rotation.want({
      factories: this.#factories,
      ...sizeToSend(this.#drawn, this.#sent),
      frameRate: this.#frameRate,
      threads: this.#threads,
    });
  }

  /** A new encoder starts with a keyframe, however recent the last one of the old was. */
  #changeEncoder(): void {
    if (!this.#rotation.advance()) return;
    this.#keyframeWanted = true;
    this.#keyframeUs = Number.NEGATIVE_INFINITY;
  }

  /**
   * An encoder counts frames rather than time: of fewer than it was opened for each may have more,
   * in its buffer as well. So fewer frames cost no new encoder and no keyframe.
   */
  #passBitrate(): void {
    this.#rotation.setBitrate((this.#bitrateBps * this.#frameRate) / this.#sentRate);
  }

  /** Frames a second that are encoded. */
  get #sentRate(): number {
    return Math.min(this.#sent.frameRate, this.#frameRate);
  }

  #fail(error: RockpoolError): void {
    if (this.#closed) return;
    this.#shut();
    this.#listener.handleFailure(
      error.code === 'encoder-failed'
        ? error
        : new RockpoolError('encoder-failed', 'Encoding the picture failed.', { cause: error }),
    );
  }
}

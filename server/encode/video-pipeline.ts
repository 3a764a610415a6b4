import { RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import type { Resolution } from '../../protocol/stream-settings.ts';
import type { Clock } from '../../renderer/clock.ts';
import type { VideoFrame } from '../../renderer/game-runtime.ts';
import type { Encoder, EncoderFactory } from './encoder.ts';
import { LadderEncoder } from './encoder-ladder.ts';
import { PixelConverter } from './pixel-converter.ts';

/**
 * A keyframe costs several frames' bits, and a lossy link asks again before the last one has
 * arrived: more often than this a request changes nothing.
 */
const MIN_KEYFRAME_INTERVAL_US = 300_000;

/** One encoded picture with the stamps of the frame it shows. */
export interface EncodedVideo {
  /** H.264 in Annex B byte-stream format, or one VP8 frame. */
  readonly data: Uint8Array;
  readonly keyframe: boolean;
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
  /** @param cause why the encoder before was left, where one failed. */
  handleEncoder(name: string, cause: RockpoolError | undefined): void;
  /** No encoder is left: the pipeline has closed itself. */
  handleFailure(error: RockpoolError): void;
}

export interface VideoPipelineOptions {
  /** All of one codec, best first. */
  readonly factories: readonly EncoderFactory[];
  readonly resolution: Resolution;
  readonly frameRate: number;
  readonly bitrateBps: number;
  /** 0 lets the encoder choose. */
  readonly threads: number;
}

/**
 * Frames in, encoded pictures out. One frame is at work and the newest other one waits: a frame
 * that would have to queue is worth less than the one after it.
 */
export class VideoPipeline {
  readonly #factories: readonly EncoderFactory[];
  readonly #listener: VideoPipelineListener;
  readonly #clock: Clock;
  readonly #threads: number;
  readonly #converter = new PixelConverter();
  #resolution: Resolution;
  #frameRate: number;
  #bitrateBps: number;
  #encoder: Promise<Encoder> | undefined;
  #opened: Encoder | undefined;
  #waiting: VideoFrame | undefined;
  #work: Promise<void> | undefined;
  #keyframeWanted = true;
  #keyframeUs = Number.NEGATIVE_INFINITY;
  #timestamp90k = 0;
  #droppedFrames = 0;
  #encodedFrames = 0;
  #closed = false;

  constructor(options: VideoPipelineOptions, listener: VideoPipelineListener, clock: Clock) {
    this.#factories = options.factories;
    this.#resolution = options.resolution;
    this.#frameRate = options.frameRate;
    this.#bitrateBps = options.bitrateBps;
    this.#threads = options.threads;
    this.#listener = listener;
    this.#clock = clock;
  }

  /** Frames that came while another one waited, and were never encoded. */
  get droppedFrames(): number {
    return this.#droppedFrames;
  }

  get encodedFrames(): number {
    return this.#encodedFrames;
  }

  /**
   * Opens the encoder ahead of the first frame.
   * @throws RockpoolError `encoder-failed` where none opens.
   */
  async open(): Promise<void> {
    await this.#encoderFor(this.#resolution);
  }

  /** Takes over the frame: it is released exactly once, whatever happens. */
  handleFrame(frame: VideoFrame): void {
    if (this.#closed) {
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
    this.#opened?.setBitrate(bitrateBps);
  }

  /** What rate control reckons with; a change opens the encoder anew. */
  setFrameRate(frameRate: number): void {
    if (frameRate === this.#frameRate) return;
    this.#frameRate = frameRate;
    this.#discardEncoder();
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
    this.#discardEncoder();
    this.#converter.close();
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
  }

  async #process(frame: VideoFrame): Promise<void> {
    let lent = true;
    try {
      let i420 = frame.pixels;
      if (frame.format === 'rgba') {
        i420 = await this.#converter.convert(frame.pixels, frame);
        // The encoder reads the converted copy: the runtime may draw into its buffer again.
        frame.release();
        lent = false;
      }
      const encoder = await this.#encoderFor(frame);
      if (this.#closed) return;
      const wanted = this.#takeKeyframeRequest();
      const exact = Math.round(frame.tickUs * 0.09);
      this.#timestamp90k = Math.max(this.#timestamp90k + 1, exact);
      const { data, keyframe } = await encoder.encode(i420, this.#timestamp90k, wanted);
      if (this.#closed) return;
      const encodedUs = this.#clock.nowUs();
      if (keyframe) this.#keyframeUs = encodedUs;
      this.#encodedFrames++;
      this.#listener.handleVideo({
        data,
        keyframe,
        rtpTimestamp: this.#timestamp90k % 2 ** 32,
        frameNumber: frame.frameNumber,
        inputSeq: frame.inputSeq,
        inputReceivedUs: frame.inputReceivedUs,
        tickUs: frame.tickUs,
        renderedUs: frame.renderedUs,
        encodedUs,
      });
    } finally {
      if (lent) frame.release();
    }
  }

  #takeKeyframeRequest(): boolean {
    if (!this.#keyframeWanted) return false;
    if (this.#clock.nowUs() - this.#keyframeUs < MIN_KEYFRAME_INTERVAL_US) return false;
    this.#keyframeWanted = false;
    return true;
  }

  async #encoderFor(size: Resolution): Promise<Encoder> {
    const { width, height } = size;
    if (this.#resolution.width !== width || this.#resolution.height !== height) {
      this.#resolution = { width, height };
      this.#discardEncoder();
    }
    for (;;) {
      this.#encoder ??= this.#openEncoder();
      const opening = this.#encoder;
      const encoder = await opening;
      // Discarded meanwhile (another frame rate): the one that takes its place is wanted.
      if (this.#encoder !== opening && !this.#closed) continue;
      if (this.#opened !== encoder) encoder.setBitrate(this.#bitrateBps);
      this.#opened = encoder;
      return encoder;
    }
  }

  #openEncoder(): Promise<Encoder> {
    const { width, height } = this.#resolution;
    return LadderEncoder.open(
      this.#factories,
      {
        width,
        height,
        frameRate: this.#frameRate,
        bitrateBps: this.#bitrateBps,
        threads: this.#threads,
      },
      (name, cause) => this.#listener.handleEncoder(name, cause),
    );
  }

  /** A new encoder starts with a keyframe, however recent the last one of the old was. */
  #discardEncoder(): void {
    const encoder = this.#encoder;
    this.#encoder = undefined;
    this.#opened = undefined;
    this.#keyframeWanted = true;
    this.#keyframeUs = Number.NEGATIVE_INFINITY;
    encoder?.then(
      (open) => open.close(),
      () => {},
    );
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

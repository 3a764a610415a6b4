import type { Resolution, VideoCodec } from '../../protocol/stream-settings.ts';
import type { Scheduler } from '../../renderer/clock.ts';
import type { EncodedVideo, SentPicture } from '../encode/video-pipeline.ts';
import { PictureGovernor } from './picture-governor.ts';

/** Long enough for a mean, short enough that a picture is not coarse for a second. */
const WINDOW_MS = 500;

export interface PictureAdaptationOptions {
  readonly game: Resolution;
  readonly frameRate: number;
  readonly scheduler: Scheduler;
  /** What the encoder may produce now, payload bits a second. */
  readonly bitrateBps: () => number;
  /** Frames not encoded because of the network, since the stream began. */
  readonly skippedFrames: () => number;
  readonly handleChange: (sent: SentPicture) => void;
}

/** Watches how coarse the pictures of a stream come out, and has their size and rate follow. */
export class PictureAdaptation {
  readonly #options: PictureAdaptationOptions;
  readonly #governor: PictureGovernor;
  #codec: VideoCodec = 'h264';
  #encoded = 0;
  #quantizers = 0;
  #quantizerSum = 0;
  #skippedBefore = 0;
  #cancelWindow: (() => void) | undefined;

  constructor(options: PictureAdaptationOptions) {
    this.#options = options;
    this.#governor = new PictureGovernor(options.game, options.frameRate);
  }

  get sent(): SentPicture {
    return this.#governor.sent;
  }

  start(): void {
    this.#cancelWindow?.();
    this.#cancelWindow = this.#options.scheduler.after(WINDOW_MS, () => {
      this.start();
      this.#judge();
    });
  }

  setGame(game: Resolution, frameRate: number): void {
    this.#governor.setGame(game, frameRate);
    this.#options.handleChange(this.sent);
  }

  handleVideo({ codec, quantizer }: Pick<EncodedVideo, 'codec' | 'quantizer'>): void {
    this.#encoded++;
    this.#codec = codec;
    if (quantizer === undefined) return;
    this.#quantizers++;
    this.#quantizerSum += quantizer;
  }

  close(): void {
    this.#cancelWindow?.();
  }

  #judge(): void {
    const { bitrateBps, skippedFrames, handleChange } = this.#options;
    const skippedNow = skippedFrames();
    const skipped = skippedNow - this.#skippedBefore;
    const frames = this.#encoded + skipped;
    const quantizer = this.#quantizers > 0 ? this.#quantizerSum / this.#quantizers : undefined;
    this.#skippedBefore = skippedNow;
    this.#encoded = 0;
    this.#quantizers = 0;
    this.#quantizerSum = 0;
    // A hidden page, a game that waits: there is nothing to judge by.
    if (frames === 0) return;
    const window = {
      codec: this.#codec,
      quantizer,
      bitrateBps: bitrateBps(),
      skipped: skipped / frames,
    };
    if (this.#governor.handleWindow(window)) handleChange(this.sent);
  }
}

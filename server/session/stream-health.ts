import type { EncodedVideo } from '../encode/video-pipeline.ts';
import type { StreamSecond } from './resolution-governor.ts';

/** What a frame costs is kept of at most this many frames: two seconds at 120 fps. */
const MAX_FRAMES = 240;

/** Counts the frames of a window and what they cost, from tick to encoded. */
export class StreamHealth {
  readonly #costMs = new Float64Array(MAX_FRAMES);
  #frames = 0;
  #sinceUs: number;

  constructor(nowUs: number) {
    this.#sinceUs = nowUs;
  }

  handleVideo(video: EncodedVideo): void {
    this.#costMs[this.#frames % MAX_FRAMES] = (video.encodedUs - video.tickUs) / 1000;
    this.#frames++;
  }

  /** Sums the window up and starts a new one. */
  take(nowUs: number): StreamSecond {
    const seconds = Math.max(1e-3, (nowUs - this.#sinceUs) / 1e6);
    const kept = Math.min(this.#frames, MAX_FRAMES);
    const sorted = this.#costMs.slice(0, kept).sort();
    const frameCostP95Ms = sorted[Math.floor(kept * 0.95)] ?? 0;
    const framesPerSecond = this.#frames / seconds;
    this.#frames = 0;
    this.#sinceUs = nowUs;
    return { framesPerSecond, frameCostP95Ms };
  }
}

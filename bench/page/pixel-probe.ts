import { PictureReader } from './picture-reader.ts';
import { type PixelSample, PressTracker } from './press-tracker.ts';
import { watchSentInputs } from './sent-inputs.ts';

/** What the bench takes out of the page after a block of presses. */
export interface PixelReport {
  readonly samples: readonly PixelSample[];
  readonly contradictions: number;
  /** Presses that no picture has shown yet. */
  readonly outstanding: number;
  /** What reading one picture took of the page's main thread. */
  readonly readCostsMs: readonly number[];
  /** Pixels, as decoded. */
  readonly width: number;
  readonly height: number;
}

/**
 * The ground truth: follows presses to the screen by looking at the pixels. A picture counts as shown
 * when the page is told of it, and the time is taken before anything is drawn. Pictures are read
 * only while a press is on its way, because reading one costs milliseconds of the main thread.
 */
class PixelProbe {
  readonly #reader = new PictureReader();
  #tracker = new PressTracker();
  #readCostsMs: number[] = [];
  #video: HTMLVideoElement | undefined;

  constructor() {
    watchSentInputs((input, eventAtMs) => {
      if (input.type === 'key' && input.down) this.#tracker.handlePress(input.seq, eventAtMs);
    });
  }

  /** Follows the page's only video from now on. Resolves once it shows the calibration scene. */
  async start(): Promise<void> {
    const video = document.querySelector('video');
    if (!video) throw new Error('This page shows no video.');
    this.#tracker = new PressTracker();
    this.#readCostsMs = [];
    const followed = this.#video === video;
    this.#video = video;
    await new Promise<void>((resolve) => {
      const follow = () => {
        const shownAtMs = performance.now();
        if (this.#video !== video) return;
        video.requestVideoFrameCallback(follow);
        if (!this.#tracker.waiting) return;
        const picture = this.#reader.read(video);
        this.#readCostsMs.push(performance.now() - shownAtMs);
        if (!picture) return;
        this.#tracker.handlePicture({ ...picture, shownAtMs });
        resolve();
      };
      if (followed) resolve();
      else video.requestVideoFrameCallback(follow);
    });
  }

  take(): PixelReport {
    const { samples, contradictions, outstanding } = this.#tracker;
    const { videoWidth: width = 0, videoHeight: height = 0 } = this.#video ?? {};
    const readCostsMs = this.#readCostsMs;
    return { samples, contradictions, outstanding, readCostsMs, width, height };
  }
}

declare global {
  interface Window {
    pixelProbe?: PixelProbe;
  }
}

window.pixelProbe = new PixelProbe();

import type { OwnCost } from './own-cost.ts';

/** Follows the pictures of the page's only video. */
export class FrameWatch {
  readonly #cost: OwnCost;
  #video: HTMLVideoElement | undefined;
  #framesMs: number[] = [];
  /** `presentedFrames` of the first and of the newest picture; undefined before it. */
  #firstPresented: number | undefined;
  #presented = 0;

  constructor(cost: OwnCost) {
    this.#cost = cost;
  }

  /** `performance.now()` times at which the page was told of pictures. */
  get framesMs(): readonly number[] {
    return this.#framesMs;
  }

  /** Pictures presented since the start, told or not. */
  get presented(): number {
    return this.#firstPresented === undefined ? 0 : this.#presented - this.#firstPresented + 1;
  }

  /** Counts from now on. @throws Error where there is no video. */
  start(): void {
    const video = document.querySelector('video');
    if (!video) throw new Error('This page shows no video.');
    this.#framesMs = [];
    this.#firstPresented = undefined;
    if (this.#video === video) return;
    this.#video = video;
    this.#follow(video);
  }

  #follow(video: HTMLVideoElement): void {
    const handleFrame: VideoFrameRequestCallback = (_now, { presentedFrames }) => {
      const shownMs = performance.now();
      if (this.#video !== video) return;
      video.requestVideoFrameCallback(handleFrame);
      this.#cost.charge(() => {
        this.#framesMs.push(shownMs);
        this.#firstPresented ??= presentedFrames;
        this.#presented = presentedFrames;
      });
    };
    video.requestVideoFrameCallback(handleFrame);
  }
}

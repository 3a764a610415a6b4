import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

/**
 * Sampling period; a histogram holds it plus the delay, so it is taken off again. Each sample wakes
 * the process: at 5 ms they were half of what a session with a still picture and no sound wakes for.
 */
const RESOLUTION_MS = 20;

/** While nothing moves, nobody feels the short delays that are missed between two samples. */
const CALM_RESOLUTION_MS = 200;

interface Sampler {
  readonly resolutionMs: number;
  readonly histogram: IntervalHistogram;
}

function samplerOf(resolutionMs: number): Sampler {
  return { resolutionMs, histogram: monitorEventLoopDelay({ resolution: resolutionMs }) };
}

/** How late the event loop runs its timers, over windows of the caller's choosing. */
export class EventLoopDelay {
  readonly #usual = samplerOf(RESOLUTION_MS);
  readonly #calm = samplerOf(CALM_RESOLUTION_MS);
  #sampler = this.#usual;
  #lastP99Ms = 0;

  /** Starts a window; nothing is sampled, and nothing spent, before the first. */
  start(): void {
    this.#sampler.histogram.reset();
    this.#sampler.histogram.enable();
  }

  /** What the last window gave: for those whose window it was not. */
  get lastP99Ms(): number {
    return this.#lastP99Ms;
  }

  /**
   * The 99th percentile of the window in milliseconds, of one second hence about its largest; 0 before
   * the first. Starts a new one.
   * @param calm whether the picture stands still: the new window is sampled less often.
   */
  takeP99Ms(calm: boolean): number {
    const { histogram, resolutionMs } = this.#sampler;
    const p99Ms = histogram.count === 0 ? 0 : histogram.percentile(99) / 1e6;
    this.#lastP99Ms = Math.max(0, p99Ms - resolutionMs);
    histogram.reset();
    const wasRunning = histogram.disable();
    this.#sampler = calm ? this.#calm : this.#usual;
    if (wasRunning) this.start();
    return this.#lastP99Ms;
  }

  stop(): void {
    this.#sampler.histogram.disable();
  }
}

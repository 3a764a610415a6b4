import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

/**
 * Sampling period; the histogram holds it plus the delay, so it is taken off again. Each sample wakes
 * the process: at 5 ms they were half of what a session with a still picture and no sound wakes for.
 */
const RESOLUTION_MS = 20;

/** How late the event loop runs its timers, over windows of the caller's choosing. */
export class EventLoopDelay {
  readonly #histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #lastP99Ms = 0;

  /** Starts a window; nothing is sampled, and nothing spent, before the first. */
  start(): void {
    this.#histogram.reset();
    this.#histogram.enable();
  }

  /** What the last window gave: for those whose window it was not. */
  get lastP99Ms(): number {
    return this.#lastP99Ms;
  }

  /**
   * The 99th percentile of the window in milliseconds, of one second hence about its largest; 0 before
   * the first. Starts a new one.
   */
  takeP99Ms(): number {
    const p99Ms = this.#histogram.count === 0 ? 0 : this.#histogram.percentile(99) / 1e6;
    this.#histogram.reset();
    this.#lastP99Ms = Math.max(0, p99Ms - RESOLUTION_MS);
    return this.#lastP99Ms;
  }

  stop(): void {
    this.#histogram.disable();
  }
}

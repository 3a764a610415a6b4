import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

/** Sampling period; the histogram holds it plus the delay, so it is taken off again. */
const RESOLUTION_MS = 1;

/** How late the event loop runs its timers, over windows of the caller's choosing. */
export class EventLoopDelay {
  readonly #histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  constructor() {
    this.#histogram.enable();
  }

  /** The 99th percentile in milliseconds since the last call, and starts a new window. */
  takeP99Ms(): number {
    const p99Ms = this.#histogram.count === 0 ? 0 : this.#histogram.percentile(99) / 1e6;
    this.#histogram.reset();
    return Math.max(0, p99Ms - RESOLUTION_MS);
  }

  close(): void {
    this.#histogram.disable();
  }
}

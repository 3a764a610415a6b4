import { WindowedMinimum } from './windowed-minimum.ts';

/**
 * How long the least delay is remembered: a clock that drifts by 200 ppm moves it by 4 ms in this
 * time, and a new, longer route is taken for a queue no longer than this.
 */
const BASE_WINDOW_US = 20_000_000;

/**
 * The least of this many packets' delays is free of jitter (of packets evenly spread over 30 ms, 95 %
 * of such minima lie below 9 ms), and one frame is enough to see a queue.
 */
const RECENT = 8;

/** See inter-arrival: the far side's clock was set. */
const CLOCK_JUMP_US = 3_000_000;

/** How long packets wait in the path, from one-way delays above the least one seen. */
export class QueueingDelay {
  readonly #base = new WindowedMinimum(BASE_WINDOW_US);
  readonly #recentUs = new Float64Array(RECENT);
  #count = 0;
  #lastUs = 0;
  #lastSentUs = 0;

  /** Milliseconds; 0 before the first packet. */
  get delayMs(): number {
    const count = Math.min(this.#count, RECENT);
    if (count === 0) return 0;
    let leastUs = Number.POSITIVE_INFINITY;
    for (let i = 0; i < count; i++) leastUs = Math.min(leastUs, this.#recentUs[i] ?? leastUs);
    return (leastUs - this.#base.value) / 1000;
  }

  /** The route has changed: what is least now is no queue. */
  rebase(): void {
    this.#base.reset();
    const count = Math.min(this.#count, RECENT);
    for (let i = 0; i < count; i++) this.#base.add(this.#recentUs[i] ?? 0, this.#lastSentUs);
  }

  add(sentUs: number, receivedUs: number): void {
    const oneWayUs = receivedUs - sentUs;
    if (this.#count > 0 && Math.abs(oneWayUs - this.#lastUs) > CLOCK_JUMP_US) {
      this.#base.reset();
      this.#count = 0;
    }
    this.#lastUs = oneWayUs;
    this.#lastSentUs = sentUs;
    this.#recentUs[this.#count % RECENT] = oneWayUs;
    this.#count++;
    this.#base.add(oneWayUs, sentUs);
  }
}

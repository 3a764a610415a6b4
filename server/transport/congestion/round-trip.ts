import { WindowedMinimum } from './windowed-minimum.ts';

/** RFC 6298 §2. */
const GAIN = 1 / 8;

/** Long enough to hold a moment without a queue, short enough to learn a new route. */
const MINIMUM_WINDOW_US = 30_000_000;

/** No game is played over more. */
const MAX_RTT_MS = 10_000;

/** Round trip of the media path, feedback's wait for its sending included. */
export class RoundTrip {
  readonly #minimum = new WindowedMinimum(MINIMUM_WINDOW_US);
  #smoothedMs: number | undefined;

  /** Undefined before the first sample. */
  get smoothedMs(): number | undefined {
    return this.#smoothedMs;
  }

  /** Of about the last 30 s; undefined before the first sample. */
  get minimumMs(): number | undefined {
    return this.#smoothedMs === undefined ? undefined : this.#minimum.value;
  }

  /** The route has changed: the least of the past is out of reach. */
  rebase(nowUs: number): void {
    this.#minimum.reset();
    if (this.#smoothedMs !== undefined) this.#minimum.add(this.#smoothedMs, nowUs);
  }

  /** Values that cannot be are ignored. */
  add(rttMs: number, nowUs: number): void {
    if (!(rttMs >= 0 && rttMs <= MAX_RTT_MS)) return;
    const before = this.#smoothedMs ?? rttMs;
    this.#smoothedMs = before + (rttMs - before) * GAIN;
    this.#minimum.add(rttMs, nowUs);
  }
}

import type { Timers } from './timers.ts';

/** How often a container is asked for an echo. */
export const ECHO_INTERVAL_MS = 5_000;

/**
 * The minimum over this many echoes is the path's own delay: queueing only ever adds to it (as in
 * the clock filter of NTP, RFC 5905 §10). Eight at 5 s follow a change of route within a minute.
 */
const WINDOW = 8;

/** Measures the round trip to one container, from construction until it is closed. */
export class RoundTrip {
  readonly #echo: () => Promise<unknown>;
  readonly #timers: Timers;
  readonly #handleMeasured: () => void;
  readonly #recentMs: number[] = [];
  #cancel = () => {};
  #closed = false;

  /** @param echo settles when the other side has answered; a failed one is no measurement. */
  constructor(echo: () => Promise<unknown>, timers: Timers, handleMeasured: () => void) {
    this.#echo = echo;
    this.#timers = timers;
    this.#handleMeasured = handleMeasured;
    this.#measure();
  }

  /** Milliseconds; undefined before the first echo. */
  get minimumMs(): number | undefined {
    return this.#recentMs.length === 0 ? undefined : Math.min(...this.#recentMs);
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #measure(): void {
    const sentMs = this.#timers.nowMs();
    const next = () => {
      if (!this.#closed) {
        this.#cancel = this.#timers.after(ECHO_INTERVAL_MS, () => this.#measure());
      }
    };
    this.#echo().then(() => {
      this.#recentMs.push(this.#timers.nowMs() - sentMs);
      if (this.#recentMs.length > WINDOW) this.#recentMs.shift();
      if (!this.#closed) this.#handleMeasured();
      next();
    }, next);
  }
}

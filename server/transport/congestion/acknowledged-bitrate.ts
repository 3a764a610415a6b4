import { RateWindow } from './rate-window.ts';

/** Half a second evens out frames and holds a keyframe and what follows it (draft-ietf-rmcat-gcc-02 §5.5). */
const WINDOW_US = 500_000;

/**
 * While a queue grows the bottleneck never idles: a fifth of a second shows its rate, and shows it
 * soon after a drop.
 */
const RECENT_WINDOW_US = 200_000;

const MIN_WINDOW_US = 150_000;

/** The rate at which packets reach the far side, R_hat of draft-ietf-rmcat-gcc-02 §5.5. */
export class AcknowledgedBitrate {
  readonly #window = new RateWindow();
  #newestUs = Number.NEGATIVE_INFINITY;

  /** @param receivedUs of the far side's clock. */
  add(bytes: number, receivedUs: number): void {
    this.#window.add(bytes, receivedUs);
    // A clock that was set back starts anew.
    const setBack = receivedUs < this.#newestUs - WINDOW_US;
    this.#newestUs = setBack ? receivedUs : Math.max(this.#newestUs, receivedUs);
  }

  /** Undefined before there is enough to tell. */
  get bitrateBps(): number | undefined {
    return this.#window.bitrateBps(WINDOW_US, MIN_WINDOW_US, this.#newestUs);
  }

  /** Over a shorter while: quicker and coarser. */
  get recentBitrateBps(): number | undefined {
    return this.#window.bitrateBps(RECENT_WINDOW_US, MIN_WINDOW_US, this.#newestUs);
  }
}

import { RateWindow } from './rate-window.ts';

const WINDOW_US = 500_000;
const MIN_WINDOW_US = 200_000;

/** Below this part of the target the encoder, not the path, sets the rate; left again above the other. */
const ENTER_BELOW = 0.65;
const LEAVE_ABOVE = 0.8;

/** Tells whether the encoder sends less than it may: then acknowledged bits say little of the path. */
export class ApplicationLimit {
  readonly #window = new RateWindow();
  #limited = false;

  get limited(): boolean {
    return this.#limited;
  }

  add(bytes: number, nowUs: number): void {
    this.#window.add(bytes, nowUs);
  }

  update(targetBitrateBps: number, nowUs: number): void {
    const sentBps = this.sentBitrateBps(nowUs);
    if (sentBps === undefined) return;
    this.#limited = sentBps < (this.#limited ? LEAVE_ABOVE : ENTER_BELOW) * targetBitrateBps;
  }

  /** Undefined before there is enough to tell. */
  sentBitrateBps(nowUs: number): number | undefined {
    return this.#window.bitrateBps(WINDOW_US, MIN_WINDOW_US, nowUs);
  }
}

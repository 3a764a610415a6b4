import type { Clock, Scheduler } from '../../renderer/clock.ts';

/**
 * A keyframe is paid for by everybody: the picture of all is coarser for a moment. This often one is
 * made for the guests together, whatever their networks lose.
 */
export const GUEST_KEYFRAME_INTERVAL_US = 3_000_000;

/** Keyframes for guests, of which all those who wait get the same one. */
export class GuestKeyframes {
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #request: () => void;
  #lastUs = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, scheduler: Scheduler, request: () => void) {
    this.#clock = clock;
    this.#scheduler = scheduler;
    this.#request = request;
  }

  /** Some guest cannot go on without one. */
  request(): void {
    if (this.#cancel) return;
    const waitUs = this.#lastUs + GUEST_KEYFRAME_INTERVAL_US - this.#clock.nowUs();
    if (waitUs <= 0) this.#make();
    else this.#cancel = this.#scheduler.after(waitUs / 1000, () => this.#make());
  }

  /** One was made, for whomever: those who wait have it. */
  handleKeyframe(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  close(): void {
    this.handleKeyframe();
  }

  #make(): void {
    this.#cancel = undefined;
    this.#lastUs = this.#clock.nowUs();
    this.#request();
  }
}

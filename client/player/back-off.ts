import type { Scheduler } from './scheduler.ts';

/** Milliseconds. */
export interface BackOffRange {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * Delays that double from one attempt to the next, each taken at random from the upper half of its
 * range, so that the players of a container that comes back do not all knock in the same instant.
 */
export class BackOff {
  readonly #scheduler: Scheduler;
  readonly #random: () => number;
  readonly #range: BackOffRange;
  #attempts = 0;
  #cancel: (() => void) | undefined;

  constructor(scheduler: Scheduler, random: () => number, range: BackOffRange) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#range = range;
  }

  /** Runs `task` after the next delay; a task still waiting is replaced. */
  schedule(task: () => void): void {
    this.cancel();
    const ceilingMs = Math.min(this.#range.firstMs * 2 ** this.#attempts++, this.#range.longestMs);
    const delayMs = ceilingMs * (0.5 + this.#random() / 2);
    this.#cancel = this.#scheduler.after(delayMs, () => {
      this.#cancel = undefined;
      task();
    });
  }

  cancel(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** What was tried worked: the next delay is the first again. */
  reset(): void {
    this.cancel();
    this.#attempts = 0;
  }
}

import type { Scheduler } from './scheduler.ts';

/** Something that happens unless it is called off in time. */
export class Deadline {
  readonly #scheduler: Scheduler;
  #cancel: (() => void) | undefined;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Runs `task` after so many milliseconds, in place of what was to happen before. */
  set(delayMs: number, task: () => void): void {
    this.cancel();
    this.#cancel = this.#scheduler.after(delayMs, task);
  }

  cancel(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}

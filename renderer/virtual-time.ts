import type { Clock, Scheduler } from './clock.ts';

interface Timer {
  readonly dueUs: number;
  readonly order: number;
  readonly task: () => void;
}

/**
 * A clock that moves only when told to, and the timers that hang on it. Loops run on it as fast as
 * the machine can draw, and the same way every time: covers, speed measurements and tests.
 */
export class VirtualTime implements Clock, Scheduler {
  #nowUs: number;
  #order = 0;
  readonly #timers = new Set<Timer>();

  constructor(startUs = 0) {
    this.#nowUs = startUs;
  }

  nowUs(): number {
    return this.#nowUs;
  }

  /** Timers that have not run and were not cancelled. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  after(delayMs: number, task: () => void): () => void {
    const dueUs = this.#nowUs + Math.max(0, delayMs) * 1000;
    const timer = { dueUs, order: this.#order++, task };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Moves the clock on and runs what comes due on the way, each at its own time. */
  advance(ms: number): void {
    const untilUs = this.#nowUs + ms * 1000;
    for (let timer = this.#next(untilUs); timer; timer = this.#next(untilUs)) {
      this.#timers.delete(timer);
      this.#nowUs = Math.max(this.#nowUs, timer.dueUs);
      timer.task();
    }
    this.#nowUs = untilUs;
  }

  /** Moves the clock on without running anything, as a blocked event loop does. */
  stall(ms: number): void {
    this.#nowUs += ms * 1000;
  }

  #next(untilUs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueUs > untilUs) continue;
      if (
        !next ||
        timer.dueUs < next.dueUs ||
        (timer.dueUs === next.dueUs && timer.order < next.order)
      ) {
        next = timer;
      }
    }
    return next;
  }
}

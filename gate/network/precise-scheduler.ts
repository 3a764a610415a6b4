import type { Clock, Scheduler } from '../clock.ts';

/** A timer of Node wakes up to a millisecond late: it is trusted until this long before the time. */
const TIMER_LATE_US = 2000;

/**
 * How long the loop may sleep without looking at its sockets. Linux adds its timer slack of 50 µs, so
 * that a datagram waits 150 µs at worst until it is stamped.
 */
const NAP_US = 100;

/** Timer slack and waking: a shorter rest is waited out awake. */
const WAKING_US = 60;

interface Timer {
  readonly dueUs: number;
  readonly task: () => void;
}

/**
 * Timers good to a tenth of a millisecond, for few of them at a time. Waiting out the last
 * milliseconds with immediates alone would be as exact and take a whole core: between two looks at
 * the sockets the process sleeps instead.
 */
export class PreciseScheduler implements Scheduler {
  readonly #clock: Clock;
  readonly #bed = new Int32Array(new SharedArrayBuffer(4));
  readonly #timers = new Set<Timer>();
  #wakeUs = Number.POSITIVE_INFINITY;
  #cancelWake: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { dueUs: this.#clock.nowUs() + delayMs * 1000, task };
    this.#timers.add(timer);
    if (timer.dueUs < this.#wakeUs) this.#arm();
    return () => {
      this.#timers.delete(timer);
      if (this.#timers.size === 0) this.#disarm();
    };
  }

  /** The earliest, of those due at the same time the oldest. */
  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (!next || timer.dueUs < next.dueUs) next = timer;
    return next;
  }

  #disarm(): void {
    this.#cancelWake?.();
    this.#cancelWake = undefined;
    this.#wakeUs = Number.POSITIVE_INFINITY;
  }

  #arm(): void {
    this.#disarm();
    const next = this.#next();
    if (!next) return;
    const leftUs = next.dueUs - this.#clock.nowUs();
    this.#wakeUs = next.dueUs;
    if (leftUs > TIMER_LATE_US) {
      const timeout = setTimeout(this.#wake, Math.floor((leftUs - TIMER_LATE_US) / 1000));
      this.#cancelWake = () => clearTimeout(timeout);
    } else {
      const immediate = setImmediate(this.#wake);
      this.#cancelWake = () => clearImmediate(immediate);
    }
  }

  readonly #wake = (): void => {
    const next = this.#next();
    const leftUs = (next?.dueUs ?? 0) - this.#clock.nowUs();
    if (leftUs > WAKING_US && leftUs <= TIMER_LATE_US) {
      Atomics.wait(this.#bed, 0, 0, Math.min(leftUs - WAKING_US, NAP_US) / 1000);
    }
    for (let due = this.#next(); due; due = this.#next()) {
      if (due.dueUs > this.#clock.nowUs()) break;
      this.#timers.delete(due);
      due.task();
    }
    this.#arm();
  };
}

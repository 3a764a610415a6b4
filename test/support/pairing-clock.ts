import type { Timers } from '../../signaling/timers.ts';

interface Task {
  readonly owner: object;
  readonly dueMs: number;
  readonly run: () => void;
}

/** Timers of one part of a simulated pool. Whoever dies takes its own along. */
export interface MortalTimers extends Timers {
  /** Those that would still fire. */
  readonly pending: number;
  kill(): void;
}

/** The one time of a simulated pool: it stands still until a test moves it. */
export class PairingClock {
  #nowMs = 0;
  readonly #tasks = new Set<Task>();

  get nowMs(): number {
    return this.#nowMs;
  }

  timers(): MortalTimers {
    const owner = {};
    const own = () => [...this.#tasks].filter((task) => task.owner === owner);
    return {
      nowMs: () => this.#nowMs,
      after: (delayMs, run) => {
        const task = { owner, dueMs: this.#nowMs + delayMs, run };
        this.#tasks.add(task);
        return () => void this.#tasks.delete(task);
      },
      get pending() {
        return own().length;
      },
      kill: () => {
        for (const task of own()) this.#tasks.delete(task);
      },
    };
  }

  /** Moves time on. What follows from one timer has followed before the next one fires. */
  async advance(ms: number, handleQuiet: () => void): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const next = this.#next();
      if (!next || next.dueMs > endMs) break;
      this.#tasks.delete(next);
      this.#nowMs = next.dueMs;
      next.run();
      await settle();
      handleQuiet();
    }
    this.#nowMs = endMs;
  }

  #next(): Task | undefined {
    let next: Task | undefined;
    for (const task of this.#tasks) if (!next || task.dueMs < next.dueMs) next = task;
    return next;
  }
}

/** Resolves when nothing can go on by itself any more: all that waits, waits for another part. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

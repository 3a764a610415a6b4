import type { Timers } from '../../signaling/timers.ts';

/** Time that stands still until a test moves it. */
export class ManualTimers implements Timers {
  #nowMs = 0;
  readonly #tasks = new Map<object, { readonly dueMs: number; readonly task: () => void }>();

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, task: () => void): () => void {
    const key = {};
    this.#tasks.set(key, { dueMs: this.#nowMs + delayMs, task });
    return () => void this.#tasks.delete(key);
  }

  /** Moves time on and runs what has become due, in order. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const due = [...this.#tasks]
        .filter(([, { dueMs }]) => dueMs <= endMs)
        .sort(([, a], [, b]) => a.dueMs - b.dueMs)[0];
      if (due === undefined) break;
      const [key, { dueMs, task }] = due;
      this.#tasks.delete(key);
      this.#nowMs = dueMs;
      task();
    }
    // A task may itself have moved time on.
    this.#nowMs = Math.max(this.#nowMs, endMs);
  }

  /** Timers that would still fire. */
  get pending(): number {
    return this.#tasks.size;
  }
}

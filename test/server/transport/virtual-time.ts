import type { Clock, Scheduler } from '../../../renderer/clock.ts';

/** Clock and timers that stand still until a test moves them. */
export class VirtualTime implements Clock, Scheduler {
  #nowUs = 0;
  #tasks: { readonly dueUs: number; readonly task: () => void }[] = [];

  nowUs(): number {
    return this.#nowUs;
  }

  after(delayMs: number, task: () => void): () => void {
    const entry = { dueUs: this.#nowUs + delayMs * 1000, task };
    this.#tasks.push(entry);
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== entry);
    };
  }

  advanceMs(ms: number): void {
    const endUs = this.#nowUs + ms * 1000;
    for (;;) {
      const next = this.#tasks.filter(({ dueUs }) => dueUs <= endUs).sort(byDueTime)[0];
      if (!next) break;
      this.#tasks = this.#tasks.filter((other) => other !== next);
      this.#nowUs = next.dueUs;
      next.task();
    }
    this.#nowUs = endUs;
  }

  get pending(): number {
    return this.#tasks.length;
  }
}

function byDueTime(a: { readonly dueUs: number }, b: { readonly dueUs: number }): number {
  return a.dueUs - b.dueUs;
}

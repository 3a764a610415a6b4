import type { OwnCost } from './own-cost.ts';

const INTERVAL_MS = 50;

/** How late timers run: what a page whose main thread or processor has no time left cannot hide. */
export class TimerWatch {
  readonly #cost: OwnCost;
  #lateMs: number[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(cost: OwnCost) {
    this.#cost = cost;
  }

  get lateMs(): readonly number[] {
    return this.#lateMs;
  }

  start(): void {
    this.stop();
    this.#lateMs = [];
    this.#next();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #next(): void {
    const dueMs = performance.now() + INTERVAL_MS;
    this.#timer = setTimeout(() => {
      const lateMs = performance.now() - dueMs;
      this.#cost.charge(() => this.#lateMs.push(Math.max(0, lateMs)));
      this.#next();
    }, INTERVAL_MS);
  }
}

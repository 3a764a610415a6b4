/**
 * What measuring takes of the page's main thread. Whatever the gate runs in a page while it measures
 * runs in here.
 */
export class OwnCost {
  #spentMs = 0;

  get spentMs(): number {
    return this.#spentMs;
  }

  /** Counts from now on. */
  reset(): void {
    this.#spentMs = 0;
  }

  /** Runs `task` and charges its time. */
  charge(task: () => void): void {
    const beganMs = performance.now();
    task();
    this.#spentMs += performance.now() - beganMs;
  }
}

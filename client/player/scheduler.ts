/** Timers, injected so that tests run on virtual time. Times are `performance.now()` milliseconds. */
export interface Scheduler {
  now(): number;
  /** Runs `task` once after at least `delayMs`; the returned function cancels it. */
  after(delayMs: number, task: () => void): () => void;
}

export const browserScheduler: Scheduler = {
  now: () => performance.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Monotonic time in microseconds; every stamp in a worker comes from one of these. */
export interface Clock {
  nowUs(): number;
}

/** The process's monotonic clock. */
export const systemClock: Clock = { nowUs: () => performance.now() * 1000 };

/** Timers, injected so that tests run on virtual time. */
export interface Scheduler {
  /** Runs `task` once after at least `delayMs`; the returned function cancels it. */
  after(delayMs: number, task: () => void): () => void;
}

export const systemScheduler: Scheduler = {
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};

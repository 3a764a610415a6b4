/** Monotonic time in microseconds. */
export interface Clock {
  nowUs(): number;
}

/** The process's monotonic clock. */
export const systemClock: Clock = { nowUs: () => performance.now() * 1000 };

/** Timers, injected so that tests run on virtual time. */
export interface Scheduler {
  /** Runs `task` once, `delayMs` from now and never during this call; the returned function cancels it. */
  after(delayMs: number, task: () => void): () => void;
}

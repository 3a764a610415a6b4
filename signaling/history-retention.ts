import type { Logger } from 'pino';
import type { Store } from './store/store.ts';
import type { Timers } from './timers.ts';

/** What is a day late to go bothers nobody; what goes by the hour is little at a time. */
export const SWEEP_INTERVAL_MS = 60 * 60_000;

/** A statement that takes milliseconds: whoever begins or ends a session meanwhile does not wait for it. */
export const SWEEP_BATCH = 500;

/** Between two batches, so that a backlog of years does not keep the database busy. */
const BATCH_PAUSE_MS = 1_000;

const DAY_MS = 24 * 60 * 60 * 1000;

export interface HistoryRetentionOptions {
  readonly store: Store;
  /** How long sessions are remembered from their beginning, days. */
  readonly days: number;
  readonly timers: Timers;
  /** Epoch milliseconds. */
  readonly wallClockMs: () => number;
  readonly log: Logger;
}

/** Forgets old sessions, a few at a time. Any number of nodes may do so side by side. */
export class HistoryRetention {
  readonly #options: HistoryRetentionOptions;
  #cancel = () => {};
  #closed = false;

  constructor(options: HistoryRetentionOptions) {
    this.#options = options;
    this.#sweepIn(BATCH_PAUSE_MS);
  }

  /** A batch under way is finished by the store. */
  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #sweepIn(delayMs: number): void {
    this.#cancel = this.#options.timers.after(delayMs, async () => {
      const forgotten = await this.#forgetSome();
      if (this.#closed) return;
      this.#sweepIn(forgotten < SWEEP_BATCH ? SWEEP_INTERVAL_MS : BATCH_PAUSE_MS);
    });
  }

  async #forgetSome(): Promise<number> {
    const { store, days, wallClockMs, log } = this.#options;
    try {
      const forgotten = await store.forgetSessions(wallClockMs() - days * DAY_MS, SWEEP_BATCH);
      if (forgotten > 0) log.info({ forgotten }, 'old sessions forgotten');
      return forgotten;
    } catch (err) {
      if (!this.#closed) log.warn({ err }, 'old sessions could not be forgotten');
      return 0;
    }
  }
}

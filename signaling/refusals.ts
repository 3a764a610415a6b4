import type { Timers } from './timers.ts';

/** A place that two nodes see at once is refused to one of them; so often in a row it is not that. */
const REFUSALS = 3;
const WITHIN_MS = 60_000;
/** Long enough to spare players the detour, short enough for an operator who mends it. */
const QUARANTINE_MS = 60_000;

/** How often a container did not take what it had said it has room for. */
export class Refusals {
  readonly #timers: Timers;
  readonly #handleChange: () => void;
  #recentMs: number[] = [];
  #cancel: (() => void) | undefined;
  #owed = 0;

  /** @param handleChange the quarantine began or is over. */
  constructor(timers: Timers, handleChange: () => void) {
    this.#timers = timers;
    this.#handleChange = handleChange;
  }

  /** Whether the container shall be asked for nothing for now. */
  get quarantined(): boolean {
    return this.#cancel !== undefined || this.#owed > 0;
  }

  add(): void {
    const nowMs = this.#timers.nowMs();
    this.#recentMs = [...this.#recentMs.filter((atMs) => nowMs - atMs < WITHIN_MS), nowMs];
    if (this.#recentMs.length < REFUSALS || this.#cancel) return;
    this.#cancel = this.#timers.after(QUARANTINE_MS, () => {
      this.#cancel = undefined;
      this.#recentMs = [];
      this.#handleChange();
    });
    this.#handleChange();
  }

  /**
   * It has not answered in time: nothing more is asked of it before it does.
   * @returns to be called then, once.
   */
  owe(): () => void {
    this.#owed++;
    if (this.#owed === 1) this.#handleChange();
    return () => {
      this.#owed--;
      if (this.#owed === 0) this.#handleChange();
    };
  }

  /** It took a session: what was refused before was chance. */
  clear(): void {
    this.#recentMs = [];
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}

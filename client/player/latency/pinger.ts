import type { Scheduler } from '../scheduler.ts';

/** The clock offset is wanted with the first input: a quick burst finds a short round trip at once. */
const FIRST_PINGS = 8;
const FIRST_INTERVAL_MS = 30;
const INTERVAL_MS = 500;

/** Says when to measure the round trip. */
export class Pinger {
  readonly #scheduler: Scheduler;
  readonly #ping: () => void;
  #sent = 0;
  #cancel: (() => void) | undefined;

  constructor(scheduler: Scheduler, ping: () => void) {
    this.#scheduler = scheduler;
    this.#ping = ping;
  }

  start(): void {
    this.stop();
    this.#sent = 0;
    this.#next();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #next(): void {
    this.#ping();
    this.#sent++;
    const delayMs = this.#sent < FIRST_PINGS ? FIRST_INTERVAL_MS : INTERVAL_MS;
    this.#cancel = this.#scheduler.after(delayMs, () => this.#next());
  }
}

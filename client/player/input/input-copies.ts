import type { InputMessage } from '../../../protocol/input-messages.ts';
import { MAX_COPIES } from '../../../protocol/motion-messages.ts';
import type { Scheduler } from '../scheduler.ts';

/** On a LAN the frame that shows an edge is back by then, and hardly any copy is sent. */
const INTERVAL_MS = 20;

/** An edge that is still missing by then waits for an outage to end: seldom is enough. */
const URGENT_MS = 500;
const SELDOM_MS = 100;

/** SCTP doubles its wait with every loss; a game that shows no frame for so long is not being played. */
const KEPT_MS = 10_000;

/**
 * Repeats edges on the unreliable channel until the worker is seen to have applied them. A browser's
 * SCTP sends a lost message again after 400 ms at the earliest, and everything after it waits.
 */
export class InputCopies {
  readonly #scheduler: Scheduler;
  readonly #send: (inputs: readonly InputMessage[]) => void;
  /** Oldest first. */
  #waiting: { readonly input: InputMessage; readonly sinceMs: number }[] = [];
  #cancel: (() => void) | undefined;

  constructor(scheduler: Scheduler, send: (inputs: readonly InputMessage[]) => void) {
    this.#scheduler = scheduler;
    this.#send = send;
  }

  /** @param input was just sent on `input`. */
  add(input: InputMessage): void {
    this.#waiting.push({ input, sinceMs: this.#scheduler.now() });
    this.#cancel ??= this.#scheduler.after(INTERVAL_MS, this.#repeat);
  }

  handleApplied(seq: number): void {
    this.#waiting = this.#waiting.filter(({ input }) => input.seq > seq);
  }

  /** Nothing waits, and no timer runs. */
  clear(): void {
    this.#waiting = [];
    this.#cancel?.();
    this.#cancel = undefined;
  }

  readonly #repeat = (): void => {
    this.#cancel = undefined;
    const nowMs = this.#scheduler.now();
    this.#waiting = this.#waiting.filter(({ sinceMs }) => nowMs - sinceMs < KEPT_MS);
    const newest = this.#waiting.at(-1);
    if (!newest) return;
    this.#send(this.#waiting.slice(0, MAX_COPIES).map(({ input }) => input));
    const urgent = nowMs - newest.sinceMs < URGENT_MS;
    this.#cancel = this.#scheduler.after(urgent ? INTERVAL_MS : SELDOM_MS, this.#repeat);
  };
}

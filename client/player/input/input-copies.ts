import type { InputMessage } from '../../../protocol/input-messages.ts';
import { MAX_COPIES } from '../../../protocol/motion-messages.ts';
import type { Scheduler } from '../scheduler.ts';

/** On a LAN the frame that shows an edge is back by then, and hardly any copy is sent. */
const INTERVAL_MS = 20;

/** By then SCTP has sent it again, and a path that is still silent is not helped by more. */
const KEPT_MS = 500;

/**
 * Repeats edges on the unreliable channel until the worker is seen to have applied them. A browser's
 * SCTP sends a lost message again after 400 ms at the earliest, and everything after it waits.
 */
export class InputCopies {
  readonly #scheduler: Scheduler;
  readonly #send: (inputs: readonly InputMessage[]) => void;
  /** Oldest first. */
  #waiting: { readonly input: InputMessage; readonly untilMs: number }[] = [];
  #cancel: (() => void) | undefined;

  constructor(scheduler: Scheduler, send: (inputs: readonly InputMessage[]) => void) {
    this.#scheduler = scheduler;
    this.#send = send;
  }

  /** @param input was just sent on `input`. */
  add(input: InputMessage): void {
    this.#waiting.push({ input, untilMs: this.#scheduler.now() + KEPT_MS });
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
    this.#waiting = this.#waiting.filter(({ untilMs }) => untilMs > nowMs);
    if (this.#waiting.length === 0) return;
    this.#send(this.#waiting.slice(0, MAX_COPIES).map(({ input }) => input));
    this.#cancel = this.#scheduler.after(INTERVAL_MS, this.#repeat);
  };
}

import { encodeInput, type InputMessage } from '../../../protocol/input-messages.ts';
import { encodeMotion, type MotionMessage } from '../../../protocol/motion-messages.ts';
import type { Scheduler } from '../scheduler.ts';
import { InputCopies } from './input-copies.ts';

type WithoutSeq<T> = T extends { readonly seq: number } ? Omit<T, 'seq'> : never;
export type InputEdge = WithoutSeq<InputMessage>;
export type Motion = WithoutSeq<MotionMessage>;

export interface InputSenderOptions {
  /** False where the channel cannot take it. */
  readonly send: (label: 'input' | 'motion', data: Uint8Array<ArrayBuffer>) => boolean;
  /** An edge a person made was sent; `atMs` is when it happened, `performance.now()` time. */
  readonly handleSent: (seq: number, atMs: number) => void;
}

/** Numbers and encodes what the devices report. */
export class InputSender {
  readonly #options: InputSenderOptions;
  readonly #copies: InputCopies;
  #nextSeq = 1;
  #nextMotionSeq = 1;

  constructor(options: InputSenderOptions, scheduler: Scheduler) {
    this.#options = options;
    this.#copies = new InputCopies(scheduler, (inputs) =>
      this.sendMotion({ type: 'copies', inputs }),
    );
  }

  /** Number of the next edge: a page that goes away keeps it for the one that resumes the session. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  /** @param atMs when it happened (`event.timeStamp`). */
  sendEdge(edge: InputEdge, atMs: number): void {
    const seq = this.#nextSeq;
    const input = { ...edge, seq } as InputMessage;
    if (!this.#options.send('input', encodeInput(input))) return;
    this.#nextSeq = seq + 1;
    this.#copies.add(input);
    if (edge.type === 'key' || edge.type === 'button' || edge.type === 'pad-button') {
      this.#options.handleSent(seq, atMs);
    }
  }

  sendMotion(motion: Motion): void {
    const seq = this.#nextMotionSeq;
    if (this.#options.send('motion', encodeMotion({ ...motion, seq } as MotionMessage))) {
      this.#nextMotionSeq = seq + 1;
    }
  }

  /** The worker has applied everything up to this edge. */
  handleApplied(seq: number): void {
    this.#copies.handleApplied(seq);
  }

  /** A new connection: `motion` numbers start again. */
  handleConnected(): void {
    this.#nextMotionSeq = 1;
    this.#copies.clear();
  }

  /** The connection is gone: what it may have lost is told by the worker's state, not sent again. */
  handleDisconnected(): void {
    this.#copies.clear();
  }

  /** What follows belongs to another session, in which this is the number of the next edge. */
  handleNewSession(nextSeq: number): void {
    this.#nextSeq = nextSeq;
  }
}

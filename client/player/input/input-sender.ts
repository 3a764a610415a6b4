import { encodeInput, type InputMessage } from '../../../protocol/input-messages.ts';
import { encodeMotion, type MotionMessage } from '../../../protocol/motion-messages.ts';

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
  #nextSeq = 1;
  #nextMotionSeq = 1;

  constructor(options: InputSenderOptions) {
    this.#options = options;
  }

  /** Number of the next edge: a page that goes away keeps it for the one that resumes the session. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  /** @param atMs when it happened (`event.timeStamp`). */
  sendEdge(edge: InputEdge, atMs: number): void {
    const seq = this.#nextSeq;
    if (!this.#options.send('input', encodeInput({ ...edge, seq } as InputMessage))) return;
    this.#nextSeq = seq + 1;
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

  /** A new connection: `motion` numbers start again. */
  handleConnected(): void {
    this.#nextMotionSeq = 1;
  }

  /** What follows belongs to another session, in which this is the number of the next edge. */
  handleNewSession(nextSeq: number): void {
    this.#nextSeq = nextSeq;
  }
}

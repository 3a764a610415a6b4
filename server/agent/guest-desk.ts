import { RockpoolError, type WireError } from '../../protocol/errors.ts';
import type { GuestAnswer, GuestRequest } from '../../protocol/guest-messages.ts';
import type { ToWorker } from '../worker/worker-messages.ts';

interface Waiting {
  readonly resolve: (answer: GuestAnswer) => void;
  readonly reject: (error: RockpoolError) => void;
}

export type GuestReply =
  | { readonly ok: true; readonly value: GuestAnswer }
  | { readonly ok: false; readonly error: WireError };

/** Asks a worker what concerns the guests of its session, and brings each answer to whoever asked. */
export class GuestDesk {
  readonly #send: (message: ToWorker) => void;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;
  #closed = false;

  constructor(send: (message: ToWorker) => void) {
    this.#send = send;
  }

  /**
   * @param mayEncodeAnother whether the machine has room to encode the picture once more.
   * @throws RockpoolError the worker's own, or `unknown-session` where it ended meanwhile.
   */
  ask(request: GuestRequest, mayEncodeAnother: boolean): Promise<GuestAnswer> {
    if (this.#closed) return Promise.reject(over());
    const requestId = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(requestId, { resolve, reject });
      this.#send({ type: 'guest-request', requestId, request, mayEncodeAnother });
    });
  }

  handleReply(requestId: number, reply: GuestReply): void {
    const waiting = this.#waiting.get(requestId);
    this.#waiting.delete(requestId);
    if (reply.ok) waiting?.resolve(reply.value);
    else waiting?.reject(new RockpoolError(reply.error.code, reply.error.message));
  }

  /** The worker is gone: whatever was not answered never will be. */
  close(): void {
    this.#closed = true;
    for (const { reject } of this.#waiting.values()) reject(over());
    this.#waiting.clear();
  }
}

function over(): RockpoolError {
  return new RockpoolError('unknown-session', 'That session is over.');
}

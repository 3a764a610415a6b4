import type { SignalingSocket } from '../../client/player/connection/signaling-socket.ts';
import type { PlayerHello } from '../../protocol/player-messages.ts';

export interface SentRequest {
  readonly event: string;
  readonly payload: unknown;
  /** Answers `{ ok: true, value }`. */
  accept(value: unknown): void;
  /** Answers `{ ok: false, error }`. */
  refuse(code: string, message?: string): void;
  /** Answers anything, or with an error. */
  answer(ack: unknown): void;
  lose(): void;
}

/** The far end of a socket, played by the test. */
export class FakeSignalingSocket implements SignalingSocket {
  connected = false;
  active = true;
  connects = 0;
  readonly requests: SentRequest[] = [];
  readonly timeouts: number[] = [];
  readonly hello: () => PlayerHello;
  readonly #listeners = new Map<string, ((payload: unknown) => void)[]>();

  constructor(hello: () => PlayerHello) {
    this.hello = hello;
  }

  on(event: string, listener: (payload: unknown) => void): void {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
  }

  timeout(ms: number) {
    this.timeouts.push(ms);
    return {
      emitWithAck: (event: string, payload: unknown): Promise<unknown> => {
        const { promise, resolve, reject } = promiseParts();
        this.requests.push({
          event,
          payload,
          accept: (value) => resolve({ ok: true, value }),
          refuse: (code, message = code) => resolve({ ok: false, error: { code, message } }),
          answer: resolve,
          lose: () => reject(new Error('operation has timed out')),
        });
        return promise;
      },
    };
  }

  connect(): void {
    this.connects++;
  }

  disconnect(): void {
    this.connected = false;
  }

  /** Something arrives from the server. */
  receive(event: string, payload: unknown): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(payload);
  }

  /** All requests of one kind, oldest first. */
  sent(event: string): SentRequest[] {
    return this.requests.filter((request) => request.event === event);
  }

  /** The newest request of one kind. */
  last(event: string): SentRequest {
    const request = this.sent(event).at(-1);
    if (!request) throw new Error(`no ${event} was sent`);
    return request;
  }
}

function promiseParts() {
  let resolve: (value: unknown) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<unknown>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}

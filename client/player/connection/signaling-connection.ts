import type { z } from 'zod';
import {
  parseMessage,
  RockpoolError,
  toRockpoolError,
  wireErrorSchema,
} from '../../../protocol/errors.ts';
import type { SessionId } from '../../../protocol/ids.ts';
import {
  type Offer,
  type Place,
  type PlayerWelcome,
  playerEvents,
  playerRequests,
  readAck,
  type SessionEnded,
  type TicketRequest,
} from '../../../protocol/player-messages.ts';
import type { SessionSignal } from '../../../protocol/session-signal.ts';
import { PROTOCOL_VERSION } from '../../../protocol/version.ts';
import { BackOff } from '../back-off.ts';
import type { Scheduler } from '../scheduler.ts';
import type { OpenSocket, SignalingSocket } from './signaling-socket.ts';

type Requests = typeof playerRequests;
type RequestName = keyof Requests;
export type RequestPayload<K extends RequestName> = z.infer<Requests[K]['payload']>;
export type RequestAnswer<K extends RequestName> = z.infer<Requests[K]['answer']>;

/** A container starts its worker before it answers `play`: cold, that takes seconds. */
const REQUEST_TIMEOUT_MS = 15_000;
const TOKEN_KEY = 'rockpool.guest';

/** A server on the same continent answers in 0.2 s; a page that waits longer than this looks dead. */
export const SIGNALING_TIMEOUT_MS = 10_000;

export interface SignalingListener {
  handleWelcome(welcome: PlayerWelcome): void;
  handleSignal(signal: SessionSignal): void;
  handleSessionEnded(ended: SessionEnded): void;
  /** Whether the machine of a session has a connection to signaling. */
  handleContainer(news: { readonly sessionId: SessionId; readonly present: boolean }): void;
  handlePlace(place: Place): void;
  handleOffer(offer: Offer): void;
  handleOfferOver(ticket: TicketRequest): void;
  /** The server does not want this player, and says why. */
  handleRefused(error: RockpoolError): void;
}

export interface SignalingOptions {
  readonly openSocket: OpenSocket;
  /** Keeps the guest identity. */
  readonly storage: Pick<Storage, 'getItem' | 'setItem'>;
  readonly scheduler: Scheduler;
  readonly random: () => number;
  readonly listener: SignalingListener;
}

/** The player's line to signaling. It comes back by itself, with a new welcome each time. */
export class SignalingConnection {
  readonly #options: SignalingOptions;
  readonly #socket: SignalingSocket;
  readonly #retry: BackOff;
  #welcomed = false;
  #closed = false;

  constructor(options: SignalingOptions) {
    this.#options = options;
    this.#retry = new BackOff(options.scheduler, options.random, {
      firstMs: 1000,
      longestMs: 10_000,
    });
    this.#socket = options.openSocket(() => {
      const token = options.storage.getItem(TOKEN_KEY);
      return { protocol: PROTOCOL_VERSION, ...(token ? { token } : {}) };
    });
    this.#listen(options.listener);
    this.#socket.connect();
  }

  /** True between a welcome and the loss of the socket. */
  get ready(): boolean {
    return this.#welcomed;
  }

  /**
   * Sends a request and waits for its answer.
   * @throws RockpoolError what the server answered, or `timeout` where it did not, or
   * `bad-message` where the answer was not understood.
   */
  async request<K extends RequestName>(
    name: K,
    payload: RequestPayload<K>,
    timeoutMs = REQUEST_TIMEOUT_MS,
  ): Promise<RequestAnswer<K>> {
    let answer: unknown;
    try {
      answer = await this.#socket.timeout(timeoutMs).emitWithAck(name, payload);
    } catch (cause) {
      throw new RockpoolError('timeout', 'The server did not answer in time.', { cause });
    }
    // The compiler does not follow `K` through the table; the table itself ties name and answer.
    const schema = playerRequests[name].answer as unknown as z.ZodType<RequestAnswer<K>>;
    return readAck(schema, answer, name);
  }

  /**
   * Takes a new socket now. The one there is may hang on a network that is gone, which its pings
   * would find out only after most of a minute. Requests under way are rejected.
   */
  reconnect(): void {
    if (this.#closed) return;
    this.#welcomed = false;
    this.#socket.disconnect();
    this.#retry.cancel();
    this.#socket.connect();
  }

  close(): void {
    this.#closed = true;
    this.#welcomed = false;
    this.#retry.cancel();
    this.#socket.disconnect();
  }

  #listen(listener: SignalingListener): void {
    this.#on('welcome', playerEvents.welcome, (welcome) => {
      this.#options.storage.setItem(TOKEN_KEY, welcome.token);
      this.#welcomed = true;
      this.#retry.reset();
      listener.handleWelcome(welcome);
    });
    this.#on('signal', playerEvents.signal, (signal) => listener.handleSignal(signal));
    this.#on('session-ended', playerEvents['session-ended'], (ended) =>
      listener.handleSessionEnded(ended),
    );
    this.#on('container', playerEvents.container, (news) => listener.handleContainer(news));
    this.#on('place', playerEvents.place, (place) => listener.handlePlace(place));
    this.#on('offer', playerEvents.offer, (offer) => listener.handleOffer(offer));
    this.#on('offer-over', playerEvents['offer-over'], (ticket) =>
      listener.handleOfferOver(ticket),
    );
    this.#on('refused', playerEvents.refused, (error) =>
      listener.handleRefused(new RockpoolError(error.code, error.message)),
    );
    this.#socket.on('connect_error', (error) => this.#handleConnectError(error));
    this.#socket.on('disconnect', () => {
      this.#welcomed = false;
      this.#reconnect();
    });
  }

  #on<T>(event: string, schema: z.ZodType<T>, handle: (payload: T) => void): void {
    this.#socket.on(event, (payload) => {
      if (this.#closed) return;
      let message: T;
      try {
        message = parseMessage(schema, payload, event);
      } catch (error) {
        console.error('Signaling sent what this player does not understand.', error);
        return;
      }
      handle(message);
    });
  }

  /** A refused handshake carries a wire error as `data`; a server out of reach carries none. */
  #handleConnectError(error: unknown): void {
    if (this.#closed) return;
    this.#reconnect();
    const data = error instanceof Error && 'data' in error ? error.data : undefined;
    if (data === undefined) return;
    const refusal = wireErrorSchema.safeParse(data);
    this.#options.listener.handleRefused(
      refusal.success
        ? new RockpoolError(refusal.data.code, refusal.data.message, { cause: error })
        : toRockpoolError(error),
    );
  }

  /** Where the server ended the connection socket.io does not try again, and a game may be running. */
  #reconnect(): void {
    if (this.#closed || this.#socket.active) return;
    this.#retry.schedule(() => this.#socket.connect());
  }
}

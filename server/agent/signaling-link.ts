import { io, type Socket } from 'socket.io-client';
import type { z } from 'zod';
import {
  CONTAINER_NAMESPACE,
  type ContainerHello,
  containerCommands,
  type containerRequests,
} from '../../protocol/container-messages.ts';
import {
  parseMessage,
  RockpoolError,
  toRockpoolError,
  wireErrorSchema,
} from '../../protocol/errors.ts';
import { emptySchema, readAck } from '../../protocol/player-messages.ts';

type Requests = typeof containerRequests;
type Commands = typeof containerCommands;

/** What signaling may ask of a container; each answer, or the error thrown, is acknowledged. */
export type CommandHandlers = {
  [K in keyof Commands]: (
    payload: z.infer<Commands[K]['payload']>,
  ) => Promise<z.infer<Commands[K]['answer']>> | z.infer<Commands[K]['answer']>;
};

export interface SignalingLinkListener {
  /**
   * A connection stands (again): join now.
   * @param socketId what signaling calls it.
   */
  handleConnected(socketId: string): void;
  handleDisconnected(reason: string): void;
  /** Signaling will not have this container; trying again changes nothing. */
  handleRefused(error: RockpoolError): void;
}

/** How long signaling may take to answer. */
const ANSWER_TIMEOUT_MS = 10_000;

/** Between attempts that signaling itself turned down. */
const RETRY_MS = 2_000;

/** Errors that another attempt cannot mend. */
const FINAL = new Set(['unauthorised', 'protocol-mismatch', 'forbidden-origin', 'bad-message']);

/** The container's connection to signaling: parsed both ways, re-made with jittered back-off. */
export class SignalingLink {
  readonly #socket: Socket;
  #refused = false;
  #retryTimer: NodeJS.Timeout | undefined;

  constructor(
    url: string,
    hello: ContainerHello,
    handlers: CommandHandlers,
    listener: SignalingLinkListener,
  ) {
    this.#socket = io(new URL(CONTAINER_NAMESPACE, url).href, {
      transports: ['websocket'],
      auth: hello,
      autoConnect: false,
      reconnectionDelay: 250,
      reconnectionDelayMax: 5_000,
      randomizationFactor: 0.5,
    });
    this.#socket.on('connect', () => listener.handleConnected(this.#socket.id ?? ''));
    this.#socket.on('refused', (told) => this.#handleRefusal(told, listener));
    this.#socket.on('disconnect', (reason) => {
      listener.handleDisconnected(reason);
      // Signaling hung up on purpose; socket.io reconnects by itself only after network faults.
      if (reason === 'io server disconnect' && !this.#refused) this.#socket.connect();
    });
    this.#socket.on('connect_error', (error) => {
      this.#handleRefusal('data' in error ? error.data : undefined, listener);
      // After a refusal by the server socket.io does not try again by itself.
      if (!this.#refused && !this.#socket.active) this.#retrySoon();
    });
    for (const name of Object.keys(containerCommands) as (keyof Commands)[]) {
      this.#answer(name, handlers);
    }
  }

  connect(): void {
    this.#socket.connect();
  }

  get connected(): boolean {
    return this.#socket.connected;
  }

  /** @throws RockpoolError what signaling answered, or `timeout`. */
  async request<K extends keyof Requests>(
    name: K,
    payload: z.infer<Requests[K]['payload']>,
  ): Promise<void> {
    let reply: unknown;
    try {
      reply = await this.#socket.timeout(ANSWER_TIMEOUT_MS).emitWithAck(name, payload);
    } catch (cause) {
      throw new RockpoolError('timeout', `Signaling did not answer "${name}".`, { cause });
    }
    readAck(emptySchema, reply, name);
  }

  close(): void {
    clearTimeout(this.#retryTimer);
    this.#socket.disconnect();
  }

  /** Signaling has its hands full, or its database is away. */
  #retrySoon(): void {
    const delayMs = RETRY_MS * (0.5 + Math.random());
    this.#retryTimer = setTimeout(() => this.#socket.connect(), delayMs);
  }

  #handleRefusal(told: unknown, listener: SignalingLinkListener): void {
    const refusal = wireErrorSchema.safeParse(told);
    if (!refusal.success || !FINAL.has(refusal.data.code)) return;
    this.#refused = true;
    this.#socket.disconnect();
    listener.handleRefused(new RockpoolError(refusal.data.code, refusal.data.message));
  }

  #answer(name: keyof Commands, handlers: CommandHandlers): void {
    const handle = handlers[name] as (payload: unknown) => unknown;
    const schema: z.ZodType = containerCommands[name].payload;
    const receive = async (payload: unknown, ack: unknown) => {
      if (typeof ack !== 'function') return;
      try {
        ack({ ok: true, value: await handle(parseMessage(schema, payload, name)) });
      } catch (error) {
        ack({ ok: false, error: toRockpoolError(error).toWire() });
      }
    };
    this.#socket.on(name, receive);
  }
}

import { createAdapter } from '@socket.io/redis-streams-adapter';
import { Server } from 'socket.io';
import type { PoolBus } from './pool-bus.ts';
import type { RedisClient } from './redis-client.ts';

const EVENT = 'nodes';
/** Rockpool's own in a Redis that is shared. */
const CHANNEL = 'rockpool';
/** The adapter's reader sees that it is to end only when it has waited for so long. */
const READ_BLOCK_MS = 500;
/**
 * What can wait waits so long for company: each message costs a node more than what it says. Nobody feels
 * that another node knows a hundredth of a second later how full a container is.
 */
const PATIENCE_MS = 10;

/**
 * Nodes as servers of one socket.io cluster, which no client connects to: what they say goes through
 * Redis. All that is said in one turn of the event loop is one message there, and with it goes what could
 * wait.
 */
export class SocketioPoolBus implements PoolBus {
  readonly #client: RedisClient;
  readonly #server: Server;
  /** Settles once what others say is heard. */
  readonly listening: Promise<void>;
  #batch: unknown[] = [];
  #isUrgent = false;
  #patience: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param client stays open. */
  constructor(client: RedisClient) {
    this.#client = client;
    let handleListening = () => {};
    this.listening = new Promise((resolve) => {
      handleListening = resolve;
    });
    const adapter = createAdapter(lenient(client, handleListening), {
      streamName: CHANNEL,
      channelPrefix: CHANNEL,
      blockTimeInMs: READ_BLOCK_MS,
    });
    this.#server = new Server({ adapter });
  }

  get connected(): boolean {
    return this.#client.isReady && !this.#closed;
  }

  send(message: unknown, isPatient = false): void {
    if (!this.connected) return;
    this.#batch.push(message);
    if (isPatient) this.#patience ??= setTimeout(() => this.#flush(), PATIENCE_MS);
    else if (!this.#isUrgent) {
      this.#isUrgent = true;
      setImmediate(() => this.#flush());
    }
  }

  listen(handle: (message: unknown) => void): void {
    this.#server.on(EVENT, (text: unknown) => {
      const batch: unknown = typeof text === 'string' ? parsed(text) : undefined;
      if (!Array.isArray(batch)) return;
      for (const message of batch) handle(message);
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#flush();
    this.#closed = true;
    // A server that serves nobody has nothing else to close.
    await this.#server.of('/').adapter.close();
  }

  #flush(): void {
    const batch = this.#batch;
    this.#batch = [];
    this.#isUrgent = false;
    clearTimeout(this.#patience);
    this.#patience = undefined;
    // What Redis cannot take now is lost, and found missing by who counts.
    if (batch.length > 0 && this.connected)
      this.#server.serverSideEmit(EVENT, JSON.stringify(batch));
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * The same client as the adapter needs it: what it could not publish is lost instead of thrown where
 * nobody catches it, and its readers wait for a Redis that is away, or they would ask again in a loop
 * that leaves nothing else a turn.
 */
function lenient(client: RedisClient, handleListening: () => void): RedisClient {
  return withMethods(client, {
    publish: (channel: string, payload: Buffer) => client.publish(channel, payload).catch(() => 0),
    duplicate: () => {
      const reader = client.duplicate({ disableOfflineQueue: false });
      return withMethods(reader, {
        subscribe: (...args: Parameters<typeof reader.subscribe>) =>
          reader.subscribe(...args).then(handleListening, () => {}),
      });
    },
  });
}

/** An object with some of its methods replaced. */
function withMethods<T extends object>(object: T, methods: Record<string, unknown>): T {
  return new Proxy(object, {
    get(target, name) {
      if (typeof name === 'string' && Object.hasOwn(methods, name)) return methods[name];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

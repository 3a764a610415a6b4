import type { PoolBus } from '../../signaling/nodes/pool-bus.ts';

interface End {
  readonly handle: ((message: unknown) => void)[];
  /** What is under way to it, by who said it. */
  readonly queues: Map<object, (() => void)[]>;
}

/**
 * Carries the words of nodes in one process, as texts: each stays under way until a test delivers it.
 * What one node says to another keeps its order, and nothing else does.
 */
export class SimulatedBus {
  readonly #ends = new Map<object, End>();
  /** Nobody hears anybody. */
  cut = false;
  readonly #isLive: boolean;

  /** @param isLive whether everything arrives by itself, a turn of the event loop later. */
  constructor(isLive = false) {
    this.#isLive = isLive;
  }

  /** One node's end of it. */
  open(): PoolBus {
    const key = {};
    this.#ends.set(key, { handle: [], queues: new Map() });
    const isConnected = () => !this.cut && this.#ends.has(key);
    return {
      get connected() {
        return isConnected();
      },
      send: (message) => {
        if (isConnected()) this.#send(key, JSON.stringify(message));
      },
      listen: (handle) => void this.#ends.get(key)?.handle.push(handle),
      close: async () => void this.#ends.delete(key),
    };
  }

  /** Each of one direction between two nodes. */
  get queues(): (() => void)[][] {
    return [...this.#ends.values()]
      .flatMap(({ queues }) => [...queues.values()])
      .filter((queue) => queue.length > 0);
  }

  #send(from: object, text: string): void {
    for (const [key, { handle, queues }] of this.#ends) {
      if (key === from) continue;
      const queue = queues.get(from) ?? [];
      queues.set(from, queue);
      queue.push(() => {
        if (this.#ends.has(key)) for (const one of handle) one(JSON.parse(text));
      });
      if (this.#isLive) setImmediate(() => queue.shift()?.());
    }
  }
}

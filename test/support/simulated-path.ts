interface Task {
  readonly atUs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Time that passes from event to event. */
export class VirtualTime {
  readonly #heap: Task[] = [];
  #nowUs = 0;
  #order = 0;

  get nowUs(): number {
    return this.#nowUs;
  }

  /** Runs a task then; those of the same time in the order they were given. */
  at(atUs: number, run: () => void): void {
    const heap = this.#heap;
    const task = { atUs: Math.max(atUs, this.#nowUs), order: this.#order++, run };
    let child = heap.push(task) - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, task)) break;
      heap[child] = above;
      child = parent;
    }
    heap[child] = task;
  }

  after(delayUs: number, run: () => void): void {
    this.at(this.#nowUs + delayUs, run);
  }

  /** Repeats a task for as long as time runs. */
  every(intervalUs: number, run: () => void): void {
    const again = (): void => {
      run();
      this.after(intervalUs, again);
    };
    this.after(intervalUs, again);
  }

  runUntil(endUs: number): void {
    for (let next = this.#heap[0]; next && next.atUs <= endUs; next = this.#heap[0]) {
      this.#pop();
      this.#nowUs = next.atUs;
      next.run();
    }
    this.#nowUs = endUs;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let parent = 0;
    for (;;) {
      let child = parent * 2 + 1;
      const left = heap[child];
      if (left === undefined) break;
      const right = heap[child + 1];
      let least = left;
      if (right !== undefined && isBefore(right, left)) {
        child++;
        least = right;
      }
      if (isBefore(last, least)) break;
      heap[parent] = least;
      parent = child;
    }
    heap[parent] = last;
  }
}

function isBefore(a: Task, b: Task): boolean {
  return a.atUs < b.atUs || (a.atUs === b.atUs && a.order < b.order);
}

/** Repeatable randomness (mulberry32), 0 to 1. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Gilbert–Elliott: everything is lost in a burst, nothing outside. */
export interface BurstLoss {
  /** Of all packets, 0 to 1. */
  readonly fraction: number;
  /** Mean length of a burst; 1: losses are independent. */
  readonly burstPackets: number;
}

export interface SimulatedPathOptions {
  readonly seed?: number;
  /** One way, without queue and jitter. */
  readonly delayMs: number | ((nowUs: number) => number);
  /** Each packet is delayed by 0 to twice this more, by itself: so packets overtake one another. */
  readonly jitterMs?: number;
  readonly loss?: BurstLoss;
  /** Of the bottleneck. */
  readonly bitrateBps: number | ((nowUs: number) => number);
  /** What the bottleneck holds before it drops, in time at the rate of the moment. */
  readonly queueMs: number;
  /** While false, nothing arrives on either side. */
  readonly isUp?: (nowUs: number) => boolean;
}

interface Queued {
  readonly bytes: number;
  readonly enteredUs: number;
  readonly deliver: () => void;
}

/** A bottleneck with a queue, then loss, delay and jitter; any number of senders share it. */
export class SimulatedPath {
  readonly #time: VirtualTime;
  readonly #options: SimulatedPathOptions;
  readonly #random: () => number;
  readonly #queue: Queued[] = [];
  #head = 0;
  #queuedBytes = 0;
  #busy = false;
  #inBurst = false;
  #dropped = 0;
  /** What packets waited, as they left the queue: pairs of time and milliseconds. */
  readonly waits: { readonly atUs: number; readonly waitMs: number }[] = [];

  constructor(time: VirtualTime, options: SimulatedPathOptions) {
    this.#time = time;
    this.#options = options;
    this.#random = seededRandom(options.seed ?? 1);
  }

  get time(): VirtualTime {
    return this.#time;
  }

  /** Packets the full queue dropped. */
  get dropped(): number {
    return this.#dropped;
  }

  send(bytes: number, deliver: () => void): void {
    const limit = (this.#bitrateBps * this.#options.queueMs) / 8000;
    if (this.#queuedBytes + bytes > Math.max(limit, 3000)) {
      this.#dropped++;
      return;
    }
    this.#queuedBytes += bytes;
    this.#queue.push({ bytes, enteredUs: this.#time.nowUs, deliver });
    if (!this.#busy) this.#serve();
  }

  /** Back to the sender: only the delay. */
  sendBack(deliver: () => void): void {
    if (this.#isUp) this.#time.after(this.#delayMs * 1000, deliver);
  }

  /** Milliseconds that all but a part `1 - p` of the packets between two times waited at most. */
  waitPercentile(p: number, fromUs: number, toUs: number): number {
    const waits = this.waits
      .filter(({ atUs }) => atUs >= fromUs && atUs < toUs)
      .map(({ waitMs }) => waitMs)
      .sort((a, b) => a - b);
    return waits[Math.min(waits.length - 1, Math.floor(waits.length * p))] ?? 0;
  }

  get #isUp(): boolean {
    return this.#options.isUp?.(this.#time.nowUs) ?? true;
  }

  get #delayMs(): number {
    const { delayMs } = this.#options;
    return typeof delayMs === 'number' ? delayMs : delayMs(this.#time.nowUs);
  }

  get #bitrateBps(): number {
    const { bitrateBps } = this.#options;
    return typeof bitrateBps === 'number' ? bitrateBps : bitrateBps(this.#time.nowUs);
  }

  #serve(): void {
    const packet = this.#queue[this.#head];
    if (packet === undefined) return;
    this.#head++;
    if (this.#head > 1024) {
      this.#queue.splice(0, this.#head);
      this.#head = 0;
    }
    this.#busy = true;
    const atUs = this.#time.nowUs;
    this.waits.push({ atUs, waitMs: (atUs - packet.enteredUs) / 1000 });
    this.#time.after((packet.bytes * 8e6) / this.#bitrateBps, () => {
      this.#queuedBytes -= packet.bytes;
      this.#busy = false;
      if (this.#isUp && !this.#isLost()) this.#deliver(packet.deliver);
      this.#serve();
    });
  }

  #deliver(deliver: () => void): void {
    const jitterMs = (this.#options.jitterMs ?? 0) * 2 * this.#random();
    this.#time.after((this.#delayMs + jitterMs) * 1000, deliver);
  }

  #isLost(): boolean {
    const { loss } = this.#options;
    if (!loss) return false;
    const leave = 1 / loss.burstPackets;
    const enter = (leave * loss.fraction) / (1 - loss.fraction);
    this.#inBurst = this.#random() < (this.#inBurst ? 1 - leave : enter);
    return this.#inBurst;
  }
}

/** Takes a datagram at the far end of a link. */
export type Deliver = (datagram: Uint8Array) => void;

/** A datagram under way. */
export interface Delivery {
  readonly datagram: Uint8Array;
  readonly deliver: Deliver;
  readonly dueUs: number;
  /** Breaks ties: what was sent first arrives first. */
  readonly order: number;
}

function isBefore(a: Delivery, b: Delivery): boolean {
  return a.dueUs < b.dueUs || (a.dueUs === b.dueUs && a.order < b.order);
}

/** Datagrams by the time they are due: a binary heap. */
export class DeliveryQueue {
  readonly #heap: Delivery[] = [];

  /** The next to be delivered. */
  get first(): Delivery | undefined {
    return this.#heap[0];
  }

  push(delivery: Delivery): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(delivery);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (!parent || isBefore(parent, delivery)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = delivery;
  }

  /** Takes the first out. */
  shift(): Delivery | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (!first || !last || first === last) return first;
    let at = 0;
    for (;;) {
      const left = heap[2 * at + 1];
      if (!left) break;
      const right = heap[2 * at + 2];
      const takesRight = right !== undefined && isBefore(right, left);
      const child = takesRight ? right : left;
      if (isBefore(last, child)) break;
      heap[at] = child;
      at = 2 * at + (takesRight ? 2 : 1);
    }
    heap[at] = last;
    return first;
  }

  clear(): void {
    this.#heap.length = 0;
  }
}

/** Emptied places are given back in blocks of this many: one copy for as many packets. */
const COMPACT_AT = 256;

/** First in, first out, with its size in bytes; taking out is as cheap as putting in. */
export class PacketQueue<T> {
  readonly #items: T[] = [];
  readonly #bytesOf: (item: T) => number;
  #head = 0;
  #bytes = 0;

  /** @param bytesOf must give the same for the same item as long as it is queued. */
  constructor(bytesOf: (item: T) => number) {
    this.#bytesOf = bytesOf;
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  peek(): T | undefined {
    return this.#items[this.#head];
  }

  push(item: T): void {
    this.#items.push(item);
    this.#bytes += this.#bytesOf(item);
  }

  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#head++;
    this.#bytes -= this.#bytesOf(item);
    if (this.#head === this.#items.length) {
      this.#items.length = 0;
      this.#head = 0;
    } else if (this.#head >= COMPACT_AT) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Empties it. @returns what was in it, in order. */
  drain(): T[] {
    const items = this.#items.splice(this.#head);
    this.#items.length = 0;
    this.#head = 0;
    this.#bytes = 0;
    return items;
  }
}

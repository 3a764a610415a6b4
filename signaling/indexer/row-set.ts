/** Rows as bits: a hundred thousand of them are 12.5 kB, which stay in the processor's cache. */
export class RowSet {
  #words = new Uint32Array(2);

  has(row: number): boolean {
    return ((this.#words[row >>> 5] ?? 0) & (1 << (row & 31))) !== 0;
  }

  set(row: number, isIn: boolean): void {
    const word = row >>> 5;
    if (word >= this.#words.length) {
      if (!isIn) return;
      const grown = new Uint32Array(2 * (word + 1));
      grown.set(this.#words);
      this.#words = grown;
    }
    const bit = 1 << (row & 31);
    const others = (this.#words[word] ?? 0) & ~bit;
    this.#words[word] = isIn ? others | bit : others;
  }
}

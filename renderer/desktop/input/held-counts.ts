/**
 * What is held down, and by how many at once: a key that the keyboard and a pad hold both is let go
 * by the last of them.
 */
export class HeldCounts {
  readonly #counts = new Map<number, number>();

  /** True where nobody held it before. */
  hold(what: number): boolean {
    const count = this.#counts.get(what) ?? 0;
    this.#counts.set(what, count + 1);
    return count === 0;
  }

  /** True where nobody holds it any more; what nobody held is left alone. */
  letGo(what: number): boolean {
    const count = this.#counts.get(what);
    if (count === undefined) return false;
    if (count > 1) {
      this.#counts.set(what, count - 1);
      return false;
    }
    this.#counts.delete(what);
    return true;
  }

  has(what: number): boolean {
    return this.#counts.has(what);
  }

  /** Forgets everything and says what was held. */
  clear(): number[] {
    const held = [...this.#counts.keys()];
    this.#counts.clear();
    return held;
  }
}

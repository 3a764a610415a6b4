/**
 * A well-mixed 32-bit hash of two integers (the finaliser of MurmurHash3 over their combination):
 * randomness by place, so that any stretch of sea can be made without making those before it.
 */
export function hash(a: number, b: number): number {
  let h = Math.imul(a | 0, 0x9e3779b1) ^ Math.imul((b | 0) + 0x7f4a7c15, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The hash as a fraction, 0 to 1 (exclusive). */
export function hashFraction(a: number, b: number): number {
  return hash(a, b) / 4_294_967_296;
}

/** A stream of fractions from a seed: a hash of a counter. */
export class Random {
  readonly #seed: number;
  #count = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** 0 to 1 (exclusive). */
  next(): number {
    return hashFraction(this.#seed, this.#count++);
  }

  /** `min` to `max` (exclusive). */
  between(min: number, max: number): number {
    return min + (max - min) * this.next();
  }
}

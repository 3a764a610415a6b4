/** SplitMix32's increment: the golden ratio in 32 bits. */
const GOLDEN = 0x9e3779b9;

/** One well-mixed word of a counter: SplitMix32, which spreads any seed over a whole state. */
function mixed(counter: number): number {
  let word = counter | 0;
  word = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
  word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
  return word ^ (word >>> 15);
}

/**
 * xoshiro128** (Blackman and Vigna, 2018): a stream of random numbers that its seed decides, the
 * same on every machine. Streams of neighbouring seeds are unrelated.
 */
export class SeededRandom {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** @param seed integers; each list of them is a stream of its own. */
  constructor(...seed: readonly number[]) {
    let counter = seed.reduce((state, part) => mixed(Math.imul(state, 31) + part + GOLDEN), 0);
    const word = () => {
      counter = (counter + GOLDEN) | 0;
      return mixed(counter);
    };
    this.#a = word();
    this.#b = word();
    this.#c = word();
    // The one state that the generator never leaves is all zeros.
    this.#d = word() | 1;
  }

  /** 0 to 1 (exclusive), in steps of 2⁻³². */
  next(): number {
    const product = Math.imul(this.#b, 5);
    const word = Math.imul((product << 7) | (product >>> 25), 9);
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return (word >>> 0) / 4_294_967_296;
  }

  /** Normally distributed with mean 0 and deviation 1 (Box and Muller). */
  normal(): number {
    // 1 − x is never 0, whose logarithm has no end.
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return radius * Math.cos(2 * Math.PI * this.next());
  }
}

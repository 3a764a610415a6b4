/** FIPS 180-4 §4.2.2. */
const CONSTANTS = Int32Array.from(primes(64), (prime) => fractionBits(Math.cbrt(prime)));
/** FIPS 180-4 §5.3.3. */
const START = Int32Array.from(primes(8), (prime) => fractionBits(Math.sqrt(prime)));

const BLOCK_BYTES = 64;

/**
 * SHA-256 (FIPS 180-4) of content that comes in parts. Web Crypto wants all of it at once and is not
 * there without TLS; where Node's own is, that one is faster.
 */
export class Sha256 {
  readonly #state = START.slice();
  readonly #schedule = new Int32Array(64);
  readonly #rest = new Uint8Array(BLOCK_BYTES);
  #restBytes = 0;
  #bytes = 0;

  update(content: Uint8Array): this {
    this.#bytes += content.length;
    let from = 0;
    if (this.#restBytes > 0) {
      from = Math.min(BLOCK_BYTES - this.#restBytes, content.length);
      this.#rest.set(content.subarray(0, from), this.#restBytes);
      this.#restBytes += from;
      if (this.#restBytes < BLOCK_BYTES) return this;
      this.#compress(this.#rest, 0);
      this.#restBytes = 0;
    }
    for (; from + BLOCK_BYTES <= content.length; from += BLOCK_BYTES) this.#compress(content, from);
    this.#rest.set(content.subarray(from));
    this.#restBytes = content.length - from;
    return this;
  }

  /** In hexadecimal; nothing may be added afterwards. */
  hex(): string {
    const end = new Uint8Array(this.#restBytes < 56 ? BLOCK_BYTES : 2 * BLOCK_BYTES);
    end.set(this.#rest.subarray(0, this.#restBytes));
    end[this.#restBytes] = 0x80;
    new DataView(end.buffer).setBigUint64(end.length - 8, BigInt(this.#bytes) * 8n);
    for (let from = 0; from < end.length; from += BLOCK_BYTES) this.#compress(end, from);
    return [...this.#state].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }

  /** FIPS 180-4 §6.2.2. */
  #compress(content: Uint8Array, from: number): void {
    const schedule = this.#schedule;
    const state = this.#state;
    for (let i = 0, at = from; i < 16; i++, at += 4) {
      schedule[i] =
        ((content[at] ?? 0) << 24) |
        ((content[at + 1] ?? 0) << 16) |
        ((content[at + 2] ?? 0) << 8) |
        (content[at + 3] ?? 0);
    }
    for (let i = 16; i < 64; i++) {
      const early = schedule[i - 15] ?? 0;
      const late = schedule[i - 2] ?? 0;
      const small0 = turned(early, 7) ^ turned(early, 18) ^ (early >>> 3);
      const small1 = turned(late, 17) ^ turned(late, 19) ^ (late >>> 10);
      schedule[i] = ((schedule[i - 16] ?? 0) + small0 + (schedule[i - 7] ?? 0) + small1) | 0;
    }
    let a = state[0] ?? 0;
    let b = state[1] ?? 0;
    let c = state[2] ?? 0;
    let d = state[3] ?? 0;
    let e = state[4] ?? 0;
    let f = state[5] ?? 0;
    let g = state[6] ?? 0;
    let h = state[7] ?? 0;
    for (let i = 0; i < 64; i++) {
      const big1 = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
      const chosen = (e & f) ^ (~e & g);
      const first = (h + big1 + chosen + (CONSTANTS[i] ?? 0) + (schedule[i] ?? 0)) | 0;
      const big0 = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
      const majority = (a & b) ^ (a & c) ^ (b & c);
      h = g;
      g = f;
      f = e;
      e = (d + first) | 0;
      d = c;
      c = b;
      b = a;
      a = (first + big0 + majority) | 0;
    }
    state[0] = ((state[0] ?? 0) + a) | 0;
    state[1] = ((state[1] ?? 0) + b) | 0;
    state[2] = ((state[2] ?? 0) + c) | 0;
    state[3] = ((state[3] ?? 0) + d) | 0;
    state[4] = ((state[4] ?? 0) + e) | 0;
    state[5] = ((state[5] ?? 0) + f) | 0;
    state[6] = ((state[6] ?? 0) + g) | 0;
    state[7] = ((state[7] ?? 0) + h) | 0;
  }
}

function turned(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

function primes(count: number): number[] {
  const found: number[] = [];
  for (let next = 2; found.length < count; next++) {
    if (found.every((prime) => next % prime !== 0)) found.push(next);
  }
  return found;
}

/** The first 32 bits of what comes after the point: a double has 52, less the few before the point. */
function fractionBits(root: number): number {
  return Math.floor((root - Math.floor(root)) * 2 ** 32) | 0;
}

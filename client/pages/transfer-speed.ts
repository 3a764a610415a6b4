/** Over so long a speed is taken: shorter, it jumps; longer, it lies after a pause. */
const WINDOW_MS = 6_000;

interface Sample {
  readonly atMs: number;
  readonly bytes: number;
}

/** How fast something is sent, from how much of it has been sent when. */
export class TransferSpeed {
  #samples: Sample[] = [];

  /** @param bytes sent in all. */
  add(atMs: number, bytes: number): void {
    const last = this.#samples.at(-1);
    // After a lost connection less may have arrived than was sent.
    if (last && bytes < last.bytes) this.#samples = [];
    this.#samples.push({ atMs, bytes });
    while ((this.#samples[0]?.atMs ?? atMs) < atMs - WINDOW_MS) this.#samples.shift();
  }

  reset(): void {
    this.#samples = [];
  }

  /** Undefined until there is something to tell it from. */
  get bytesPerSecond(): number | undefined {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.atMs - first.atMs < 500) return undefined;
    return ((last.bytes - first.bytes) * 1000) / (last.atMs - first.atMs);
  }
}

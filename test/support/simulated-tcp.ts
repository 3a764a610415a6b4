import type { SimulatedPath } from './simulated-path.ts';

const SEGMENT_BYTES = 1500;
const INITIAL_WINDOW = 10;
const RTO_US = 1_000_000;

/** RFC 9438 §4.1, §4.6. */
const CUBIC_C = 0.4;
const CUBIC_BETA = 0.7;

export type TcpKind = 'newreno' | 'cubic';

/** A bulk transfer that fills the queue: NewReno (RFC 6582) or CUBIC (RFC 9438), with SACK. */
export class SimulatedTcp {
  readonly #path: SimulatedPath;
  readonly #kind: TcpKind;
  /** Sent and not yet acknowledged, by sequence number. */
  readonly #flight = new Map<number, number>();
  #next = 0;
  #window = INITIAL_WINDOW;
  #threshold = Number.POSITIVE_INFINITY;
  /** Losses up to this one belong to a reduction already made. */
  #recoverUntil = -1;
  #epochUs: number | undefined;
  #windowMax = 0;
  #rttUs = 0;
  #lastAckUs = 0;
  readonly deliveredBytes: number[] = [];

  constructor(path: SimulatedPath, kind: TcpKind, startUs = 0) {
    this.#path = path;
    this.#kind = kind;
    path.time.at(startUs, () => {
      this.#lastAckUs = path.time.nowUs;
      this.#fill();
      path.time.every(100_000, () => this.#checkTimeout());
    });
  }

  /** Between two times, in bits a second. */
  deliveredBps(fromUs: number, toUs: number): number {
    let sum = 0;
    for (let i = Math.floor(fromUs / 1e5); i < Math.floor(toUs / 1e5); i++) {
      sum += this.deliveredBytes[i] ?? 0;
    }
    return (sum * 8e6) / (toUs - fromUs);
  }

  #fill(): void {
    while (this.#flight.size < this.#window) {
      const seq = this.#next++;
      this.#flight.set(seq, this.#path.time.nowUs);
      this.#path.send(SEGMENT_BYTES, () => {
        const slot = Math.floor(this.#path.time.nowUs / 1e5);
        this.deliveredBytes[slot] = (this.deliveredBytes[slot] ?? 0) + SEGMENT_BYTES;
        this.#path.sendBack(() => this.#acknowledge(seq));
      });
    }
  }

  #acknowledge(seq: number): void {
    const { nowUs } = this.#path.time;
    const sentUs = this.#flight.get(seq);
    if (sentUs === undefined) return;
    this.#flight.delete(seq);
    this.#lastAckUs = nowUs;
    const sampleUs = nowUs - sentUs;
    this.#rttUs = this.#rttUs === 0 ? sampleUs : this.#rttUs + (sampleUs - this.#rttUs) / 8;
    for (const old of this.#flight.keys()) {
      if (old > seq - 3) break;
      this.#flight.delete(old);
      if (old > this.#recoverUntil) this.#reduce();
    }
    if (seq > this.#recoverUntil) this.#grow(nowUs);
    this.#fill();
  }

  #grow(nowUs: number): void {
    if (this.#window < this.#threshold) {
      this.#window++;
      return;
    }
    if (this.#kind === 'newreno') {
      this.#window += 1 / this.#window;
      return;
    }
    this.#epochUs ??= nowUs;
    const k = Math.cbrt((this.#windowMax * (1 - CUBIC_BETA)) / CUBIC_C);
    const t = (nowUs - this.#epochUs + this.#rttUs) / 1e6;
    const cubic = CUBIC_C * (t - k) ** 3 + this.#windowMax;
    // The window it would have as NewReno (§4.3).
    const alpha = (3 * (1 - CUBIC_BETA)) / (1 + CUBIC_BETA);
    const friendly =
      this.#windowMax * CUBIC_BETA + (alpha * (nowUs - this.#epochUs)) / Math.max(this.#rttUs, 1);
    const target = Math.min(Math.max(cubic, friendly), this.#window * 1.5);
    if (target > this.#window) this.#window += (target - this.#window) / this.#window;
  }

  #reduce(): void {
    this.#recoverUntil = this.#next - 1;
    this.#windowMax = this.#window;
    this.#epochUs = undefined;
    this.#window = Math.max(2, this.#window * (this.#kind === 'newreno' ? 0.5 : CUBIC_BETA));
    this.#threshold = this.#window;
  }

  #checkTimeout(): void {
    if (this.#path.time.nowUs - this.#lastAckUs < RTO_US) return;
    this.#lastAckUs = this.#path.time.nowUs;
    this.#flight.clear();
    this.#threshold = Math.max(2, this.#window / 2);
    this.#window = 2;
    this.#recoverUntil = this.#next - 1;
    this.#fill();
  }
}

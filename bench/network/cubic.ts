/** Packets that a new connection may have under way (RFC 6928 §2). */
const INITIAL_WINDOW = 10;

/** What is left of the window after a loss (RFC 9438 §4.6). */
const BETA = 0.7;

/** How steeply the window grows, packets per second cubed (RFC 9438 §5). */
const C = 0.4;

/** Growth of a window that is as fast as Reno's with the milder cut (RFC 9438 §4.3). */
const RENO_FRIENDLY_ALPHA = (3 * (1 - BETA)) / (1 + BETA);

/** RFC 9438 §4.6: the window after a loss is never less. */
const MIN_SLOW_START_THRESHOLD = 2;

/** RFC 9438 §4.2: the most that the window may grow in a round trip. */
const MAX_GROWTH = 1.5;

/**
 * The congestion window of CUBIC (RFC 9438), which Linux, Windows and macOS use unless told
 * otherwise: what a player's download beside the game is made of. Slow start ends with the first
 * loss.
 */
export class CubicWindow {
  #packets = INITIAL_WINDOW;
  #slowStartThreshold = Number.POSITIVE_INFINITY;
  /** The window before the last cut. */
  #maximum = 0;
  /** When growth began after it; undefined until the first acknowledgement. */
  #epochUs: number | undefined;
  /** Seconds from there to the maximum. */
  #toMaximumS = 0;
  /** What Reno would have. */
  #reno = 0;

  /** Packets that may be under way. */
  get packets(): number {
    return this.#packets;
  }

  /** @param count of packets newly acknowledged, with the window full. */
  handleAcknowledged(count: number, nowUs: number, roundTripUs: number): void {
    if (this.#packets < this.#slowStartThreshold) {
      this.#packets += count;
      return;
    }
    this.#epochUs ??= this.#beginEpoch(nowUs);
    const elapsedS = (nowUs - this.#epochUs) / 1e6;
    const reno = this.#reno >= this.#maximum ? 1 : RENO_FRIENDLY_ALPHA;
    this.#reno += (reno * count) / this.#packets;
    if (this.#cubic(elapsedS) < this.#reno) {
      this.#packets = Math.max(this.#packets, this.#reno);
      return;
    }
    const ahead = this.#cubic(elapsedS + roundTripUs / 1e6);
    const target = Math.min(Math.max(ahead, this.#packets), MAX_GROWTH * this.#packets);
    this.#packets += ((target - this.#packets) * count) / this.#packets;
  }

  /** Once for all that is lost of one window. */
  handleLoss(): void {
    // Fast convergence: who is cut again before it was back leaves room for newcomers (§4.7).
    const shrinking = this.#packets < this.#maximum;
    this.#maximum = shrinking ? (this.#packets * (1 + BETA)) / 2 : this.#packets;
    this.#slowStartThreshold = Math.max(this.#packets * BETA, MIN_SLOW_START_THRESHOLD);
    this.#packets = this.#slowStartThreshold;
    this.#epochUs = undefined;
  }

  /** Nothing was acknowledged for a whole timeout (§4.8). */
  handleTimeout(): void {
    this.handleLoss();
    this.#packets = 1;
  }

  #beginEpoch(nowUs: number): number {
    this.#maximum = Math.max(this.#maximum, this.#packets);
    this.#toMaximumS = Math.cbrt((this.#maximum - this.#packets) / C);
    this.#reno = this.#packets;
    return nowUs;
  }

  #cubic(elapsedS: number): number {
    return C * (elapsedS - this.#toMaximumS) ** 3 + this.#maximum;
  }
}

/** Lets through so many a second; what a page makes without end must not flood its worker. */
export class RateBudget {
  readonly #perSecond: number;
  readonly #nowMs: () => number;
  #second = -1;
  #used = 0;
  #refused = 0;

  constructor(perSecond: number, nowMs: () => number) {
    this.#perSecond = perSecond;
    this.#nowMs = nowMs;
  }

  /** @returns whether one more fits into this second. */
  take(): boolean {
    const second = Math.floor(this.#nowMs() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#used = 0;
    }
    if (this.#used++ < this.#perSecond) return true;
    this.#refused++;
    return false;
  }

  /** How many were refused since this was last asked. */
  takeRefused(): number {
    const refused = this.#refused;
    this.#refused = 0;
    return refused;
  }
}

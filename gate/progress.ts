import type { Clock } from './clock.ts';

/** Tells how far a row of equal runs has come. */
export class Progress {
  readonly #total: number;
  readonly #clock: Clock;
  readonly #beganUs: number;
  readonly #firstGuessS: number;
  #done = 0;

  /** @param firstGuessS what a run takes, until one was seen. */
  constructor(total: number, firstGuessS: number, clock: Clock) {
    this.#total = total;
    this.#firstGuessS = firstGuessS;
    this.#clock = clock;
    this.#beganUs = clock.nowUs();
  }

  /** A line for the run that begins. */
  next(what: string): string {
    const spentS = (this.#clock.nowUs() - this.#beganUs) / 1e6;
    const eachS = this.#done === 0 ? this.#firstGuessS : spentS / this.#done;
    const leftS = Math.round(eachS * (this.#total - this.#done));
    this.#done++;
    const left = leftS < 90 ? `${leftS} s` : `${Math.round(leftS / 60)} min`;
    return `[${this.#done}/${this.#total}] ${what}, about ${left} left`;
  }
}

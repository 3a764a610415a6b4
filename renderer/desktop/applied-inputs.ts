/** An input as the frame reports name it. */
export interface AppliedInput {
  readonly seq: number;
  /** When it arrived at the worker, microseconds. */
  readonly receivedUs: number;
}

/** Inputs that come between two pictures; a player makes a handful. */
const MAX_WAITING = 256;

const NONE: AppliedInput = { seq: 0, receivedUs: 0 };

/**
 * Which input a picture may show. A program under X does not say what it has taken in, so a picture
 * counts as showing every input that its display had before the program drew: no picture can show
 * one sooner, and a program that takes longer shows it later than this says.
 */
export class AppliedInputs {
  #waiting: (AppliedInput & { readonly appliedUs: number })[] = [];
  #shown = NONE;

  /** @param appliedUs when the display had it. */
  handleApplied(seq: number, receivedUs: number, appliedUs: number): void {
    if (this.#waiting.length === MAX_WAITING) this.#waiting.shift();
    this.#waiting.push({ seq, receivedUs, appliedUs });
  }

  /** @param drawnUs when the program had drawn the picture. @returns seq 0 while there is none. */
  shownAt(drawnUs: number): AppliedInput {
    let known = 0;
    for (const input of this.#waiting) {
      if (input.appliedUs > drawnUs) break;
      this.#shown = input;
      known++;
    }
    if (known > 0) this.#waiting.splice(0, known);
    return this.#shown;
  }
}

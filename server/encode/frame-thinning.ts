/**
 * How early a frame may come and still be the one that is due, as a fraction of the interval: ticks
 * come a little early for an input, and a rate of 40 made of 60 has no frame exactly where it is due.
 */
const TOLERANCE = 0.125;

/**
 * A frame that shows a new input may come this much earlier, in place of the next one: what a player
 * did is not kept back for the sake of even steps. Less than a whole interval, so that input in
 * every frame does not bring two in a row again and again.
 */
const INPUT_ADVANCE = 0.9;

/** Chooses, of the frames a game makes, as many as are to be sent, evenly by the time of their tick. */
export class FrameThinning {
  #intervalUs = 0;
  #dueUs = Number.NEGATIVE_INFINITY;
  #inputSeq: number | undefined;

  /**
   * @param sentRate frames a second that may pass.
   * @param gameRate frames a second there are; where that is no more, all pass.
   */
  setRates(sentRate: number, gameRate: number): void {
    const intervalUs = sentRate < gameRate ? 1e6 / sentRate : 0;
    if (intervalUs === this.#intervalUs) return;
    this.#intervalUs = intervalUs;
    this.#dueUs = Number.NEGATIVE_INFINITY;
  }

  /** @returns whether the frame is to be sent; one that is counts as sent. */
  admits({ tickUs, inputSeq }: { readonly tickUs: number; readonly inputSeq: number }): boolean {
    const interval = this.#intervalUs;
    if (interval > 0) {
      const early = inputSeq === this.#inputSeq ? TOLERANCE : INPUT_ADVANCE;
      if (tickUs < this.#dueUs - early * interval) return false;
      // After a pause the steps begin anew: what was not sent then is not made up for.
      const late = tickUs - this.#dueUs > interval;
      this.#dueUs = late ? tickUs + interval : this.#dueUs + interval;
    }
    this.#inputSeq = inputSeq;
    return true;
  }

  /** The last frame admitted was not sent after all: its input is still news, and a frame is due. */
  takeBack(): void {
    this.#inputSeq = undefined;
    this.#dueUs -= this.#intervalUs;
  }
}

/** So long it has to last before it is told: a moment's trouble passes by itself. */
const BEHIND_AFTER_S = 4;
const BACK_AFTER_S = 3;

/** Of the pictures made, how many have to arrive for the eye to follow. */
const KEEPS_UP = 0.8;

/** Whether a viewer's network takes the pictures as they are made, judged second by second. */
export class ViewerPace {
  #behind = false;
  /** Seconds in a row that speak for the other. */
  #against = 0;

  get behind(): boolean {
    return this.#behind;
  }

  /**
   * @param made pictures of the last second.
   * @param sent those of them that went to this viewer.
   * @returns whether it is another than before.
   */
  handleSecond(made: number, sent: number): boolean {
    // A game that stands still says nothing of a network.
    if (made === 0) return false;
    const keepsUp = sent >= made * KEEPS_UP;
    this.#against = keepsUp === this.#behind ? this.#against + 1 : 0;
    if (this.#against < (this.#behind ? BACK_AFTER_S : BEHIND_AFTER_S)) return false;
    this.#behind = !this.#behind;
    this.#against = 0;
    return true;
  }
}

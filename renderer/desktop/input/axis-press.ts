/**
 * Half the way presses. On a round stick that makes sectors of 60° for the four directions and of
 * 30° for the diagonals, as players aim: straight mostly.
 */
const PRESS_AT = 0.5;
/** Less than this lets go: a thumb that rests near the threshold does not make the key flutter. */
const RELEASE_AT = 0.35;

/** A half axis or trigger as a button, with hysteresis. */
export class AxisPress {
  #down = false;

  get down(): boolean {
    return this.#down;
  }

  /** @param value 0 to 1; below 0 is the other half of the axis. */
  update(value: number): void {
    this.#down = value >= (this.#down ? RELEASE_AT : PRESS_AT);
  }
}

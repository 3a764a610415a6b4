/** What browsers scroll for one notch of a mouse wheel, CSS pixels. */
const PIXELS_PER_NOTCH = 100;

/**
 * One axis of a wheel: pixels to whole notches. The small steps of a touchpad add up; turning back
 * starts from nothing, so that the first notch the other way is not late.
 */
export class WheelNotches {
  #pixels = 0;

  /** Notches that are due, with the sign of the movement. */
  add(pixels: number): number {
    if (Math.sign(pixels) === -Math.sign(this.#pixels)) this.#pixels = 0;
    this.#pixels += pixels;
    const notches = Math.trunc(this.#pixels / PIXELS_PER_NOTCH);
    this.#pixels -= notches * PIXELS_PER_NOTCH;
    return notches;
  }

  reset(): void {
    this.#pixels = 0;
  }
}

/** Quantizer steps that halve the bytes of a picture (H.264: 6 double the size of a step). */
const STEPS_PER_HALVING = 6;

/** How much of what a frame's size was missed by is made good by the next such frame. */
const GAIN = 0.7;

/** H.264's coarsest quantizer, and so the largest factor that means anything. */
const COARSEST = 51;

/**
 * Makes single frames of x264 smaller than its rate control would. Told by its VBV, the frames after
 * it starve as well: a smaller buffer empties it (measured: three frames at two thirds). Its constant
 * rate factor moves the quantizer step by step, once it is above what the VBV holds it at anyway. How
 * far that is, is learnt from the sizes: three or four such frames.
 */
export class RateFactor {
  readonly #usual: number;
  /** Of the last frame that had its whole share. */
  #quantizer: number | undefined;
  /** What the usual factor would give if there were no VBV. */
  #unheld: number | undefined;
  #share = 1;

  /** @param usual of frames that have their whole share. */
  constructor(usual: number) {
    this.#usual = usual;
  }

  /**
   * @param share of a frame's bits, above 0 to 1.
   * @returns the factor for the next frame.
   */
  next(share: number): number {
    this.#share = share;
    if (share >= 1 || this.#quantizer === undefined) return this.#usual;
    this.#unheld ??= this.#quantizer;
    const held = Math.max(0, this.#quantizer - this.#unheld);
    const factor = this.#usual + held - STEPS_PER_HALVING * Math.log2(share);
    return Math.min(COARSEST, factor);
  }

  /**
   * Learns what the frame that {@link next} was asked for came to.
   * @param bytes of it.
   * @param quantizer its mean, 0 to 51.
   * @param wholeBytes what a frame has that has its whole share.
   */
  handleFrame(bytes: number, quantizer: number, wholeBytes: number): void {
    if (this.#share >= 1) this.#quantizer = quantizer;
    if (this.#share >= 1 || this.#unheld === undefined) return;
    const halvings = Math.log2(Math.max(1, bytes) / (wholeBytes * this.#share));
    const unheld = this.#unheld - GAIN * STEPS_PER_HALVING * halvings;
    this.#unheld = Math.min(Math.max(0, unheld), this.#quantizer ?? COARSEST);
  }
}

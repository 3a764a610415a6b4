/**
 * Buffers a painter has. One is with the encoder while the next is drawn or waits; a third would
 * only be a longer queue, and with it delay, when the encoder is slower than the game.
 */
export const PICTURE_BUFFERS = 2;

/** Memory lent for one picture. */
export interface LentBuffer {
  readonly pixels: Uint8Array;
  /** Gives it back. A second call does nothing, so one lender cannot free another's. */
  release(): void;
}

/** A few buffers of one size, used again and again. */
export class PictureBuffers {
  readonly #free: Uint8Array[];
  readonly #handleReturn: () => void;

  /**
   * @param buffers all of one size.
   * @param handleReturn called whenever a buffer came back.
   */
  constructor(buffers: readonly Uint8Array[], handleReturn: () => void) {
    this.#free = [...buffers];
    this.#handleReturn = handleReturn;
  }

  /** {@link PICTURE_BUFFERS} of so many bytes. */
  static allocate(bytes: number, handleReturn: () => void): PictureBuffers {
    const buffers = Array.from({ length: PICTURE_BUFFERS }, () => new Uint8Array(bytes));
    return new PictureBuffers(buffers, handleReturn);
  }

  get available(): number {
    return this.#free.length;
  }

  /** Undefined while all are lent. */
  take(): LentBuffer | undefined {
    const pixels = this.#free.pop();
    return pixels && this.#lend(pixels);
  }

  /** Lends this one again, with what is in it; undefined while it is lent. */
  takeAgain(pixels: Uint8Array): LentBuffer | undefined {
    const index = this.#free.indexOf(pixels);
    if (index < 0) return undefined;
    this.#free.splice(index, 1);
    return this.#lend(pixels);
  }

  #lend(pixels: Uint8Array): LentBuffer {
    let lent = true;
    return {
      pixels,
      release: () => {
        if (!lent) return;
        lent = false;
        this.#free.push(pixels);
        this.#handleReturn();
      },
    };
  }
}

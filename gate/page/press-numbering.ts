/** By what number the strip of a picture names a press. */
export interface PressNumbering {
  /** @param number in the strip of the first picture that is followed. */
  handleFirstPicture(number: number): void;
  /**
   * Called once for each press, in order, after the first picture.
   * @param inputSeq as it was sent.
   * @returns what the strip holds, or more, once the press shows.
   */
  numberOf(inputSeq: number): number;
  /** Whether a strip names a press that nobody made. */
  isAhead(number: number): boolean;
}

/** The built-in scenes: the strip holds the sequence number of the last input applied. */
export class SequenceNumbering implements PressNumbering {
  handleFirstPicture(): void {}

  numberOf(inputSeq: number): number {
    return inputSeq;
  }

  /** Never: releases of keys have numbers too. */
  isAhead(): boolean {
    return false;
  }
}

/** Native programs: the strip holds how many presses there were, from before this one looked too. */
export class CountNumbering implements PressNumbering {
  #last = 0;

  handleFirstPicture(number: number): void {
    this.#last = number;
  }

  numberOf(): number {
    return ++this.#last;
  }

  isAhead(number: number): boolean {
    return number > this.#last;
  }
}

/** `sequence`: the built-in scenes. `count`: native programs. */
export type NumberingName = 'sequence' | 'count';

export function createNumbering(name: NumberingName): PressNumbering {
  return name === 'count' ? new CountNumbering() : new SequenceNumbering();
}

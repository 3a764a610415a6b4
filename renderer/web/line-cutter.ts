/** Cuts text that arrives in pieces into lines, and never holds more than one line of a given length. */
export class LineCutter {
  readonly #maxLength: number;
  readonly #handleLine: (line: string) => void;
  #rest = '';

  /** @param maxLength of a line, characters. */
  constructor(maxLength: number, handleLine: (line: string) => void) {
    this.#maxLength = maxLength;
    this.#handleLine = handleLine;
  }

  /** @returns false where a line is too long; what follows is not to be given to this any more. */
  push(text: string): boolean {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.length > this.#maxLength) return false;
      this.#handleLine(line);
    }
    return this.#rest.length <= this.#maxLength;
  }
}

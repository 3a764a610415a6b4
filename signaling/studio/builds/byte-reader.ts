/** Takes a stream apart in pieces of the lengths that a format asks for, holding one chunk at a time. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array();

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** The next chunk, or what is left of one; undefined at the end. At most `maxBytes`. */
  async next(maxBytes: number): Promise<Uint8Array | undefined> {
    while (this.#chunk.length === 0) {
      const { done, value } = await this.#chunks.next();
      if (done) return undefined;
      this.#chunk = value;
    }
    const taken = this.#chunk.subarray(0, maxBytes);
    this.#chunk = this.#chunk.subarray(taken.length);
    return taken;
  }

  /** Nothing further is read: whoever makes the stream may stop. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  /** Exactly so many bytes, or fewer where the stream ends before. */
  async read(bytes: number): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    let missing = bytes;
    while (missing > 0) {
      const piece = await this.next(missing);
      if (!piece) break;
      pieces.push(piece);
      missing -= piece.length;
    }
    return Buffer.concat(pieces);
  }
}

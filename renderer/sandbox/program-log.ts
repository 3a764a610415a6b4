import { createWriteStream, type WriteStream } from 'node:fs';

/** Bytes kept in memory: the end of what was written. */
export const LOG_TAIL_BYTES = 64 * 1024;

/** The end of a program's output in memory, and its beginning in a file where one is wanted. */
export class ProgramLog {
  readonly #ring = Buffer.alloc(LOG_TAIL_BYTES);
  readonly #file: WriteStream | undefined;
  #written = 0;
  #fileBytesLeft: number;

  constructor(file?: { readonly path: string; readonly maxBytes: number }) {
    this.#fileBytesLeft = file?.maxBytes ?? 0;
    if (!file) return;
    this.#file = createWriteStream(file.path, { flags: 'w', mode: 0o600 });
    // The log is a by-product: a full disk must not end the game.
    this.#file.on('error', (error) => {
      this.#fileBytesLeft = 0;
      this.append(Buffer.from(`\n[the log file ends here: ${error.message}]\n`));
    });
  }

  append(chunk: Buffer): void {
    if (this.#file && this.#fileBytesLeft > 0) {
      this.#file.write(Buffer.from(chunk.subarray(0, this.#fileBytesLeft)));
      this.#fileBytesLeft -= Math.min(chunk.length, this.#fileBytesLeft);
    }
    const kept = chunk.subarray(Math.max(0, chunk.length - LOG_TAIL_BYTES));
    const at = (this.#written + chunk.length - kept.length) % LOG_TAIL_BYTES;
    const untilEnd = Math.min(kept.length, LOG_TAIL_BYTES - at);
    kept.copy(this.#ring, at, 0, untilEnd);
    kept.copy(this.#ring, 0, untilEnd);
    this.#written += chunk.length;
  }

  /** The last bytes as text; what is not UTF-8 is replaced. */
  tail(maxBytes = LOG_TAIL_BYTES): string {
    const length = Math.min(maxBytes, this.#written, LOG_TAIL_BYTES);
    const end = this.#written % LOG_TAIL_BYTES;
    const ordered =
      this.#written <= LOG_TAIL_BYTES
        ? this.#ring.subarray(0, this.#written)
        : Buffer.concat([this.#ring.subarray(end), this.#ring.subarray(0, end)]);
    return ordered.subarray(ordered.length - length).toString('utf8');
  }

  async close(): Promise<void> {
    const file = this.#file;
    if (!file || file.closed) return;
    await new Promise<void>((resolve) => {
      file.once('close', resolve);
      file.end();
    });
  }
}

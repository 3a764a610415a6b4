/** Between two lines where nobody sees them move: in the log of a CI. */
const LINE_EVERY_MS = 10_000;
const BAR_CHARACTERS = 24;

interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** How far something is, on standard error: a line that moves, or one now and then in a log. */
export class ProgressLine {
  readonly #out: Terminal;
  readonly #nowMs: () => number;
  readonly #startMs: number;
  #saidAtMs = Number.NEGATIVE_INFINITY;
  #firstBytes: number | undefined;
  #moves = false;

  constructor(out: Terminal = process.stderr, nowMs: () => number = () => performance.now()) {
    this.#out = out;
    this.#nowMs = nowMs;
    this.#startMs = nowMs();
  }

  show(sentBytes: number, bytes: number): void {
    this.#firstBytes ??= sentBytes;
    const nowMs = this.#nowMs();
    const seconds = (nowMs - this.#startMs) / 1000;
    const speed = seconds > 0 ? (sentBytes - this.#firstBytes) / seconds : 0;
    const part = bytes > 0 ? sentBytes / bytes : 1;
    const left = speed > 0 ? `, ${Math.ceil((bytes - sentBytes) / speed)} s left` : '';
    const words = `${Math.floor(100 * part)} %, ${(speed / 1e6).toFixed(1)} MB/s${left}`;
    if (this.#out.isTTY) {
      const full = Math.floor(BAR_CHARACTERS * part);
      const bar = '█'.repeat(full) + '░'.repeat(BAR_CHARACTERS - full);
      this.#out.write(`\r\u001b[K${bar} ${words}`);
      this.#moves = true;
    } else if (nowMs - this.#saidAtMs >= LINE_EVERY_MS) {
      this.#saidAtMs = nowMs;
      this.#out.write(`Sending: ${words}\n`);
    }
  }

  /** Says something on a line of its own. */
  say(line: string): void {
    this.#out.write(`${this.#moves ? '\r\u001b[K' : ''}${line}\n`);
    this.#moves = false;
  }
}

import type { Readable, Writable } from 'node:stream';
import { RockpoolError } from '../../protocol/errors.ts';
import type { PadInput, PadOutput } from '../desktop/input/pad-output.ts';
import type { Rumble } from '../game-runtime.ts';
import { type FromLauncher, fromLauncherSchema, type ToLauncher } from './launcher-messages.ts';
import { LineCutter } from './line-cutter.ts';
import { RateBudget } from './rate-budget.ts';

/** Longer than any message is, in characters. */
const MAX_LINE_LENGTH = 8192;
/** More than a launcher says, which lets 60 rumbles a second through. */
const MAX_LINES_PER_SECOND = 200;

export interface WebPageListener {
  /** The page was read and its scripts have run. */
  handleReady(): void;
  handleRumble(rumble: Rumble): void;
  /** `game-failed`: the program ends by itself. */
  handleFailure(error: RockpoolError): void;
}

/**
 * The page of a web build as the worker sees it: its pads, over the launcher's stdin and stdout. What
 * the launcher says is parsed, for its sandbox is the build's.
 */
export class WebPage implements PadOutput {
  readonly #stdin: Writable;
  readonly #listener: WebPageListener;
  readonly #stdout: Readable;
  readonly #budget = new RateBudget(MAX_LINES_PER_SECOND, () => performance.now());
  #closed = false;

  constructor(
    { stdin, stdout }: { readonly stdin: Writable; readonly stdout: Readable },
    listener: WebPageListener,
  ) {
    this.#stdin = stdin;
    this.#stdout = stdout;
    this.#listener = listener;
    // A program that is gone says so by its exit.
    stdin.on('error', () => this.#end());
    stdout.on('error', () => this.#end());
    const lines = new LineCutter(MAX_LINE_LENGTH, (line) => this.#handleLine(line));
    stdout.setEncoding('utf8').on('data', (text: string) => {
      if (!this.#closed && !lines.push(text)) this.#refuse();
    });
  }

  handle(input: PadInput): void {
    switch (input.type) {
      case 'pad-state':
        this.#send({
          type: 'pad-state',
          pad: input.pad,
          axes: input.axes,
          triggers: input.triggers,
        });
        return;
      case 'pad-button': {
        const { pad, button, down } = input;
        this.#send({ type: 'pad-button', pad, button, down });
        return;
      }
      default:
        this.#send({ type: input.type, pad: input.pad });
    }
  }

  releaseAll(): void {
    this.#send({ type: 'release-all' });
  }

  /**
   * Asks the browser to end, so that everything the page stored is on the disk when the program has
   * exited.
   */
  quit(): void {
    this.#send({ type: 'quit' });
  }

  /** The launcher takes the end of its stdin for {@link quit}. */
  async close(): Promise<void> {
    this.#end();
  }

  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stdin.end();
    // Goes on being read: a launcher that is still ending must not wait for a reader.
    this.#stdout.resume();
  }

  /** Something else took the launcher's place: it is heard no more. */
  #refuse(): void {
    this.#end();
    this.#stdout.destroy();
    const message = 'The program of the page said what no launcher says, and was ended.';
    this.#listener.handleFailure(new RockpoolError('game-failed', message));
  }

  #send(message: ToLauncher): void {
    if (!this.#closed) this.#stdin.write(`${JSON.stringify(message)}\n`);
  }

  #handleLine(line: string): void {
    if (this.#closed) return;
    const message = parseLine(line);
    if (!message || !this.#budget.take()) {
      this.#refuse();
      return;
    }
    switch (message.type) {
      case 'ready':
        this.#listener.handleReady();
        return;
      case 'rumble': {
        const { pad, strong, weak, durationMs } = message;
        this.#listener.handleRumble({ pad, strong, weak, durationMs });
        return;
      }
      case 'failed':
        this.#listener.handleFailure(new RockpoolError('game-failed', message.message));
    }
  }
}

/** Undefined for what a launcher does not say. */
function parseLine(line: string): FromLauncher | undefined {
  try {
    return fromLauncherSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

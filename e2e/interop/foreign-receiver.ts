import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type FromReceiver, fromReceiverSchema, type ToReceiver } from './receiver-messages.ts';

/** A program that receives a stream with a WebRTC stack that is not a browser's. */
export interface ReceiverProgram {
  readonly command: string;
  readonly args: readonly string[];
}

/** A {@link ReceiverProgram} that runs: what it says comes to `handle`, in order. */
export class ForeignReceiver {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #complaints = '';

  constructor(program: ReceiverProgram, handle: (message: FromReceiver) => void) {
    const child = spawn(program.command, [...program.args], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    this.#exited = once(child, 'close');
    child.stderr.on('data', (chunk: Buffer) => {
      this.#complaints += chunk.toString();
    });
    // What it could not read any more; its exit tells.
    child.stdin.on('error', (error) => {
      this.#complaints += `${error.message}\n`;
    });
    createInterface({ input: child.stdout }).on('line', (line) =>
      handle(fromReceiverSchema.parse(JSON.parse(line))),
    );
  }

  /** Everything written to the standard error so far. */
  get complaints(): string {
    return this.#complaints;
  }

  send(message: ToReceiver): void {
    this.#child.stdin?.write(`${JSON.stringify(message)}\n`);
  }

  /** Asks the program to end. @returns its exit status; null where a signal ended it. */
  async end(): Promise<number | null> {
    this.#child.stdin?.end();
    await this.#exited;
    return this.#child.exitCode;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

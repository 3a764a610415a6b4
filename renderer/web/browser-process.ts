import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/** Time for the browser to write what pages stored. */
const END_GRACE_MS = 3000;
/** Of what the browser says of itself, in case it does not start. */
const TAIL_LENGTH = 2000;
/** Where `--remote-debugging-pipe` reads and writes. */
const TO_BROWSER_FD = 3;
const FROM_BROWSER_FD = 4;

/** A Chromium and every process it starts. */
export class BrowserProcess {
  readonly toBrowser: Writable;
  readonly fromBrowser: Readable;
  /** Resolves with a sentence on how it ended. */
  readonly exited: Promise<string>;
  readonly #child: ChildProcess;
  #tail = '';

  constructor(browser: string, args: readonly string[]) {
    this.#child = spawn(browser, args, {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
      // A process group of its own, which ends as one.
      detached: true,
      env: {
        ...process.env,
        // There is no bus in the sandbox: it need not be looked for.
        DBUS_SESSION_BUS_ADDRESS: 'disabled:',
        DBUS_SYSTEM_BUS_ADDRESS: 'disabled:',
        // Libraries that put themselves between a native game and OpenGL; a browser is not made for it.
        LD_PRELOAD: '',
      },
    });
    this.toBrowser = this.#child.stdio[TO_BROWSER_FD] as Writable;
    this.fromBrowser = this.#child.stdio[FROM_BROWSER_FD] as Readable;
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#tail = (this.#tail + text).slice(-TAIL_LENGTH);
    });
    this.exited = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(`it did not start: ${error.message}`));
      this.#child.once('close', (code, signal) => {
        this.#killGroup();
        resolve(signal ? `it was ended by ${signal}` : `it ended with code ${code}`);
      });
    });
  }

  /** The last lines it printed. */
  get tail(): string {
    return this.#tail.trim();
  }

  /** @param ask that it ends by itself; killed after a grace. */
  async end(ask: () => Promise<unknown>): Promise<void> {
    const timer = setTimeout(() => this.#killGroup(), END_GRACE_MS);
    // A browser that answers no more is what the timer is for.
    ask().catch(() => undefined);
    await this.exited;
    clearTimeout(timer);
  }

  #killGroup(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

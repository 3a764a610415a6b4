import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/rockpool.js', import.meta.url));

/**
 * It remembers nothing where a test names no store: making a database takes seconds. And a game may be
 * slow to show itself: others are tested beside it, on as few cores.
 */
const DEFAULTS = { DATABASE_URL: 'memory:', ROCKPOOL_WINDOW_SECONDS: '60' };

/** A folder for `ROCKPOOL_DATA` that is gone after `remove`. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'rockpool-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** The compiled `rockpool` command as a child process. */
export class RockpoolProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  #output = '';
  #waiting: (() => void)[] = [];

  /**
   * @param args such as `['up']`; the environment is this process's without its ROCKPOOL_ variables.
   * @param options `group`: as a shell starts it, in a process group of its own.
   */
  constructor(
    args: readonly string[],
    environment: Readonly<Record<string, string>>,
    options: { readonly group?: boolean } = {},
  ) {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('ROCKPOOL_'));
    this.#child = spawn(process.execPath, [PROGRAM, ...args], {
      env: { ...Object.fromEntries(inherited), ...DEFAULTS, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: options.group ?? false,
    });
    this.#exited = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    const collect = (chunk: Buffer) => {
      this.#output += chunk.toString();
      for (const wake of this.#waiting.splice(0)) wake();
    };
    this.#child.stdout?.on('data', collect);
    this.#child.stderr?.on('data', collect);
    this.#child.once('exit', () => collect(Buffer.alloc(0)));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Everything printed so far, log lines included. */
  get output(): string {
    return this.#output;
  }

  get exited(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    return this.#exited;
  }

  /**
   * Waits until something printed matches.
   * @throws Error with everything printed where the process exits before.
   */
  async printed(pattern: RegExp): Promise<RegExpMatchArray> {
    for (;;) {
      const match = this.#output.match(pattern);
      if (match) return match;
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        throw new Error(`rockpool exited before printing ${pattern}:\n${this.#output}`);
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** The address of the "ready" line. */
  async ready(): Promise<string> {
    const [, url] = await this.printed(/ready: (http:\/\/\S+)/);
    return url ?? '';
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ctrl+C: a terminal sends the signal to every process of the group. */
  interruptGroup(): void {
    process.kill(-this.pid, 'SIGINT');
  }

  /** Ends the process as an operator does and waits for it. */
  async stop(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    this.kill('SIGTERM');
    return this.#exited;
  }
}

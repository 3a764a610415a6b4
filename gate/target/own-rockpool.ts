import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Environment } from '../../protocol/environment.ts';
import { RockpoolError } from '../../protocol/errors.ts';
import { idleSpareBelow, isMeasuring, workersBelow } from '../machine/rockpool-processes.ts';
import { pause } from '../pause.ts';

/** How the `rockpool` command is started. */
export interface RockpoolProgram {
  /** Of Node: such as those that run sources. */
  readonly execArgv: readonly string[];
  /** Path of the command's module. */
  readonly path: string;
}

/** The folder that a program is part of, compiled or not. */
export function rootOf({ path }: RockpoolProgram): string {
  const code = dirname(dirname(path));
  return path.endsWith('.ts') ? code : dirname(code);
}

/** A machine without a GPU draws covers for minutes. */
const REST_LIMIT_MS = 180_000;
const REST_POLL_MS = 500;
/** What is told of a start that failed. */
const KEPT_OUTPUT = 4000;
const STOP_LIMIT_MS = 6_000;

/** A Rockpool of the gate's own, on this machine, on a free port, in a folder that goes with it. */
export class OwnRockpool {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #exited: Promise<unknown>;
  #output = '';
  #url: URL | undefined;
  #closed: Promise<void> | undefined;

  private constructor(program: RockpoolProgram, environment: Environment) {
    this.#folder = mkdtempSync(join(tmpdir(), 'rockpool-bench-'));
    // Where this machine's own Rockpool is configured, that is not the one to be measured.
    const others = Object.entries(environment).filter(
      ([name]) =>
        (!name.startsWith('ROCKPOOL_') && name !== 'REDIS_URL') || KEPT_SETTINGS.has(name),
    );
    this.#child = spawn(process.execPath, [...program.execArgv, program.path, 'up'], {
      env: {
        ...Object.fromEntries(others),
        ROCKPOOL_HOST: '127.0.0.1',
        ROCKPOOL_PORT: '0',
        ROCKPOOL_DATA: this.#folder,
        ROCKPOOL_LOG_LEVEL: 'error',
        // What is played to measure is nobody's history, and a database takes its time to open.
        DATABASE_URL: 'memory:',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      // Ctrl+C is for the gate, which ends this when it has written what there is.
      detached: true,
    });
    this.#exited = new Promise((resolve) => {
      this.#child.once('exit', resolve);
      this.#child.once('error', resolve);
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString()).slice(-KEPT_OUTPUT);
      });
    }
  }

  /**
   * Resolves when it has measured the machine, drawn its covers and is at rest.
   * @param environment of the child; settings of games and encoders are kept, others are the gate's.
   * @throws RockpoolError `internal` with what it wrote where it does not start.
   */
  static async start(
    program: RockpoolProgram,
    environment: Environment,
    signal: AbortSignal,
  ): Promise<OwnRockpool> {
    const rockpool = new OwnRockpool(program, environment);
    try {
      await rockpool.#ready(signal);
      await rockpool.rest(signal);
      return rockpool;
    } catch (error) {
      await rockpool.close();
      throw error;
    }
  }

  get url(): URL {
    if (!this.#url) throw new Error('not started');
    return this.#url;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Ids of the session workers, spare or not; empty where the system does not tell. */
  workers(): Promise<number[]> {
    return workersBelow(this.pid).catch(() => []);
  }

  /** Waits until no session runs, nothing is measured and the spare worker is warm. */
  async rest(signal: AbortSignal): Promise<void> {
    // Elsewhere nothing tells what a process does.
    if (process.platform !== 'linux') return;
    const deadline = performance.now() + REST_LIMIT_MS;
    while (!(await this.#rests(signal))) {
      if (performance.now() > deadline) return;
      await pause(REST_POLL_MS, signal);
    }
  }

  /** Ends it, and what it leaves. */
  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  /** At once, without waiting: this process is about to exit. */
  kill(): void {
    this.#child.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #ready(signal: AbortSignal): Promise<void> {
    let ended = false;
    void this.#exited.then(() => {
      ended = true;
    });
    for (;;) {
      const [, url] = /Rockpool is ready: (http:\/\/\S+)/.exec(this.#output) ?? [];
      if (url !== undefined) {
        this.#url = new URL(url);
        return;
      }
      if (ended) {
        throw new RockpoolError('internal', `Rockpool did not start:\n${this.#output.trim()}`);
      }
      await pause(100, signal);
    }
  }

  async #rests(signal: AbortSignal): Promise<boolean> {
    if (await isMeasuring(this.pid)) return false;
    return (await idleSpareBelow(this.pid, (ms) => pause(ms, signal))) !== undefined;
  }

  async #end(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const killer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_LIMIT_MS);
      if (this.#child.kill('SIGTERM')) await this.#exited;
      clearTimeout(killer);
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** What makes another measurement on purpose. */
const KEPT_SETTINGS: ReadonlySet<string> = new Set([
  'ROCKPOOL_ENCODERS',
  'ROCKPOOL_GAMES',
  'ROCKPOOL_ALLOW_NETWORK',
  'ROCKPOOL_INSTALL_PACKAGES',
  'ROCKPOOL_PLAYOUT_DELAY_MS',
]);

import { type ChildProcess, fork } from 'node:child_process';
import type { z } from 'zod';

export interface WorkerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Where a child process reports. */
export interface WorkerListener<T> {
  handleMessage(message: T): void;
  /** Something arrived that is none of the known messages. */
  handleMalformed(error: z.ZodError): void;
  handleExit(exit: WorkerExit): void;
}

/** The script of a child: compiled or not, it ends like the module that names it. */
export function workerScript(name: string): URL {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`../worker/${name}.${ending}`, import.meta.url);
}

/** A forked child whose every message is parsed. */
export class WorkerProcess<T> {
  readonly #child: ChildProcess;
  readonly #exited: Promise<WorkerExit>;
  #listener: WorkerListener<T> | undefined;
  #early: T[] = [];

  /** @param args of the script's command line. */
  constructor(
    script: URL,
    schema: z.ZodType<T>,
    environment: NodeJS.ProcessEnv = process.env,
    args: readonly string[] = [],
  ) {
    this.#child = fork(script, args, {
      serialization: 'advanced',
      env: environment,
      // Ctrl+C is for the process that is in charge: a child in a group of its own does not die of
      // it half-way, and ends when its parent closes it, or is gone.
      detached: true,
    });
    this.#exited = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => resolve({ code, signal }));
      // A child that could not even be started exits in every sense that matters here.
      this.#child.once('error', () => resolve({ code: 1, signal: null }));
    });
    this.#child.on('message', (value) => {
      const result = schema.safeParse(value);
      if (!result.success) this.#listener?.handleMalformed(result.error);
      else if (this.#listener) this.#listener.handleMessage(result.data);
      else this.#early.push(result.data);
    });
    this.#exited.then((exit) => this.#listener?.handleExit(exit));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get exited(): Promise<WorkerExit> {
    return this.#exited;
  }

  /** What arrived before anybody listened is delivered at once. */
  listen(listener: WorkerListener<T>): void {
    this.#listener = listener;
    const early = this.#early;
    this.#early = [];
    for (const message of early) listener.handleMessage(message);
  }

  /** Lost where the child is gone: its exit says the rest. */
  send(message: object): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  /** Waits for a child that was told to leave, and kills it after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    if (!this.alive) return;
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), graceMs);
    await this.#exited;
    clearTimeout(timer);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

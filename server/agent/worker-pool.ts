import type { Logger } from 'pino';
import type { GameId } from '../../protocol/ids.ts';
import { type FromWorker, fromWorkerSchema } from '../worker/worker-messages.ts';
import { WorkerProcess, workerScript } from './worker-process.ts';

export type SessionWorker = WorkerProcess<FromWorker>;

/** How long the next spare waits for the session before it to have its first picture. */
const REFILL_DELAY_MS = 3_000;

/**
 * Keeps one worker warm: libraries loaded, GPU open, so that a session starts in the time of a
 * message. The next spare is forked a little later, off the critical path of the one just taken.
 */
export class WorkerPool {
  readonly #log: Logger;
  readonly #games: readonly GameId[];
  #spare: SessionWorker | undefined;
  #refillTimer: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param games those built in that may be played: a spare is ready for these. */
  constructor(log: Logger, games: readonly GameId[]) {
    this.#log = log;
    this.#games = games;
  }

  /** Forks the spare now unless there is one. */
  refill(): void {
    clearTimeout(this.#refillTimer);
    if (this.#closed || this.#spare) return;
    const worker: SessionWorker = new WorkerProcess(
      workerScript('session-worker'),
      fromWorkerSchema,
      process.env,
      this.#games,
    );
    this.#spare = worker;
    worker.exited.then((exit) => {
      if (this.#spare !== worker) return;
      this.#spare = undefined;
      if (this.#closed) return;
      this.#log.error({ ...exit, pid: worker.pid }, 'the spare worker died');
      this.#refillSoon();
    });
  }

  /** The spare, or a cold one where there is none. */
  take(): SessionWorker {
    const worker = this.lend();
    this.#refillSoon();
    return worker;
  }

  /** As {@link take}, for a moment: no other is forked in its place before it is known to stay away. */
  lend(): SessionWorker {
    if (!this.#spare) this.refill();
    const worker = this.#spare;
    if (!worker) throw new Error('the worker pool is closed');
    this.#spare = undefined;
    return worker;
  }

  /** A worker that was lent is not coming back. */
  handleKept(): void {
    if (!this.#closed) this.#refillSoon();
  }

  /** Takes back what was lent, as good as new: one spare is enough. */
  giveBack(worker: SessionWorker): void {
    if (this.#closed || this.#spare) worker.kill();
    else this.#spare = worker;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#refillTimer);
    const spare = this.#spare;
    spare?.kill();
    await spare?.exited;
  }

  #refillSoon(): void {
    clearTimeout(this.#refillTimer);
    this.#refillTimer = setTimeout(() => this.refill(), REFILL_DELAY_MS);
  }
}

import { RockpoolError } from '../../protocol/errors.ts';
import type { SessionId } from '../../protocol/ids.ts';
import type { SessionSignal } from '../../protocol/session-signal.ts';
import type { FromWorker, StartOrder } from '../worker/worker-messages.ts';
import type { SessionWorker } from './worker-pool.ts';

/** Closing a connection is a few datagrams: a worker that takes this long hangs. */
const RELEASE_LIMIT_MS = 3_000;

/** The part of a worker's process that a trial needs. */
export type TrialWorker = Pick<SessionWorker, 'alive' | 'exited' | 'send' | 'listen' | 'kill'>;

/** Where the workers come from. */
export interface WorkerLender<W> {
  lend(): W;
  giveBack(worker: W): void;
  handleKept(): void;
}

export interface SessionTrialsOptions<W extends TrialWorker> {
  readonly pool: WorkerLender<W>;
  /** Runs once after so many milliseconds; what it returns cancels that. */
  readonly after: (delayMs: number, task: () => void) => () => void;
  readonly listener: SessionTrialsListener;
}

export interface SessionTrialsListener {
  handleSignal(signal: SessionSignal): void;
  /** A trial is over, and nothing of it is left. @param crashed its worker ended by itself. */
  handleOver(sessionId: SessionId, crashed: boolean): void;
}

interface Trial<W> {
  readonly order: StartOrder;
  readonly worker: W;
  cancelHold: () => void;
  ending: Promise<void> | undefined;
  handleClean: () => void;
}

/**
 * Connections that wait for a game: a player's browser measures its way to this container, among
 * others. Each has a worker; one that is not wanted goes back to the pool as it came.
 */
export class SessionTrials<W extends TrialWorker = SessionWorker> {
  readonly #options: SessionTrialsOptions<W>;
  readonly #trials = new Map<SessionId, Trial<W>>();

  constructor(options: SessionTrialsOptions<W>) {
    this.#options = options;
  }

  /** Has a worker offer the first connection of a session. Without a word in time it is over. */
  begin(order: StartOrder, holdMs: number): void {
    const { pool, after, listener } = this.#options;
    const { sessionId } = order;
    const worker = pool.lend();
    const trial: Trial<W> = {
      order,
      worker,
      cancelHold: after(holdMs, () => this.end(sessionId)),
      ending: undefined,
      handleClean: () => {},
    };
    this.#trials.set(sessionId, trial);
    worker.listen({
      handleMessage: (message: FromWorker) => {
        if (message.type === 'clean') trial.handleClean();
        if (message.type !== 'signal' || trial.ending) return;
        listener.handleSignal({ sessionId, attempt: message.attempt, payload: message.payload });
      },
      handleMalformed: () => worker.kill(),
      handleExit: () => {
        if (trial.ending || this.#trials.get(sessionId) !== trial) return;
        trial.cancelHold();
        this.#trials.delete(sessionId);
        // It will be missed: the next spare is on its way.
        pool.handleKept();
        listener.handleOver(sessionId, true);
      },
    });
    worker.send({ ...order, trial: true });
  }

  has(sessionId: SessionId): boolean {
    return this.#trials.has(sessionId);
  }

  /** @returns false where there is no such trial. */
  handleSignal({ sessionId, attempt, payload }: SessionSignal): boolean {
    const trial = this.#trials.get(sessionId);
    trial?.worker.send({ type: 'signal', attempt, payload });
    return trial !== undefined;
  }

  /**
   * It is wanted: it waits until it is taken or ended.
   * @returns what its worker was told.
   * @throws RockpoolError `unknown-session` where it is over.
   */
  keep(sessionId: SessionId): StartOrder {
    const trial = this.#mustFind(sessionId);
    trial.cancelHold();
    return trial.order;
  }

  /** Hands its worker over to the session that begins. @throws RockpoolError `unknown-session` */
  take(sessionId: SessionId): W {
    const { worker, cancelHold } = this.#mustFind(sessionId);
    cancelHold();
    this.#trials.delete(sessionId);
    this.#options.pool.handleKept();
    return worker;
  }

  /** Resolves when nothing of it is left. Nothing happens where it is over. */
  async end(sessionId: SessionId): Promise<void> {
    const trial = this.#trials.get(sessionId);
    if (!trial) return;
    trial.ending ??= this.#end(sessionId, trial);
    await trial.ending;
  }

  /** Ends every trial, and its worker with it. */
  async close(): Promise<void> {
    await Promise.all(
      [...this.#trials].map(async ([sessionId, { worker, cancelHold }]) => {
        cancelHold();
        this.#trials.delete(sessionId);
        worker.kill();
        await worker.exited;
        this.#options.listener.handleOver(sessionId, false);
      }),
    );
  }

  #mustFind(sessionId: SessionId): Trial<W> {
    const trial = this.#trials.get(sessionId);
    if (trial && !trial.ending) return trial;
    throw new RockpoolError('unknown-session', 'That connection is not kept any more.');
  }

  async #end(sessionId: SessionId, trial: Trial<W>): Promise<void> {
    const { pool, listener } = this.#options;
    const { worker } = trial;
    trial.cancelHold();
    const isClean = await this.#release(trial);
    // Closing the container may have been quicker.
    if (!this.#trials.delete(sessionId)) return;
    if (isClean) pool.giveBack(worker);
    else {
      worker.kill();
      pool.handleKept();
      await worker.exited;
    }
    listener.handleOver(sessionId, false);
  }

  /** Whether the worker is as it was before. */
  async #release(trial: Trial<W>): Promise<boolean> {
    const { worker } = trial;
    let cancelLimit = () => {};
    const clean = new Promise<boolean>((resolve) => {
      trial.handleClean = () => resolve(true);
      cancelLimit = this.#options.after(RELEASE_LIMIT_MS, () => resolve(false));
    });
    worker.send({ type: 'release' });
    const isClean = await Promise.race([clean, worker.exited.then(() => false)]);
    cancelLimit();
    return isClean && worker.alive;
  }
}

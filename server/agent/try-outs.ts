import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Capacity } from '../../protocol/capacity.ts';
import type { EncoderReport } from '../../protocol/container-messages.ts';
import { RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import type { SessionId } from '../../protocol/ids.ts';
import type { TryOutEnd, TryOutRequest } from '../../protocol/try-out-messages.ts';
import { type Build, missingProgram } from '../../renderer/builds/build-folder.ts';
import { WINDOW_LIMIT_MS } from '../../renderer/desktop/window-limit.ts';
import { type FromTryOut, fromTryOutSchema, type TryOutOrder } from '../worker/try-out-orders.ts';
import type { StudioBuilds } from './builds/studio-builds.ts';
import type { PackageInstaller } from './package-installer.ts';
import { sweepSessions } from './session-sweep.ts';
import type { TryOutDelivery } from './try-out-delivery.ts';
import { WorkerProcess, workerScript } from './worker-process.ts';

/** As a session's worker: a game has three seconds to end. */
const STOP_GRACE_MS = 12_000;

/** Once there is a window: the run, pictures and clip on a busy machine. Beyond it the process hangs. */
const WORKER_LIMIT_MS = 5 * 60_000;

/** So often signaling hears that it goes on, though there is nothing new. */
const BEAT_INTERVAL_MS = 60_000;

/** A process that runs a build with nobody watching. */
export type TryOutWorker = Pick<
  WorkerProcess<FromTryOut>,
  'pid' | 'send' | 'listen' | 'stop' | 'kill' | 'exited'
>;

/** What sessions and try-outs share of a container. */
export interface SharedRoom {
  /** @throws RockpoolError `no-free-slot` */
  takeRoom(id: SessionId, needs: Capacity): void;
  releaseRoom(id: SessionId): void;
}

export interface TryOutsOptions {
  readonly room: SharedRoom;
  readonly builds: Pick<StudioBuilds, 'offer' | 'hold'>;
  readonly packages: Pick<PackageInstaller, 'ensure'>;
  readonly delivery: TryOutDelivery;
  readonly encoders: readonly EncoderReport[];
  /** What the operator lets builds do. */
  readonly allowed: TryOutOrder['build']['allowed'];
  readonly log: Logger;
  /** Runs once after so many milliseconds; what it returns cancels that. */
  readonly after: (delayMs: number, task: () => void) => () => void;
  readonly fork?: () => TryOutWorker;
}

interface Running {
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/** Builds that this container runs with nobody watching, each with room as a session has, and a process. */
export class TryOuts {
  readonly #options: TryOutsOptions;
  readonly #running = new Map<SessionId, Running>();

  constructor(options: TryOutsOptions) {
    this.#options = options;
  }

  has(tryOutId: SessionId): boolean {
    return this.#running.has(tryOutId);
  }

  /**
   * Keeps room and begins; what is found is brought when it is over.
   * @throws RockpoolError `no-free-slot`, `unknown-game` where such builds do not run here.
   */
  begin(request: TryOutRequest): void {
    const { tryOutId, build: order } = request;
    // Asked again by who did not hear the answer.
    if (this.has(tryOutId)) return;
    const { build, needs } = this.#options.builds.offer(order.manifest.id, order);
    if (!build) throw new Error('a build of a studio has a folder');
    this.#options.room.takeRoom(tryOutId, needs);
    const abort = new AbortController();
    const done = this.#run(request, build, abort.signal).finally(() => {
      this.#running.delete(tryOutId);
      this.#options.room.releaseRoom(tryOutId);
    });
    this.#running.set(tryOutId, { abort, done });
  }

  /** Calls one off: nothing is brought. Resolves when its room is free. */
  async end(tryOutId: SessionId): Promise<void> {
    const running = this.#running.get(tryOutId);
    running?.abort.abort();
    await running?.done;
  }

  /** Calls off all of them, and says so: another machine is to do it. */
  async endAll(): Promise<void> {
    const running = [...this.#running.values()];
    for (const { abort } of running) abort.abort(new LeavingError());
    await Promise.all(running.map(({ done }) => done));
  }

  /** Never throws. */
  async #run(request: TryOutRequest, build: Build, signal: AbortSignal): Promise<void> {
    const { log, delivery } = this.#options;
    const { tryOutId, token } = request;
    const { buildId } = request.build;
    log.info({ tryOutId, buildId }, 'a build is tried out');
    let mediaFolder: string | undefined;
    try {
      mediaFolder = await mkdtemp(join(tmpdir(), 'rockpool-try-out-'));
      const end = await this.#tryOut(request, build, mediaFolder, signal);
      signal.throwIfAborted();
      await delivery.bring(token, end, mediaFolder, signal);
      const problem = end.kind === 'tried' ? end.findings.problem?.split('\n')[0] : end.why;
      log.info({ tryOutId, buildId, kind: end.kind, problem }, 'a build was tried out');
    } catch (err) {
      if (!signal.aborted) {
        log.warn({ tryOutId, err }, 'what was found of a build is lost');
        await delivery.giveUp(token, toRockpoolError(err).message);
      } else if (signal.reason instanceof LeavingError) await delivery.giveUp(token, LEAVING);
    } finally {
      if (mediaFolder !== undefined) await rm(mediaFolder, { recursive: true, force: true });
    }
  }

  async #tryOut(
    { build: order, token }: TryOutRequest,
    build: Build,
    mediaFolder: string,
    signal: AbortSignal,
  ): Promise<TryOutEnd> {
    const { builds, packages, encoders, allowed } = this.#options;
    const { tell, stop } = this.#teller(token);
    const held = builds.hold(order);
    signal.addEventListener('abort', () => held.release(), { once: true });
    try {
      if (!(await held.fetch(({ text }) => tell(text)))) throw calledOff();
      await packages.ensure(build.manifest.packages, ({ text }) => tell(text));
      const missing = await missingProgram(build);
      if (missing !== undefined) throw noProgram(missing);
      signal.throwIfAborted();
      const { folder, manifest } = build;
      return await this.#work(
        {
          type: 'try-out',
          build: { folder, manifest, allowed },
          encoders: [...encoders],
          mediaFolder,
        },
        tell,
        signal,
      );
    } catch (thrown) {
      return { kind: 'not-tried', why: toRockpoolError(thrown).message.slice(0, 2000) };
    } finally {
      stop();
      held.release();
    }
  }

  /** Says what is done, and says it again while that takes long. */
  #teller(token: string): { readonly tell: (text: string) => void; readonly stop: () => void } {
    const { after, delivery } = this.#options;
    let stop = () => {};
    const tell = (text: string) => {
      stop();
      stop = after(BEAT_INTERVAL_MS, () => tell(text));
      void delivery.tell(token, text);
    };
    return { tell, stop: () => stop() };
  }

  /** One process from its start to its end. */
  async #work(
    order: TryOutOrder,
    tell: (text: string) => void,
    signal: AbortSignal,
  ): Promise<TryOutEnd> {
    const { after, log, fork = forkWorker } = this.#options;
    const worker = fork();
    let end: TryOutEnd | undefined;
    const stop = () => {
      worker.send({ type: 'end' });
      void worker.stop(STOP_GRACE_MS);
    };
    signal.addEventListener('abort', stop, { once: true });
    const { windowLimitMs = WINDOW_LIMIT_MS } = order.build.allowed;
    const cancelLimit = after(windowLimitMs + WORKER_LIMIT_MS, () => worker.kill());
    worker.listen({
      handleMessage: (message) => {
        if (message.type === 'step') tell(message.text);
        else if (message.type === 'tried') end = { kind: 'tried', findings: message.findings };
        else end = { kind: 'not-tried', why: message.why };
      },
      handleMalformed: () => worker.kill(),
      handleExit: () => {},
    });
    worker.send(order);
    const exit = await worker.exited;
    cancelLimit();
    signal.removeEventListener('abort', stop);
    if (exit.code !== 0) await sweepSessions(log);
    if (end) return end;
    const how = exit.signal ? `signal ${exit.signal}` : `exit code ${exit.code}`;
    return { kind: 'not-tried', why: `The process that tried the build out ended with ${how}.` };
  }
}

const LEAVING = 'The machine was taken out of the pool.';

/** Why a try-out is called off that signaling still waits for. */
class LeavingError extends Error {}

function forkWorker(): TryOutWorker {
  return new WorkerProcess(workerScript('try-out-worker'), fromTryOutSchema);
}

function calledOff(): RockpoolError {
  return new RockpoolError('no-free-slot', 'The try-out was called off.');
}

function noProgram(path: string): RockpoolError {
  return new RockpoolError(
    'missing-package',
    `There is no ${path} on this machine, though the packages of the build are installed. Correct "packages" in rockpool.json.`,
  );
}

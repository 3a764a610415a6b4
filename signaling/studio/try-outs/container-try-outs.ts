import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { BuildOrder } from '../../../protocol/build-order.ts';
import { RockpoolError } from '../../../protocol/errors.ts';
import { type ContainerId, type SessionId, sessionIdSchema } from '../../../protocol/ids.ts';
import type { BuildId } from '../../../protocol/studio-builds.ts';
import type { ContainerRegistry } from '../../container-registry.ts';
import type { IdentityTokens } from '../../identity-tokens.ts';
import type { BuildRecord } from '../../store/game-store.ts';
import type { StudioStore } from '../../store/studio-store.ts';
import type { Timers } from '../../timers.ts';
import { chooseMachine, type TriedBuild } from './choose-machine.ts';
import type { TryOuts } from './try-outs.ts';

/** How often a try-out that is under way is looked at. */
const LOOK_INTERVAL_MS = 1_000;
/** Every so many looks the store is asked: what was found may have come to another node. */
const LOOKS_BETWEEN_READS = 5;
/** Without a word for so long the container has hung, or lost its way to signaling. */
const SILENCE_MS = 10 * 60_000;
/** Builds that became `trying` at another node, or before this one was in charge, are found so soon. */
const SWEEP_INTERVAL_MS = 15_000;
/** At once; the others wait for these. */
const MAX_JOBS = 32;
/** Between two tries to find a machine: at first soon, then as seldom as a person looks at a page. */
const PAUSES_MS = [1_000, 2_000, 5_000, 10_000, 15_000] as const;
/** Machines that could not run it, after which somebody should look into why. */
const MAX_FAILURES = 3;

/** How one attempt on one machine ended. */
type Outcome =
  /** The build has moved on, or is not to be tried any more. */
  | { readonly kind: 'settled' }
  /** A player needs the room. */
  | { readonly kind: 'made-way' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly why: string };

/** A build whose try-out is this process's. */
interface Job {
  readonly abort: AbortController;
  done: Promise<void>;
  /** The attempt that is under way. */
  tryOutId: SessionId | undefined;
  heardMs: number;
  outcome: Outcome | undefined;
  wake: () => void;
}

/** Where builds are tried out, and when not. */
export interface TryOutMachines {
  readonly containers: Pick<ContainerRegistry, 'joined' | 'link' | 'isLost'>;
  readonly tokens: Pick<IdentityTokens, 'issueBuild' | 'issueTryOut'>;
  /** Whether anybody waits for a place to play. */
  readonly playersWait: () => boolean;
  /** Whether this node is the one of several that has builds tried out. */
  readonly isInCharge: () => boolean;
}

export interface ContainerTryOutsOptions extends TryOutMachines {
  readonly store: Pick<StudioStore, 'games' | 'transact'>;
  readonly timers: Timers;
  readonly log: Logger;
}

/**
 * Has builds run on containers that players use, one machine a build. Nothing of it is remembered but
 * the build's state: whoever starts a try-out anew, after a restart or at another node, begins from
 * there, and of two that end the first counts.
 */
export class ContainerTryOuts implements TryOuts {
  readonly #options: ContainerTryOutsOptions;
  readonly #jobs = new Map<BuildId, Job>();
  #cancelSweep = () => {};
  #closed = false;

  constructor(options: ContainerTryOutsOptions) {
    this.#options = options;
  }

  /** Takes up what is to be tried, now and from time to time. Never rejects. */
  async open(): Promise<void> {
    try {
      const { store, isInCharge } = this.#options;
      const waiting = isInCharge() ? await store.games.buildsInState('trying', MAX_JOBS) : [];
      for (const { buildId } of waiting) this.start(buildId);
    } catch (err) {
      this.#options.log.warn({ err }, 'builds that wait for their try-out could not be read');
    }
    if (this.#closed) return;
    this.#cancelSweep = this.#options.timers.after(SWEEP_INTERVAL_MS, () => void this.open());
  }

  start(buildId: BuildId): void {
    if (this.#closed || this.#jobs.has(buildId) || this.#jobs.size >= MAX_JOBS) return;
    const job: Job = {
      abort: new AbortController(),
      done: Promise.resolve(),
      tryOutId: undefined,
      heardMs: 0,
      outcome: undefined,
      wake: () => {},
    };
    this.#jobs.set(buildId, job);
    job.done = this.#run(buildId, job)
      .catch((err: unknown) => this.#options.log.error({ buildId, err }, 'a try-out was given up'))
      .finally(() => this.#jobs.delete(buildId));
  }

  /** Something was heard of an attempt: its container is at work. */
  handleNews(buildId: BuildId, tryOutId: SessionId): void {
    const job = this.#jobs.get(buildId);
    if (job?.tryOutId === tryOutId) job.heardMs = this.#options.timers.nowMs();
  }

  /** What was found in an attempt, of this job or of one before a restart, has moved the build on. */
  handleSettled(buildId: BuildId): void {
    this.#settle(buildId, undefined, { kind: 'settled' });
  }

  /** A container could not run it. */
  handleNotTried(buildId: BuildId, tryOutId: SessionId, why: string): void {
    this.#settle(buildId, tryOutId, { kind: 'failed', why });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelSweep();
    const jobs = [...this.#jobs.values()];
    for (const job of jobs) {
      job.abort.abort();
      job.wake();
    }
    await Promise.all(jobs.map(({ done }) => done));
  }

  #settle(buildId: BuildId, tryOutId: SessionId | undefined, outcome: Outcome): void {
    const job = this.#jobs.get(buildId);
    if (!job || (tryOutId !== undefined && job.tryOutId !== tryOutId)) return;
    job.outcome = outcome;
    job.wake();
  }

  async #run(buildId: BuildId, job: Job): Promise<void> {
    const barred = new Set<ContainerId>();
    let pauses = 0;
    let failures = 0;
    while (!job.abort.signal.aborted) {
      const record = await this.#options.store.games.build(buildId);
      const build = triable(record);
      if (!build) return;
      // Whichever node is finds it by itself.
      if (!this.#options.isInCharge()) return;
      const outcome = await this.#attempt(build, job, barred);
      if (outcome?.kind === 'settled' || outcome?.kind === 'closed') return;
      if (outcome?.kind === 'failed' && ++failures >= MAX_FAILURES) {
        await this.#giveUp(buildId, outcome.why);
        return;
      }
      if (outcome) pauses = 0;
      // Whoever refused is asked again when all have been.
      else barred.clear();
      await this.#pause(job, PAUSES_MS[Math.min(pauses++, PAUSES_MS.length - 1)] ?? 0);
    }
  }

  /** @returns undefined where no machine has taken it. */
  async #attempt(
    build: TriedBuild & Pick<BuildOrder, 'index'>,
    job: Job,
    barred: Set<ContainerId>,
  ): Promise<Outcome | undefined> {
    const { containers, log } = this.#options;
    const { buildId } = build;
    // What was said before the build was looked at is known by its state.
    job.outcome = undefined;
    for (;;) {
      if (this.#options.playersWait()) {
        await this.#tell(buildId, 'It waits for a free machine. Players come first.');
        return undefined;
      }
      const choice = chooseMachine(containers.joined(), build, barred);
      if ('waitsFor' in choice) {
        await this.#tell(buildId, choice.waitsFor);
        return undefined;
      }
      const { containerId, name } = choice;
      barred.add(containerId);
      const tryOutId = sessionIdSchema.parse(randomUUID());
      job.outcome = undefined;
      job.tryOutId = tryOutId;
      job.heardMs = this.#options.timers.nowMs();
      try {
        await this.#ask(build, tryOutId, choice);
      } catch (err) {
        log.info({ buildId, containerId, err }, 'a container did not take a try-out');
        if (job.abort.signal.aborted) return undefined;
        // It may have begun after all, its answer lost or late.
        await this.#callOff(job, containerId);
        job.tryOutId = undefined;
        job.outcome = undefined;
        continue;
      }
      await this.#tell(buildId, `${name} tries it out.`);
      const outcome = await this.#untilOver(build, job, containerId);
      // An attempt from before a restart may have been first; whoever is through has nothing to end.
      if (outcome.kind === 'settled' || outcome.kind === 'made-way')
        await this.#callOff(job, containerId);
      job.tryOutId = undefined;
      job.outcome = undefined;
      if (outcome.kind === 'failed')
        log.warn({ buildId, containerId, ...outcome }, 'not tried out');
      return outcome;
    }
  }

  async #ask(
    { buildId, manifest, index }: TriedBuild & Pick<BuildOrder, 'index'>,
    tryOutId: SessionId,
    { containerId, name, region }: { containerId: ContainerId; name: string; region: string },
  ): Promise<void> {
    const { containers, tokens } = this.#options;
    const claims = { tryOutId, buildId, containerId, containerName: name, region };
    const [fetchToken, token] = await Promise.all([
      tokens.issueBuild({ containerId, buildId }),
      tokens.issueTryOut(claims),
    ]);
    const build = { buildId, index, manifest, token: fetchToken };
    const link = containers.link(containerId);
    if (!link) throw new RockpoolError('container-lost', 'The machine is not connected any more.');
    await link.tryOut({ tryOutId, build, token });
  }

  async #untilOver({ buildId }: TriedBuild, job: Job, containerId: ContainerId): Promise<Outcome> {
    const { containers, playersWait, timers } = this.#options;
    for (let looks = 1; ; looks++) {
      await this.#pause(job, LOOK_INTERVAL_MS);
      if (job.outcome) return job.outcome;
      // What it finds is taken in by whichever process is there then.
      if (job.abort.signal.aborted) return { kind: 'closed' };
      if (looks % LOOKS_BETWEEN_READS === 0 && (await this.#hasMovedOn(buildId))) {
        return { kind: 'settled' };
      }
      if (!containers.link(containerId) && !containers.isLost(containerId)) {
        return { kind: 'failed', why: 'The machine that tried it out is gone.' };
      }
      if (playersWait()) return { kind: 'made-way' };
      if (timers.nowMs() - job.heardMs > SILENCE_MS) {
        await this.#callOff(job, containerId);
        return { kind: 'failed', why: 'The machine that tried it out was not heard of any more.' };
      }
    }
  }

  async #callOff({ tryOutId }: Job, containerId: ContainerId): Promise<void> {
    if (tryOutId === undefined) return;
    // What it runs ends by itself in a minute where this is lost.
    await this.#options.containers
      .link(containerId)
      ?.end({ sessionId: tryOutId })
      .catch(() => undefined);
  }

  async #hasMovedOn(buildId: BuildId): Promise<boolean> {
    return triable(await this.#options.store.games.build(buildId)) === undefined;
  }

  async #tell(buildId: BuildId, stateDetail: string): Promise<void> {
    await this.#options.store.transact(({ games }) =>
      games.updateBuild(buildId, ['trying'], { stateDetail }),
    );
  }

  async #giveUp(buildId: BuildId, why: string): Promise<void> {
    const stateDetail = `It could not be tried out: ${why.split('\n')[0]}`;
    await this.#options.store.transact(({ games }) =>
      games.updateBuild(buildId, ['trying'], { state: 'failed', stateDetail }),
    );
  }

  async #pause(job: Job, delayMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#options.timers.after(delayMs, resolve);
      job.wake = () => {
        cancel();
        resolve();
      };
      if (job.abort.signal.aborted || job.outcome) job.wake();
    });
    job.wake = () => {};
  }
}

/** Undefined where it is not to be tried out, any more or ever. */
function triable(
  record: BuildRecord | undefined,
): (TriedBuild & Pick<BuildOrder, 'index'>) | undefined {
  if (record?.state !== 'trying' || record.removedAtMs !== undefined) return undefined;
  const { buildId, gameId, manifest, index } = record;
  return manifest && index ? { buildId, index, manifest: { ...manifest, id: gameId } } : undefined;
}

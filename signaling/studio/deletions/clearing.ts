import { setImmediate as breathe } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Blob } from '../../../protocol/build-index.ts';
import type { StudioId } from '../../../protocol/studio-access.ts';
import {
  type BuildId,
  buildStateSchema,
  gamePageSchema,
  KEEP_DELETED_MS,
} from '../../../protocol/studio-builds.ts';
import { mediaOf } from '../../../protocol/try-out-report.ts';
import type { BuildPatch, BuildRecord, GameRecord } from '../../store/game-store.ts';
import type { StudioRecords, StudioStore } from '../../store/studio-store.ts';
import type { Timers } from '../../timers.ts';
import { auditRecord, type Deed } from '../accounts/audit-trail.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import { readBlobs } from '../blobs/build-image.ts';
import { sweepBlobs } from '../blobs/garbage-collection.ts';
import { type CountedBuild, inheritedBytes } from './inherited-bytes.ts';

/** Deleted builds are looked for so often. */
export const ROUND_MS = 10 * 60_000;
/** All blobs are, which takes a request for each where they lie in a registry. */
export const SWEEP_MS = 6 * 3_600_000;
/** Once those who come back after a restart have done so. */
export const FIRST_ROUND_MS = 60_000;

/** Forgotten in one round. */
const MAX_FORGOTTEN = 500;
/** Builds that are read at once. */
const PAGE = 100;

export interface ClearingOptions {
  readonly store: StudioStore;
  readonly blobs: BlobStore;
  /** Whether this node is the one of several that clears. */
  readonly isInCharge: () => boolean;
  readonly timers: Timers;
  /** Epoch milliseconds. */
  readonly wallClockMs: () => number;
  readonly log: Logger;
}

/**
 * Forgets what was deleted and not taken back in time, and frees the space of what nothing needs. Two
 * nodes that clear at once do no harm.
 */
export class Clearing {
  readonly #options: ClearingOptions;
  readonly #abort = new AbortController();
  #cancel = () => {};
  #round: Promise<void> = Promise.resolve();
  #sweptMs = Number.NEGATIVE_INFINITY;

  constructor(options: ClearingOptions) {
    this.#options = options;
  }

  /** The first round comes soon, the others from time to time. */
  start(): void {
    this.#later(FIRST_ROUND_MS);
  }

  /** Never rejects. */
  async run(): Promise<void> {
    const { isInCharge, timers, log } = this.#options;
    if (!isInCharge()) return;
    try {
      const forgotten = await this.#forgetAll();
      if (forgotten === 0 && timers.nowMs() - this.#sweptMs < SWEEP_MS) return;
      this.#sweptMs = timers.nowMs();
      await this.#sweep();
    } catch (err) {
      if (this.#abort.signal.aborted) return;
      log.warn({ err }, 'what studios do not need any more could not be cleared away');
    }
  }

  /** Gives up what is under way. May be called again. */
  async close(): Promise<void> {
    this.#abort.abort();
    this.#cancel();
    await this.#round;
  }

  #later(delayMs: number): void {
    if (this.#abort.signal.aborted) return;
    this.#cancel = this.#options.timers.after(delayMs, () => {
      this.#round = this.run().finally(() => this.#later(ROUND_MS));
    });
  }

  /** @returns how many builds and games. */
  async #forgetAll(): Promise<number> {
    const { store, wallClockMs } = this.#options;
    const beforeMs = wallClockMs() - KEEP_DELETED_MS;
    const games = await store.games.gamesToForget(beforeMs, MAX_FORGOTTEN);
    const builds = await store.games.buildsToForget(beforeMs, MAX_FORGOTTEN);
    const studios = new Map<StudioId, Set<string>>();
    const note = (studioId: StudioId, gone: string) =>
      studios.set(studioId, (studios.get(studioId) ?? new Set()).add(gone));
    for (const { studioId, gameId } of games) note(studioId, gameId);
    for (const { buildId, gameId } of builds) {
      const game = await store.games.game(gameId);
      if (game) note(game.studioId, buildId);
    }
    for (const [studioId, going] of studios) await this.#forget(studioId, going);
    return games.length + builds.length;
  }

  /** @param going ids of builds and games of one studio. */
  async #forget(studioId: StudioId, going: ReadonlySet<string>): Promise<void> {
    const { store, wallClockMs, log } = this.#options;
    // Read before anything is locked: it takes a while.
    const parts = new Map<BuildId, readonly Blob[]>();
    for (const build of await store.games.studioBuilds(studioId)) {
      if (build.index) parts.set(build.buildId, await this.#partsIfKnown(build, build.index));
    }
    const beforeMs = wallClockMs() - KEEP_DELETED_MS;
    const isLate = ({ removedAtMs, goneAtMs }: Pick<BuildRecord, 'removedAtMs' | 'goneAtMs'>) =>
      removedAtMs !== undefined && removedAtMs < beforeMs && goneAtMs === undefined;
    const forgotten = await store.transact(async (records) => {
      await records.lockStudio(studioId);
      const builds = await records.games.studioBuilds(studioId);
      const counted: CountedBuild[] = [];
      let count = 0;
      for (const build of builds) {
        // Another node was faster.
        if (build.goneAtMs !== undefined) continue;
        const { buildId, gameId } = build;
        const isMeant = going.has(buildId) || going.has(gameId);
        const game = isMeant ? await records.games.game(gameId) : undefined;
        // Somebody may have taken it back meanwhile.
        const isGoing = game !== undefined && (isLate(build) || isLate(game));
        counted.push({ buildId, isGoing, blobs: parts.get(buildId) ?? [] });
        if (!isGoing) continue;
        await this.#forgetBuild(records, game, build);
        count++;
      }
      for (const gameId of going) {
        const game = await records.games.game(gameId);
        if (!game || !isLate(game)) continue;
        await this.#forgetGame(records, game);
        count++;
      }
      const inherited = inheritedBytes(counted);
      for (const { buildId, storedBytes } of builds) {
        const more = inherited.get(buildId);
        if (more === undefined) continue;
        await records.games.updateBuild(buildId, ANY_STATE, { storedBytes: storedBytes + more });
      }
      return count;
    });
    log.info({ studioId, forgotten }, 'deleted builds and games are gone');
  }

  async #forgetBuild(
    records: StudioRecords,
    { studioId, title, removedAtMs }: GameRecord,
    { buildId, number, removedAtMs: ownMs = removedAtMs }: BuildRecord,
  ): Promise<void> {
    const nowMs = this.#options.wallClockMs();
    const times = { removedAtMs: ownMs, goneAtMs: nowMs };
    await records.games.updateBuild(buildId, ANY_STATE, { ...NOTHING, ...times });
    const target = `build ${number} of ${title}`;
    await this.#note(records, { action: 'build.gone', studioId, target }, nowMs);
  }

  async #forgetGame(
    records: StudioRecords,
    { gameId, studioId, title }: GameRecord,
  ): Promise<void> {
    const nowMs = this.#options.wallClockMs();
    await records.games.updateGame(gameId, { page: gamePageSchema.parse({}), goneAtMs: nowMs });
    const deed = { action: 'game.gone', studioId, target: title, detail: gameId } as const;
    await this.#note(records, deed, nowMs);
  }

  /** It happens by itself. */
  async #note(records: StudioRecords, deed: Deed, nowMs: number): Promise<void> {
    const actor = { person: undefined, via: 'operator', address: '' } as const;
    await records.appendAudit({ ...auditRecord(actor, deed, nowMs), actorName: 'Rockpool' });
  }

  async #sweep(): Promise<void> {
    const { blobs, timers, log } = this.#options;
    const startedMs = timers.nowMs();
    const { deleted, bytes, kept } = await sweepBlobs(blobs, this.#named(), this.#abort.signal);
    const tookMs = Math.round(timers.nowMs() - startedMs);
    const freed = { deleted, bytes, kept, tookMs };
    if (deleted > 0) log.info(freed, 'freed what no build needs any more');
    else log.debug(freed, 'there is nothing that no build needs');
  }

  /** All that a build that is kept consists of, and what was seen of it. */
  async *#named(): AsyncGenerator<string> {
    const { games } = this.#options.store;
    let after: BuildId | undefined;
    do {
      const page = await games.keptBuilds(after, PAGE);
      for (const build of page) {
        if (build.index) {
          for (const { sha256 } of await this.#partsOf(build, build.index)) yield sha256;
        }
        if (build.tryOut) for (const { sha256 } of mediaOf(build.tryOut)) yield sha256;
      }
      after = page.at(-1)?.buildId;
    } while (after !== undefined);
  }

  /** None where its index is lost: nobody knows then what others share with it, and it may go all the same. */
  async #partsIfKnown(build: BuildRecord, index: Blob): Promise<readonly Blob[]> {
    try {
      return await this.#partsOf(build, index);
    } catch (err) {
      this.#abort.signal.throwIfAborted();
      this.#options.log.warn({ err }, 'what other builds share with one is not known');
      return [];
    }
  }

  /** Its index among them. @throws what names the build: without its index nobody knows what it needs. */
  async #partsOf({ gameId, number }: BuildRecord, index: Blob): Promise<readonly Blob[]> {
    this.#abort.signal.throwIfAborted();
    try {
      const blobs = await readBlobs(index.sha256, this.#options.blobs);
      // Reading is work, and others are to have a turn in between.
      await breathe();
      return [index, ...blobs];
    } catch (cause) {
      throw new Error(`the index of build ${number} of ${gameId} cannot be read`, { cause });
    }
  }
}

const ANY_STATE = buildStateSchema.options;

/** What is left of a build that is gone: its number, and who uploaded it when. */
const NOTHING: BuildPatch = {
  storedBytes: 0,
  content: undefined,
  index: undefined,
  manifest: undefined,
  report: undefined,
  tryOut: undefined,
};

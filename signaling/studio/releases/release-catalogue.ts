import type { Logger } from 'pino';
import type { Blob } from '../../../protocol/build-index.ts';
import type { BuildManifest } from '../../../protocol/build-manifest.ts';
import type { GameId } from '../../../protocol/ids.ts';
import {
  type BuildId,
  type BuildPicture,
  type Channel,
  LIVE_CHANNEL,
} from '../../../protocol/studio-builds.ts';
import type { BuildRecord, GameReads, ReleaseRecord } from '../../store/game-store.ts';
import type { Timers } from '../../timers.ts';
import { givenBuilds, mainBuildOf } from './rollout.ts';

/** Releases that were made at other nodes, or games that were removed, are known so much later. */
export const REFRESH_MS = 5_000;

/** A build that is not released any more may still be moved to from a session of it. */
const KEEP_MS = 6 * 60 * 60_000;

/** A build that can be played. */
export interface ReleasedBuild {
  readonly buildId: BuildId;
  readonly gameId: GameId;
  readonly number: number;
  /** Its `id` is the game's. */
  readonly manifest: BuildManifest;
  readonly index: Blob;
  readonly pictures: readonly BuildPicture[];
}

export interface ReleaseCatalogueOptions {
  readonly games: Pick<GameReads, 'allCurrentReleases' | 'build'>;
  readonly timers: Timers;
  readonly log: Logger;
  /** Other builds can be played than before. */
  readonly handleChange: () => void;
}

interface Known {
  readonly build: ReleasedBuild;
  /** Not so of one that a container only tries out: it is nobody's to play, and has no pictures yet. */
  readonly isReady: boolean;
  wantedMs: number;
}

/**
 * What is released of studios' games, at hand for whoever pairs: a decision cannot wait for a database,
 * and goes by what was known last while that is away.
 */
export class ReleaseCatalogue {
  readonly #options: ReleaseCatalogueOptions;
  readonly #builds = new Map<BuildId, Known>();
  #current: ReadonlyMap<GameId, ReadonlyMap<Channel, ReleaseRecord>> = new Map();
  #refreshing: Promise<void> | undefined;
  #cancelNext = () => {};
  #closed = false;

  constructor(options: ReleaseCatalogueOptions) {
    this.#options = options;
  }

  /** Reads what is released, now and from time to time. Never rejects. */
  async open(): Promise<void> {
    await this.refresh();
    this.#refreshLater();
  }

  /** Resolves when what was released before the call is known. Never rejects. */
  async refresh(): Promise<void> {
    // One that is under way may have read too early.
    await this.#refreshing;
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    await this.#refreshing;
  }

  /** Whether it is a studio's game of which anything is released, or was a while ago. */
  has(gameId: GameId): boolean {
    if (this.#current.has(gameId)) return true;
    for (const { gameId: known } of this.builds()) if (known === gameId) return true;
    return false;
  }

  /** What players of a channel get now. */
  current(gameId: GameId, channel: Channel): ReleaseRecord | undefined {
    return this.#current.get(gameId)?.get(channel);
  }

  /** The build that the library tells of; undefined where the game is not live. */
  live(gameId: GameId): ReleasedBuild | undefined {
    const release = this.current(gameId, LIVE_CHANNEL);
    return release && this.build(mainBuildOf(release));
  }

  /** Of every live game. */
  *liveBuilds(): Generator<ReleasedBuild> {
    for (const gameId of this.#current.keys()) {
      const build = this.live(gameId);
      if (build) yield build;
    }
  }

  /** Undefined where it is not known to be played. */
  build(buildId: BuildId): ReleasedBuild | undefined {
    return this.#builds.get(buildId)?.build;
  }

  /**
   * The same, also of one that was released long ago, which can be played from then on, and of one that
   * is not ready yet.
   */
  async find(buildId: BuildId): Promise<ReleasedBuild | undefined> {
    const known = this.#builds.get(buildId);
    if (known) {
      known.wantedMs = this.#options.timers.nowMs();
      return known.build;
    }
    const found = await this.#read(buildId);
    if (found?.isReady) this.#options.handleChange();
    return found?.build;
  }

  /** All that can be played. */
  *builds(): Generator<ReleasedBuild> {
    for (const { build, isReady } of this.#builds.values()) if (isReady) yield build;
  }

  close(): void {
    this.#closed = true;
    this.#cancelNext();
  }

  #refreshLater(): void {
    if (this.#closed) return;
    this.#cancelNext = this.#options.timers.after(REFRESH_MS, async () => {
      await this.refresh();
      this.#refreshLater();
    });
  }

  async #refresh(): Promise<void> {
    const { games, timers, log, handleChange } = this.#options;
    try {
      const releases = await games.allCurrentReleases();
      const before = [...this.builds()];
      const nowMs = timers.nowMs();
      for (const release of releases) {
        for (const buildId of givenBuilds(release)) await this.#want(buildId, nowMs);
      }
      for (const [buildId, { wantedMs }] of this.#builds) {
        if (nowMs - wantedMs > KEEP_MS) this.#builds.delete(buildId);
      }
      this.#current = byGame(releases);
      const after = new Set(this.builds());
      const isSame = before.length === after.size && before.every((build) => after.has(build));
      if (!isSame && !this.#closed) handleChange();
    } catch (err) {
      if (!this.#closed) log.warn({ err }, 'what is released could not be read');
    }
  }

  async #want(buildId: BuildId, nowMs: number): Promise<void> {
    const known = this.#builds.get(buildId);
    if (known?.isReady) known.wantedMs = nowMs;
    else await this.#read(buildId);
  }

  async #read(buildId: BuildId): Promise<Known | undefined> {
    const record = await this.#options.games.build(buildId);
    const build = record && playable(record);
    if (!build) return undefined;
    const isReady = record.state === 'ready';
    const known: Known = { build, isReady, wantedMs: this.#options.timers.nowMs() };
    this.#builds.set(buildId, known);
    return known;
  }
}

function byGame(releases: readonly ReleaseRecord[]): Map<GameId, Map<Channel, ReleaseRecord>> {
  const games = new Map<GameId, Map<Channel, ReleaseRecord>>();
  for (const release of releases) {
    const channels = games.get(release.gameId) ?? new Map<Channel, ReleaseRecord>();
    games.set(release.gameId, channels.set(release.channel, release));
  }
  return games;
}

/** Undefined where it is not packed. */
export function playable(record: BuildRecord): ReleasedBuild | undefined {
  const { buildId, gameId, number, manifest, index, tryOut } = record;
  if (!manifest || !index) return undefined;
  return {
    buildId,
    gameId,
    number,
    manifest: { ...manifest, id: gameId },
    index,
    pictures: tryOut?.screenshots ?? [],
  };
}

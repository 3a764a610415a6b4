import type { GameId } from '../../protocol/ids.ts';
import type { StudioId } from '../../protocol/studio-access.ts';
import type { BuildId, BuildState } from '../../protocol/studio-builds.ts';
import { byCodeUnit } from '../text-order.ts';
import type {
  BuildRecord,
  BuildsPage,
  GameReads,
  GameRecord,
  ReleaseRecord,
} from './game-store.ts';

/** All that is remembered of games. */
export class GameMemory {
  readonly games: GameRecord[] = [];
  readonly builds: BuildRecord[] = [];
  /** In the order they were made. */
  readonly releases: ReleaseRecord[] = [];
}

/** What is known of games, in memory. */
export class MemoryGameReads implements GameReads {
  readonly #memory: () => GameMemory;

  /** @param memory called each time. @throws what a call is to reject with. */
  constructor(memory: () => GameMemory) {
    this.#memory = memory;
  }

  protected get memory(): GameMemory {
    return this.#memory();
  }

  async game(gameId: GameId): Promise<GameRecord | undefined> {
    return copy(this.memory.games.find((one) => one.gameId === gameId));
  }

  async gamesNamed(gameIds: readonly GameId[]): Promise<GameRecord[]> {
    return copy(
      this.memory.games.filter(
        (one) => gameIds.includes(one.gameId) && one.removedAtMs === undefined,
      ),
    );
  }

  async gamesOf(studioId: StudioId): Promise<GameRecord[]> {
    return copy(
      this.memory.games.filter((one) => one.studioId === studioId && one.removedAtMs === undefined),
    ).sort(
      (a, b) =>
        byCodeUnit(a.title.toLowerCase(), b.title.toLowerCase()) || byCodeUnit(a.gameId, b.gameId),
    );
  }

  async removedGames(studioId: StudioId): Promise<GameRecord[]> {
    return copy(
      this.memory.games.filter(
        (one) =>
          one.studioId === studioId && one.removedAtMs !== undefined && one.goneAtMs === undefined,
      ),
    ).sort((a, b) => byRemoval(b, a) || byCodeUnit(a.gameId, b.gameId));
  }

  async gamesToForget(beforeMs: number, limit: number): Promise<GameRecord[]> {
    return copy(this.memory.games.filter(isToForget(beforeMs)))
      .sort(byRemoval)
      .slice(0, limit);
  }

  async build(buildId: BuildId): Promise<BuildRecord | undefined> {
    return copy(this.memory.builds.find((one) => one.buildId === buildId));
  }

  async buildByNumber(gameId: GameId, number: number): Promise<BuildRecord | undefined> {
    return copy(this.memory.builds.find((one) => one.gameId === gameId && one.number === number));
  }

  async removedBuilds(gameId: GameId): Promise<BuildRecord[]> {
    return copy(
      this.memory.builds.filter((one) => one.gameId === gameId && one.removedAtMs !== undefined),
    ).sort((a, b) => byRemoval(b, a) || b.number - a.number);
  }

  async buildsToForget(beforeMs: number, limit: number): Promise<BuildRecord[]> {
    return copy(this.memory.builds.filter(isToForget(beforeMs)))
      .sort(byRemoval)
      .slice(0, limit);
  }

  async keptBuilds(after: BuildId | undefined, limit: number): Promise<BuildRecord[]> {
    const kept = this.memory.builds.filter(
      ({ buildId, goneAtMs }) =>
        goneAtMs === undefined && (after === undefined || byCodeUnit(buildId, after) > 0),
    );
    return copy(kept)
      .sort((a, b) => byCodeUnit(a.buildId, b.buildId))
      .slice(0, limit);
  }

  async studioBuilds(studioId: StudioId): Promise<BuildRecord[]> {
    const games = this.#gameIdsOf(studioId);
    return copy(
      this.memory.builds.filter((one) => games.has(one.gameId) && one.goneAtMs === undefined),
    ).sort((a, b) => a.createdAtMs - b.createdAtMs || byCodeUnit(a.buildId, b.buildId));
  }

  async buildsOf(
    gameId: GameId,
    { beforeNumber = Number.POSITIVE_INFINITY, limit }: BuildsPage,
  ): Promise<BuildRecord[]> {
    return this.#newest((one) => one.gameId === gameId && one.number < beforeNumber).slice(
      0,
      limit,
    );
  }

  async buildByContent(gameId: GameId, content: string): Promise<BuildRecord | undefined> {
    return this.#newest((one) => one.gameId === gameId && one.content === content)[0];
  }

  async buildByArchive(gameId: GameId, sha256: string): Promise<BuildRecord | undefined> {
    return this.#newest((one) => one.gameId === gameId && one.archive.sha256 === sha256)[0];
  }

  async buildsInState(state: BuildState, limit: number): Promise<BuildRecord[]> {
    return copy(this.memory.builds.filter((one) => one.state === state && isThere(one)))
      .sort((a, b) => a.createdAtMs - b.createdAtMs || byCodeUnit(a.buildId, b.buildId))
      .slice(0, limit);
  }

  async releases(gameId: GameId, limit: number): Promise<ReleaseRecord[]> {
    return copy(this.memory.releases.filter((one) => one.gameId === gameId))
      .reverse()
      .slice(0, limit);
  }

  async currentReleases(gameId: GameId): Promise<ReleaseRecord[]> {
    return this.#current().filter((one) => one.gameId === gameId);
  }

  async allCurrentReleases(): Promise<ReleaseRecord[]> {
    const there = new Set(
      this.memory.games
        .filter(({ removedAtMs }) => removedAtMs === undefined)
        .map(({ gameId }) => gameId),
    );
    return this.#current().filter(({ gameId }) => there.has(gameId));
  }

  async studioBytes(studioId: StudioId): Promise<number> {
    const games = this.#gameIdsOf(studioId);
    return this.memory.builds
      .filter(({ gameId }) => games.has(gameId))
      .reduce((sum, { storedBytes }) => sum + storedBytes, 0);
  }

  #newest(isMeant: (build: BuildRecord) => boolean): BuildRecord[] {
    return copy(this.memory.builds.filter((one) => isThere(one) && isMeant(one))).sort(
      (a, b) => b.number - a.number,
    );
  }

  #gameIdsOf(studioId: StudioId): ReadonlySet<GameId> {
    return new Set(
      this.memory.games.filter((one) => one.studioId === studioId).map(({ gameId }) => gameId),
    );
  }

  #current(): ReleaseRecord[] {
    const last = new Map<string, ReleaseRecord>();
    for (const one of this.memory.releases) last.set(`${one.gameId}/${one.channel}`, one);
    const gone = new Set(
      this.memory.builds
        .filter(({ goneAtMs }) => goneAtMs !== undefined)
        .map(({ buildId }) => buildId),
    );
    const current = [...last.values()].filter(({ buildId }) => !gone.has(buildId));
    return copy(current).sort(
      (a, b) => byCodeUnit(a.gameId, b.gameId) || byCodeUnit(a.channel, b.channel),
    );
  }
}

/** Not deleted. */
function isThere({ removedAtMs }: Pick<BuildRecord, 'removedAtMs'>): boolean {
  return removedAtMs === undefined;
}

type Removable = Pick<BuildRecord, 'removedAtMs' | 'goneAtMs'>;

function isToForget(beforeMs: number): (one: Removable) => boolean {
  return ({ removedAtMs, goneAtMs }) =>
    removedAtMs !== undefined && removedAtMs < beforeMs && goneAtMs === undefined;
}

/** The one deleted first first. */
function byRemoval(one: Removable, other: Removable): number {
  return (one.removedAtMs ?? 0) - (other.removedAtMs ?? 0);
}

function copy<T>(value: T): T {
  return structuredClone(value);
}

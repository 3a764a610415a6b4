import type { Blob } from '../../protocol/build-index.ts';
import type { BuildManifest } from '../../protocol/build-manifest.ts';
import type { BuildReport } from '../../protocol/build-report.ts';
import type { GameId } from '../../protocol/ids.ts';
import type { StudioId } from '../../protocol/studio-access.ts';
import type {
  BuildArchive,
  BuildId,
  BuildState,
  Channel,
  GamePage,
  ReleaseId,
} from '../../protocol/studio-builds.ts';
import type { TryOutReport } from '../../protocol/try-out-report.ts';

/** A game of a studio. */
export interface GameRecord {
  /** Its studio's alone on this Rockpool, for ever. */
  readonly gameId: GameId;
  readonly studioId: StudioId;
  readonly title: string;
  readonly createdAtMs: number;
  /** When it was deleted; undefined while it is there. */
  readonly removedAtMs: number | undefined;
  /** When all it had was forgotten; undefined while it can be taken back. */
  readonly goneAtMs: number | undefined;
  readonly page: GamePage;
}

/** What was uploaded once. Its files never change, its state does. */
export interface BuildRecord {
  readonly buildId: BuildId;
  readonly gameId: GameId;
  /** 1, 2, 3 and so on of its game. */
  readonly number: number;
  readonly state: BuildState;
  /** A sentence. */
  readonly stateDetail: string;
  /** Such as a revision; empty where it has none. */
  readonly label: string;
  readonly createdAtMs: number;
  /** Who uploaded it, as they were called then. */
  readonly createdBy: string;
  readonly archive: BuildArchive;
  readonly files: number;
  readonly bytes: number;
  /** By how much the store of blobs grew for it. */
  readonly storedBytes: number;
  /** SHA-256 of what it consists of, as the index has it; undefined until it is packed. */
  readonly content: string | undefined;
  /** Where its index lies in the store of blobs. */
  readonly index: Blob | undefined;
  readonly manifest: BuildManifest | undefined;
  readonly report: BuildReport | undefined;
  readonly tryOut: TryOutReport | undefined;
  /** When it was deleted; undefined while it is there. */
  readonly removedAtMs: number | undefined;
  /** When what it consists of was forgotten, with it or its game deleted before: from then on it is but a number that others name. */
  readonly goneAtMs: number | undefined;
}

/** What of a build changes; what is left out stays. At least one of them. */
export type BuildPatch = Partial<
  Pick<
    BuildRecord,
    | 'state'
    | 'stateDetail'
    | 'files'
    | 'bytes'
    | 'storedBytes'
    | 'content'
    | 'index'
    | 'manifest'
    | 'report'
    | 'tryOut'
    | 'removedAtMs'
    | 'goneAtMs'
  >
>;

/** What of a game changes; what is left out stays. At least one of them. */
export type GamePatch = Partial<Pick<GameRecord, 'title' | 'removedAtMs' | 'goneAtMs' | 'page'>>;

/** What players of a channel get from then on, until the next of that channel. */
export interface ReleaseRecord {
  readonly releaseId: ReleaseId;
  readonly gameId: GameId;
  readonly channel: Channel;
  readonly buildId: BuildId;
  /** Of the players, 1 to 100. */
  readonly percent: number;
  /** What the others get; undefined where there is none. */
  readonly beforeBuildId: BuildId | undefined;
  readonly atMs: number;
  /** Who released it, as they were called then. */
  readonly byName: string;
}

export interface BuildsPage {
  /** Builds with a smaller number than this. */
  readonly beforeNumber?: number | undefined;
  readonly limit: number;
}

/** What is known of games, their builds and what is released of them. */
export interface GameReads {
  /** Also a removed one. */
  game(gameId: GameId): Promise<GameRecord | undefined>;
  /** Those of these that are there. */
  gamesNamed(gameIds: readonly GameId[]): Promise<GameRecord[]>;
  /** Those that are there, by title. */
  gamesOf(studioId: StudioId): Promise<GameRecord[]>;
  /** Those of a studio that can be taken back, the one deleted last first. */
  removedGames(studioId: StudioId): Promise<GameRecord[]>;
  /** Deleted before this and not forgotten, the one deleted first first. */
  gamesToForget(beforeMs: number, limit: number): Promise<GameRecord[]>;

  /** Also a removed one. */
  build(buildId: BuildId): Promise<BuildRecord | undefined>;
  /** Also a removed one. */
  buildByNumber(gameId: GameId, number: number): Promise<BuildRecord | undefined>;
  /** Those of a game that were deleted, also those forgotten since; the one deleted last first. */
  removedBuilds(gameId: GameId): Promise<BuildRecord[]>;
  /** Deleted before this and not forgotten, the one deleted first first. */
  buildsToForget(beforeMs: number, limit: number): Promise<BuildRecord[]>;
  /** Of all games, those not forgotten, by id and after this one: also what can be taken back. */
  keptBuilds(after: BuildId | undefined, limit: number): Promise<BuildRecord[]>;
  /** Of all games of a studio, those not forgotten, the oldest first. */
  studioBuilds(studioId: StudioId): Promise<BuildRecord[]>;
  // From here on those that are there.
  /** The newest first. */
  buildsOf(gameId: GameId, page: BuildsPage): Promise<BuildRecord[]>;
  /** The newest one that consists of this. */
  buildByContent(gameId: GameId, content: string): Promise<BuildRecord | undefined>;
  /** The newest one that was made from an archive of this SHA-256. */
  buildByArchive(gameId: GameId, sha256: string): Promise<BuildRecord | undefined>;
  /** Of all games, the oldest first. */
  buildsInState(state: BuildState, limit: number): Promise<BuildRecord[]>;

  /** Of all channels, the last one first. */
  releases(gameId: GameId, limit: number): Promise<ReleaseRecord[]>;
  /** The last one of each channel whose build is not forgotten, by channel. */
  currentReleases(gameId: GameId): Promise<ReleaseRecord[]>;
  /** The same of every game that is there, by game and channel. */
  allCurrentReleases(): Promise<ReleaseRecord[]>;

  /** By how much the store of blobs grew for a studio's builds. */
  studioBytes(studioId: StudioId): Promise<number>;
}

/** What is known of games and can be changed, inside a transaction. */
export interface GameRecords extends GameReads {
  /**
   * False where the id is taken, also by one that was removed. The id of one that is forgotten is its
   * studio's to take again: the numbers of its builds go on.
   */
  addGame(record: GameRecord): Promise<boolean>;
  /** False where there is no such game. */
  updateGame(gameId: GameId, patch: GamePatch): Promise<boolean>;
  /** @returns the build with its number, the next one of its game. */
  addBuild(record: Omit<BuildRecord, 'number'>): Promise<BuildRecord>;
  /**
   * False, and nothing changes, where the build is in none of these states: of several who move it on,
   * one does.
   */
  updateBuild(
    buildId: BuildId,
    expectedStates: readonly BuildState[],
    patch: BuildPatch,
  ): Promise<boolean>;
  addRelease(record: ReleaseRecord): Promise<void>;
}

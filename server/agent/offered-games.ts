import type { RockpoolError } from '../../protocol/errors.ts';
import type { GameInfo } from '../../protocol/game-info.ts';
import type { GameId } from '../../protocol/ids.ts';
import type { Resolution } from '../../protocol/stream-settings.ts';
import type { Build } from '../../renderer/builds/build-folder.ts';
import { readBuilds } from '../../renderer/builds/build-library.ts';
import { desktopProblem } from '../../renderer/desktop/desktop-requirements.ts';
import { BUILT_IN_GAMES } from '../../renderer/game-catalogue.ts';

/** A container joins with at most this many games. */
const MAX_GAMES = 1000;

/** What a session of a game begins with. */
export interface OfferedGame {
  readonly autoResolution: Resolution;
  /** Undefined where the game is built in. */
  readonly build: Build | undefined;
}

export interface OfferedGamesOptions {
  /** Folders that are builds or hold some. */
  readonly folders: readonly string[];
  /** Whether the games built into Rockpool are offered. */
  readonly builtIn: boolean;
  /** Why the machine does not run builds, with what to do. */
  readonly missing?: () => Promise<string | undefined>;
}

/** The games of one container: those built in, as far as it can run them, and builds. */
export class OfferedGames {
  /** Ids of built-in games to measure. */
  readonly builtIn: readonly GameId[];
  /** Builds that are not offered, each with its reason. */
  readonly problems: readonly RockpoolError[];
  /** Why no build is offered, with what to install; undefined where nothing is missing. */
  readonly advice: string | undefined;
  readonly #builds: Map<GameId, Build>;
  #measured: ReadonlyMap<GameId, Resolution> = new Map();

  private constructor(
    builtIn: readonly GameId[],
    builds: readonly Build[],
    problems: readonly RockpoolError[],
    advice: string | undefined,
  ) {
    this.builtIn = builtIn;
    this.problems = problems;
    this.advice = advice;
    this.#builds = new Map(builds.map((build) => [build.info.id, build]));
  }

  static async read(options: OfferedGamesOptions): Promise<OfferedGames> {
    const { folders, builtIn, missing = desktopProblem } = options;
    const own = builtIn ? [...BUILT_IN_GAMES.keys()] : [];
    const { builds, problems } = await readBuilds(folders, new Set(BUILT_IN_GAMES.keys()));
    const advice = builds.length > 0 ? await missing() : undefined;
    const offered = advice === undefined ? builds.slice(0, MAX_GAMES - own.length) : [];
    return new OfferedGames(own, offered, problems, advice);
  }

  /** The machine was measured: built-in games that are not in here do not run. */
  handleMeasured(autoResolutions: ReadonlyMap<GameId, Resolution>): void {
    this.#measured = autoResolutions;
  }

  get builds(): readonly Build[] {
    return [...this.#builds.values()];
  }

  /** What the library says of each. */
  get infos(): GameInfo[] {
    const infos: GameInfo[] = [];
    for (const id of this.builtIn) {
      const entry = BUILT_IN_GAMES.get(id);
      if (entry && this.#measured.has(id)) infos.push(entry.info);
    }
    for (const { info } of this.#builds.values()) infos.push(info);
    return infos;
  }

  /** Undefined where the game is not offered here. */
  find(gameId: GameId): OfferedGame | undefined {
    const build = this.#builds.get(gameId);
    if (build) return { autoResolution: build.manifest.resolution, build };
    const autoResolution = this.#measured.get(gameId);
    return autoResolution && { autoResolution, build: undefined };
  }

  /** Another state of an offered build: what starts from now on is this one. */
  replace(build: Build): void {
    this.#builds.set(build.info.id, build);
  }
}

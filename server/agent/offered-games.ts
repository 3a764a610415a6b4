import type { Capacity } from '../../protocol/capacity.ts';
import type { ContainerGame } from '../../protocol/container-messages.ts';
import type { RockpoolError } from '../../protocol/errors.ts';
import type { GameInfo } from '../../protocol/game-info.ts';
import type { GameId } from '../../protocol/ids.ts';
import type { Resolution } from '../../protocol/stream-settings.ts';
import type { Build } from '../../renderer/builds/build-folder.ts';
import { readBuilds } from '../../renderer/builds/build-library.ts';
import { desktopProblem } from '../../renderer/desktop/desktop-requirements.ts';
import { BUILT_IN_GAMES } from '../../renderer/game-catalogue.ts';
import { gameNeeds, type MeasuredMachine } from './machine-capacity.ts';

/** A container joins with at most this many games. */
const MAX_GAMES = 1000;

/** What a session of a game begins with. */
export interface OfferedGame {
  readonly autoResolution: Resolution;
  /** Undefined where the game is built in. */
  readonly build: Build | undefined;
  /** Before its player chose anything. */
  readonly needs: Capacity;
}

/** What was found out about the machine, and how large it draws the games that are built in. */
export interface MeasuredGames extends MeasuredMachine {
  readonly autoResolutions: ReadonlyMap<GameId, Resolution>;
}

export interface OfferedGamesOptions {
  /** Folders that are builds or hold some. */
  readonly folders: readonly string[];
  /** Which of the games built into Rockpool are offered. */
  readonly builtIn: readonly GameId[];
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
  #measured: MeasuredGames | undefined;

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
    const { builds, problems } = await readBuilds(folders, new Set(BUILT_IN_GAMES.keys()));
    const advice = builds.length > 0 ? await missing() : undefined;
    const offered = advice === undefined ? builds.slice(0, MAX_GAMES - builtIn.length) : [];
    return new OfferedGames(builtIn, offered, problems, advice);
  }

  /** The machine was measured: before, nothing is offered. Built-in games not in here do not run. */
  handleMeasured(measured: MeasuredGames): void {
    this.#measured = measured;
  }

  get builds(): readonly Build[] {
    return [...this.#builds.values()];
  }

  /** What the library and the indexer are told of each. */
  get games(): ContainerGame[] {
    const games: ContainerGame[] = [];
    const add = (info: GameInfo, needsGpu: boolean) => {
      const offer = this.find(info.id);
      if (offer) games.push({ ...info, needs: offer.needs, needsGpu });
    };
    for (const id of this.builtIn) {
      const entry = BUILT_IN_GAMES.get(id);
      if (entry) add(entry.info, entry.needsGpu);
    }
    for (const { info } of this.#builds.values()) add(info, false);
    return games;
  }

  /** Undefined where the game is not offered here. */
  find(gameId: GameId): OfferedGame | undefined {
    const measured = this.#measured;
    const build = this.#builds.get(gameId);
    const autoResolution = build?.manifest.resolution ?? measured?.autoResolutions.get(gameId);
    if (!measured || !autoResolution) return undefined;
    const needsGpu = BUILT_IN_GAMES.get(gameId)?.needsGpu ?? false;
    return { autoResolution, build, needs: gameNeeds(autoResolution, build, needsGpu, measured) };
  }

  /** Another state of an offered build: what starts from now on is this one. */
  replace(build: Build): void {
    this.#builds.set(build.info.id, build);
  }
}

import { RockpoolError } from '../../../protocol/errors.ts';
import type { GameId } from '../../../protocol/ids.ts';
import {
  type BuildId,
  type BuildListing,
  buildStateSchema,
  type DeletedBuild,
  type DeletedGame,
  KEEP_DELETED_MS,
} from '../../../protocol/studio-builds.ts';
import type { BuildRecord, GameRecord, ReleaseRecord } from '../../store/game-store.ts';
import type { StudioRecord, StudioRecords, StudioStore } from '../../store/studio-store.ts';
import { demand, type Principal } from '../accounts/access-policy.ts';
import { actorOf, auditRecord, type Deed } from '../accounts/audit-trail.ts';
import { listingOf } from '../games/build-listing.ts';
import { givenBuilds } from '../releases/rollout.ts';
import type { TryOuts } from '../try-outs/try-outs.ts';
import { buildDeleted, buildDeletedTelling, gameDeleted, gameDeletedTelling } from './deleted.ts';

export interface DeletionsOptions {
  readonly store: StudioStore;
  readonly tryOuts: Pick<TryOuts, 'start'>;
  /** Sessions of a build that are played now. */
  readonly playing: (buildId: BuildId) => number;
  /** Resolves when players get what is released. */
  readonly refresh: () => Promise<void>;
  /** Epoch milliseconds. */
  readonly wallClockMs: () => number;
}

/** Takes builds and games away, at first so that they can be taken back. */
export class Deletions {
  readonly #options: DeletionsOptions;

  constructor(options: DeletionsOptions) {
    this.#options = options;
  }

  /**
   * Hides a build that nobody gets or plays.
   * @throws RockpoolError `not-found`, `forbidden`; `conflict` where it is needed, which says what to do.
   */
  async deleteBuild(
    principal: Principal,
    { studioId }: StudioRecord,
    id: GameId,
    number: number,
  ): Promise<DeletedBuild> {
    demand(principal, studioId, 'builds:write');
    return this.#change(principal, studioId, id, async ({ games }, game, nowMs) => {
      const build = await mustFind(games, game, number);
      if (build.removedAtMs !== undefined) return { value: buildDeletedTelling(build) };
      this.#mustBeFree(build, await games.currentReleases(game.gameId));
      const removed = { ...build, removedAtMs: nowMs };
      await games.updateBuild(build.buildId, buildStateSchema.options, { removedAtMs: nowMs });
      return { value: buildDeletedTelling(removed), deed: deedOf('build.deleted', game, build) };
    });
  }

  /** @throws RockpoolError `not-found`, `forbidden`; `conflict` where it is too late. */
  async restoreBuild(
    principal: Principal,
    { studioId }: StudioRecord,
    id: GameId,
    number: number,
  ): Promise<BuildListing> {
    demand(principal, studioId, 'builds:write');
    const build = await this.#change(principal, studioId, id, async ({ games }, game, nowMs) => {
      const build = await mustFind(games, game, number);
      if (build.removedAtMs === undefined) return { value: build };
      mustBeInTime(build, nowMs, `Build ${number}`);
      const value = { ...build, removedAtMs: undefined };
      await games.updateBuild(build.buildId, buildStateSchema.options, { removedAtMs: undefined });
      return { value, deed: deedOf('build.restored', game, build) };
    });
    if (build.state === 'trying') this.#options.tryOuts.start(build.buildId);
    return listingOf(build, undefined);
  }

  /**
   * Hides a game with all it has; who plays it may finish.
   * @throws RockpoolError `not-found`, `forbidden`
   */
  async deleteGame(
    principal: Principal,
    { studioId }: StudioRecord,
    id: GameId,
  ): Promise<DeletedGame> {
    demand(principal, studioId, 'games:delete');
    const deleted = await this.#changeGame(
      principal,
      studioId,
      id,
      async ({ games }, game, nowMs) => {
        if (game.removedAtMs !== undefined) return { value: gameDeletedTelling(game) };
        await games.updateGame(game.gameId, { removedAtMs: nowMs });
        const value = gameDeletedTelling({ ...game, removedAtMs: nowMs });
        return { value, deed: gameDeed('game.deleted', game) };
      },
    );
    await this.#options.refresh();
    return deleted;
  }

  /** @throws RockpoolError `not-found`, `forbidden`; `conflict` where it is too late. */
  async restoreGame(
    principal: Principal,
    { studioId }: StudioRecord,
    id: GameId,
  ): Promise<GameRecord> {
    demand(principal, studioId, 'games:delete');
    const game = await this.#changeGame(principal, studioId, id, async ({ games }, game, nowMs) => {
      if (game.removedAtMs === undefined) return { value: game };
      mustBeInTime(game, nowMs, game.title);
      await games.updateGame(game.gameId, { removedAtMs: undefined });
      const value = { ...game, removedAtMs: undefined };
      return { value, deed: gameDeed('game.restored', game) };
    });
    await this.#options.refresh();
    return game;
  }

  #mustBeFree({ buildId, number, state }: BuildRecord, releases: readonly ReleaseRecord[]): void {
    const channels = releases
      .filter((one) => givenBuilds(one).includes(buildId))
      .map(({ channel }) => channel);
    if (channels.length > 0) {
      throw new RockpoolError(
        'conflict',
        `Build ${number} is live on ${channels.join(', ')}: roll it back or release another one first.`,
      );
    }
    if (state === 'checking') {
      throw new RockpoolError(
        'conflict',
        `Build ${number} is being checked: delete it when that is done.`,
      );
    }
    const playing = this.#options.playing(buildId);
    if (playing > 0) {
      throw new RockpoolError(
        'conflict',
        `Build ${number} is being played ${playing === 1 ? 'by a player' : `in ${playing} sessions`}: delete it when they have finished.`,
      );
    }
  }

  #change<T>(
    principal: Principal,
    studioId: StudioRecord['studioId'],
    id: GameId,
    work: Work<T>,
  ): Promise<T> {
    return this.#changeGame(principal, studioId, id, async (records, game, nowMs) => {
      if (game.removedAtMs !== undefined) throw gameDeleted(game);
      return work(records, game, nowMs);
    });
  }

  /** Also of a game that is deleted. */
  async #changeGame<T>(
    principal: Principal,
    studioId: StudioRecord['studioId'],
    id: GameId,
    work: Work<T>,
  ): Promise<T> {
    const { store, wallClockMs } = this.#options;
    return store.transact(async (records) => {
      // Of who deletes and who releases, or takes back, at once the later one sees what the other did.
      await records.lockStudio(studioId);
      const game = await records.games.game(id);
      if (game?.studioId !== studioId || game.goneAtMs !== undefined) {
        throw new RockpoolError('not-found', 'This studio has no such game.');
      }
      const nowMs = wallClockMs();
      const { value, deed } = await work(records, game, nowMs);
      if (deed) await records.appendAudit(auditRecord(actorOf(principal), deed, nowMs));
      return value;
    });
  }
}

type Work<T> = (
  records: StudioRecords,
  game: GameRecord,
  nowMs: number,
) => Promise<{ readonly value: T; readonly deed?: Deed }>;

async function mustFind(
  games: StudioRecords['games'],
  { gameId }: GameRecord,
  number: number,
): Promise<BuildRecord> {
  const build = await games.buildByNumber(gameId, number);
  if (!build) throw new RockpoolError('not-found', `The game has no build ${number}.`);
  if (build.goneAtMs === undefined) return build;
  throw buildDeleted(build);
}

/** @throws RockpoolError `conflict` */
function mustBeInTime(
  { removedAtMs = 0 }: Pick<BuildRecord, 'removedAtMs'>,
  nowMs: number,
  what: string,
): void {
  if (nowMs - removedAtMs < KEEP_DELETED_MS) return;
  throw new RockpoolError('conflict', `${what} was deleted too long ago to be taken back.`);
}

function deedOf(
  action: 'build.deleted' | 'build.restored',
  { title, studioId }: GameRecord,
  { number, label, archive }: BuildRecord,
): Deed {
  const detail = label === '' ? archive.name : `${archive.name}, ${label}`;
  return { action, studioId, target: `build ${number} of ${title}`, detail };
}

function gameDeed(
  action: 'game.deleted' | 'game.restored',
  { title, gameId, studioId }: GameRecord,
): Deed {
  return { action, studioId, target: title, detail: gameId };
}

import { RockpoolError } from '../../../protocol/errors.ts';
import type { GameId } from '../../../protocol/ids.ts';
import type { StudioId } from '../../../protocol/studio-access.ts';
import {
  type CreateGame,
  gamePageSchema,
  type StudioGame,
  type StudioGames,
} from '../../../protocol/studio-builds.ts';
import type { BuildRecord, GameRecord } from '../../store/game-store.ts';
import type { StudioRecord, StudioStore } from '../../store/studio-store.ts';
import { demand, type Principal } from '../accounts/access-policy.ts';
import { actorOf, auditRecord } from '../accounts/audit-trail.ts';
import { gameDeletedTelling } from '../deletions/deleted.ts';
import { shownBuildOf } from '../releases/rollout.ts';
import type { Uploads } from '../uploads/uploads.ts';
import type { BuildChecks } from './build-checks.ts';
import { listingOf } from './build-listing.ts';
import { studioGame } from './studio-game.ts';

/** So many of one studio: its list is read whole. */
const MAX_GAMES = 200;

export interface GamesOptions {
  readonly store: StudioStore;
  readonly uploads: Pick<Uploads, 'quotaBytes' | 'reservedBytes'>;
  readonly checks: Pick<BuildChecks, 'progressOf'>;
  /** Whether a game of this id comes from somewhere else: Rockpool itself, or a machine's own disk. */
  readonly isTaken: (gameId: GameId) => boolean;
  readonly wallClockMs: () => number;
}

/** The games of studios. */
export class Games {
  readonly #options: GamesOptions;

  constructor(options: GamesOptions) {
    this.#options = options;
  }

  /** @throws RockpoolError `not-found` */
  find(studio: StudioRecord, gameId: string): Promise<GameRecord> {
    const missing = 'The studio has no such game. Create it first.';
    return studioGame(this.#options.store.games, studio, gameId, missing);
  }

  /** @throws RockpoolError `forbidden` */
  async list(principal: Principal, { studioId }: StudioRecord): Promise<StudioGames> {
    demand(principal, studioId, 'builds:read');
    const { store, uploads, wallClockMs } = this.#options;
    const games = await store.games.gamesOf(studioId);
    const usedBytes = (await store.games.studioBytes(studioId)) + uploads.reservedBytes(studioId);
    return {
      games: await Promise.all(games.map((game) => this.#listing(game))),
      deleted: (await store.games.removedGames(studioId)).map((game) => gameDeletedTelling(game)),
      storage: { usedBytes, quotaBytes: uploads.quotaBytes },
      nowMs: wallClockMs(),
    };
  }

  /** @throws RockpoolError `forbidden` */
  async tell(principal: Principal, game: GameRecord): Promise<StudioGame> {
    demand(principal, game.studioId, 'builds:read');
    return this.#listing(game);
  }

  /** @throws RockpoolError `forbidden`; `conflict` where the id is taken. */
  async create(
    principal: Principal,
    { studioId }: StudioRecord,
    { id, title }: CreateGame,
  ): Promise<StudioGame> {
    demand(principal, studioId, 'builds:write');
    const { store, isTaken, wallClockMs } = this.#options;
    if (isTaken(id)) throw taken(id);
    const createdAtMs = wallClockMs();
    const page = gamePageSchema.parse({});
    const isThere = { removedAtMs: undefined, goneAtMs: undefined };
    const game = { gameId: id, studioId, title, createdAtMs, ...isThere, page };
    await store.transact(async (records) => {
      if ((await records.games.gamesOf(studioId)).length >= MAX_GAMES) {
        throw new RockpoolError('conflict', `A studio can have ${MAX_GAMES} games at most.`);
      }
      if (!(await records.games.addGame(game))) {
        throw taken(id, await records.games.game(id), studioId);
      }
      const deed = { action: 'game.created', studioId, target: title, detail: id } as const;
      await records.appendAudit(auditRecord(actorOf(principal), deed, createdAtMs));
    });
    return this.#listing(game);
  }

  /** @throws RockpoolError `forbidden` */
  async rename(principal: Principal, game: GameRecord, title: string): Promise<void> {
    const { studioId, gameId } = game;
    demand(principal, studioId, 'builds:write');
    if (title === game.title) return;
    await this.#options.store.transact(async (records) => {
      await records.games.updateGame(gameId, { title });
      const detail = `${game.title} → ${title}`;
      const deed = { action: 'game.renamed', studioId, target: gameId, detail } as const;
      const nowMs = this.#options.wallClockMs();
      await records.appendAudit(auditRecord(actorOf(principal), deed, nowMs));
    });
  }

  async #listing({ gameId, title, createdAtMs }: GameRecord): Promise<StudioGame> {
    const { games } = this.#options.store;
    const [latest] = await games.buildsOf(gameId, { limit: 1 });
    const shown = shownBuildOf(await games.currentReleases(gameId));
    const build = shown && (await games.build(shown));
    return {
      gameId,
      title,
      createdAtMs,
      latest: latest ? this.#listingOf(latest) : null,
      liveBuild: build?.number ?? null,
    };
  }

  #listingOf(build: BuildRecord) {
    return listingOf(build, this.#options.checks.progressOf(build.buildId));
  }
}

/** @param by who has it, as far as that may be told to this studio. */
function taken(gameId: GameId, by?: GameRecord, studioId?: StudioId): RockpoolError {
  if (by && by.studioId === studioId && by.removedAtMs !== undefined) {
    return new RockpoolError(
      'conflict',
      `"${gameId}" is a deleted game of this studio: take it back, or choose another name.`,
    );
  }
  return new RockpoolError(
    'conflict',
    `There is a game called "${gameId}" already, or was. Choose another name for its address.`,
  );
}

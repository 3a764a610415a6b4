import {
  and,
  asc,
  desc,
  eq,
  getTableColumns,
  gt,
  inArray,
  isNotNull,
  isNull,
  lt,
  type SQL,
  sql,
} from 'drizzle-orm';
import type { GameId } from '../../protocol/ids.ts';
import type { StudioId } from '../../protocol/studio-access.ts';
import type { BuildId, BuildState } from '../../protocol/studio-builds.ts';
import { buildRowSchema, gameRowSchema, releaseRowSchema } from './game-rows.ts';
import type {
  BuildRecord,
  BuildsPage,
  GameReads,
  GameRecord,
  ReleaseRecord,
} from './game-store.ts';
import { buildsTable, gamesTable, releasesTable } from './game-tables.ts';
import type { SqlAccess } from './sql-studio-reads.ts';

const { entryId: _, ...RELEASE_COLUMNS } = getTableColumns(releasesTable);

/** With when its build was forgotten. */
const CURRENT_COLUMNS = { ...RELEASE_COLUMNS, goneAtMs: buildsTable.goneAtMs };

/** Not deleted. */
const IS_THERE = isNull(buildsTable.removedAtMs);

/** What is known of games, in Postgres. Each call is one statement. */
export class SqlGameReads implements GameReads {
  protected readonly access: SqlAccess;

  constructor(access: SqlAccess) {
    this.access = access;
  }

  async game(gameId: GameId): Promise<GameRecord | undefined> {
    const rows = await this.access.ask((database) =>
      database.select().from(gamesTable).where(eq(gamesTable.gameId, gameId)),
    );
    return this.access.read('games', gameRowSchema, rows)[0];
  }

  async gamesNamed(gameIds: readonly GameId[]): Promise<GameRecord[]> {
    if (gameIds.length === 0) return [];
    const rows = await this.access.ask((database) =>
      database
        .select()
        .from(gamesTable)
        .where(and(inArray(gamesTable.gameId, [...gameIds]), isNull(gamesTable.removedAtMs))),
    );
    return this.access.read('games', gameRowSchema, rows);
  }

  async gamesOf(studioId: StudioId): Promise<GameRecord[]> {
    const rows = await this.access.ask((database) =>
      database
        .select()
        .from(gamesTable)
        .where(and(eq(gamesTable.studioId, studioId), isNull(gamesTable.removedAtMs)))
        .orderBy(
          sql`lower(${gamesTable.title}) collate "C"`,
          sql`${gamesTable.gameId} collate "C"`,
        ),
    );
    return this.access.read('games', gameRowSchema, rows);
  }

  async removedGames(studioId: StudioId): Promise<GameRecord[]> {
    const { removedAtMs, goneAtMs, gameId } = gamesTable;
    const rows = await this.access.ask((database) =>
      database
        .select()
        .from(gamesTable)
        .where(and(eq(gamesTable.studioId, studioId), isNotNull(removedAtMs), isNull(goneAtMs)))
        .orderBy(desc(removedAtMs), sql`${gameId} collate "C"`),
    );
    return this.access.read('games', gameRowSchema, rows);
  }

  async gamesToForget(beforeMs: number, limit: number): Promise<GameRecord[]> {
    const { removedAtMs, goneAtMs } = gamesTable;
    const rows = await this.access.ask((database) =>
      database
        .select()
        .from(gamesTable)
        .where(and(lt(removedAtMs, beforeMs), isNull(goneAtMs)))
        .orderBy(asc(removedAtMs))
        .limit(limit),
    );
    return this.access.read('games', gameRowSchema, rows);
  }

  async build(buildId: BuildId): Promise<BuildRecord | undefined> {
    return (await this.#newestBuilds(eq(buildsTable.buildId, buildId), 1))[0];
  }

  async buildByNumber(gameId: GameId, number: number): Promise<BuildRecord | undefined> {
    const where = and(eq(buildsTable.gameId, gameId), eq(buildsTable.number, number));
    return (await this.#newestBuilds(where, 1))[0];
  }

  async removedBuilds(gameId: GameId): Promise<BuildRecord[]> {
    const { removedAtMs, number } = buildsTable;
    const where = and(eq(buildsTable.gameId, gameId), isNotNull(removedAtMs));
    return this.#builds(where, [desc(removedAtMs), desc(number)]);
  }

  async buildsToForget(beforeMs: number, limit: number): Promise<BuildRecord[]> {
    const { removedAtMs, goneAtMs } = buildsTable;
    const where = and(lt(removedAtMs, beforeMs), isNull(goneAtMs));
    return this.#builds(where, [asc(removedAtMs)], limit);
  }

  async keptBuilds(after: BuildId | undefined, limit: number): Promise<BuildRecord[]> {
    const { buildId, goneAtMs } = buildsTable;
    const next = after === undefined ? undefined : gt(buildId, after);
    return this.#builds(and(isNull(goneAtMs), next), [asc(buildId)], limit);
  }

  async studioBuilds(studioId: StudioId): Promise<BuildRecord[]> {
    const rows = await this.access.ask((database) =>
      database
        .select(getTableColumns(buildsTable))
        .from(buildsTable)
        .innerJoin(gamesTable, eq(gamesTable.gameId, buildsTable.gameId))
        .where(and(eq(gamesTable.studioId, studioId), isNull(buildsTable.goneAtMs)))
        .orderBy(asc(buildsTable.createdAtMs), asc(buildsTable.buildId)),
    );
    return this.access.read('builds', buildRowSchema, rows);
  }

  buildsOf(gameId: GameId, { beforeNumber, limit }: BuildsPage): Promise<BuildRecord[]> {
    const before = beforeNumber === undefined ? undefined : lt(buildsTable.number, beforeNumber);
    return this.#newestBuilds(and(eq(buildsTable.gameId, gameId), IS_THERE, before), limit);
  }

  async buildByContent(gameId: GameId, content: string): Promise<BuildRecord | undefined> {
    const where = and(eq(buildsTable.gameId, gameId), IS_THERE, eq(buildsTable.content, content));
    return (await this.#newestBuilds(where, 1))[0];
  }

  async buildByArchive(gameId: GameId, sha256: string): Promise<BuildRecord | undefined> {
    const { archiveSha256 } = buildsTable;
    const where = and(eq(buildsTable.gameId, gameId), IS_THERE, eq(archiveSha256, sha256));
    return (await this.#newestBuilds(where, 1))[0];
  }

  buildsInState(state: BuildState, limit: number): Promise<BuildRecord[]> {
    const oldestFirst = [asc(buildsTable.createdAtMs), asc(buildsTable.buildId)];
    return this.#builds(and(eq(buildsTable.state, state), IS_THERE), oldestFirst, limit);
  }

  async releases(gameId: GameId, limit: number): Promise<ReleaseRecord[]> {
    const rows = await this.access.ask((database) =>
      database
        .select(RELEASE_COLUMNS)
        .from(releasesTable)
        .where(eq(releasesTable.gameId, gameId))
        .orderBy(desc(releasesTable.entryId))
        .limit(limit),
    );
    return this.access.read('releases', releaseRowSchema, rows);
  }

  async currentReleases(gameId: GameId): Promise<ReleaseRecord[]> {
    const rows = await this.access.ask((database) =>
      database
        .selectDistinctOn([sql`${releasesTable.channel} collate "C"`], CURRENT_COLUMNS)
        .from(releasesTable)
        .innerJoin(buildsTable, eq(buildsTable.buildId, releasesTable.buildId))
        .where(eq(releasesTable.gameId, gameId))
        .orderBy(sql`${releasesTable.channel} collate "C"`, desc(releasesTable.entryId)),
    );
    return this.#current(rows);
  }

  async allCurrentReleases(): Promise<ReleaseRecord[]> {
    const game = sql`${releasesTable.gameId} collate "C"`;
    const channel = sql`${releasesTable.channel} collate "C"`;
    const rows = await this.access.ask((database) =>
      database
        .selectDistinctOn([game, channel], CURRENT_COLUMNS)
        .from(releasesTable)
        .innerJoin(buildsTable, eq(buildsTable.buildId, releasesTable.buildId))
        .innerJoin(gamesTable, eq(gamesTable.gameId, releasesTable.gameId))
        .where(isNull(gamesTable.removedAtMs))
        .orderBy(game, channel, desc(releasesTable.entryId)),
    );
    return this.#current(rows);
  }

  async studioBytes(studioId: StudioId): Promise<number> {
    const rows = await this.access.ask((database) =>
      database
        .select({ total: sql<string>`coalesce(sum(${buildsTable.storedBytes}), 0)::text` })
        .from(buildsTable)
        .innerJoin(gamesTable, eq(gamesTable.gameId, buildsTable.gameId))
        .where(eq(gamesTable.studioId, studioId)),
    );
    return Number(rows[0]?.total ?? 0);
  }

  #newestBuilds(where: SQL | undefined, limit: number): Promise<BuildRecord[]> {
    return this.#builds(where, [desc(buildsTable.number)], limit);
  }

  async #builds(
    where: SQL | undefined,
    order: readonly SQL[],
    limit?: number,
  ): Promise<BuildRecord[]> {
    const rows = await this.access.ask((database) => {
      const query = database
        .select()
        .from(buildsTable)
        .where(where)
        .orderBy(...order);
      return limit === undefined ? query : query.limit(limit);
    });
    return this.access.read('builds', buildRowSchema, rows);
  }

  /** Without those whose build was forgotten: nobody gets it any more. */
  #current(rows: readonly { readonly goneAtMs: number | null }[]): ReleaseRecord[] {
    const kept = rows.filter(({ goneAtMs }) => goneAtMs === null);
    const releases = kept.map(({ goneAtMs: _, ...release }) => release);
    return this.access.read('releases', releaseRowSchema, releases);
  }
}

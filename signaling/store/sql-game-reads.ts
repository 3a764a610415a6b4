import {
  and,
  asc,
  desc,
  eq,
  getTableColumns,
  inArray,
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

  async build(buildId: BuildId): Promise<BuildRecord | undefined> {
    return (await this.#newestBuilds(eq(buildsTable.buildId, buildId), 1))[0];
  }

  async buildByNumber(gameId: GameId, number: number): Promise<BuildRecord | undefined> {
    const where = and(eq(buildsTable.gameId, gameId), eq(buildsTable.number, number));
    return (await this.#newestBuilds(where, 1))[0];
  }

  buildsOf(gameId: GameId, { beforeNumber, limit }: BuildsPage): Promise<BuildRecord[]> {
    const before = beforeNumber === undefined ? undefined : lt(buildsTable.number, beforeNumber);
    return this.#newestBuilds(and(eq(buildsTable.gameId, gameId), before), limit);
  }

  async buildByContent(gameId: GameId, content: string): Promise<BuildRecord | undefined> {
    const where = and(eq(buildsTable.gameId, gameId), eq(buildsTable.content, content));
    return (await this.#newestBuilds(where, 1))[0];
  }

  async buildByArchive(gameId: GameId, sha256: string): Promise<BuildRecord | undefined> {
    const where = and(eq(buildsTable.gameId, gameId), eq(buildsTable.archiveSha256, sha256));
    return (await this.#newestBuilds(where, 1))[0];
  }

  async buildsInState(state: BuildState, limit: number): Promise<BuildRecord[]> {
    const rows = await this.access.ask((database) =>
      database
        .select()
        .from(buildsTable)
        .where(eq(buildsTable.state, state))
        .orderBy(asc(buildsTable.createdAtMs), asc(buildsTable.buildId))
        .limit(limit),
    );
    return this.access.read('builds', buildRowSchema, rows);
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
        .selectDistinctOn([sql`${releasesTable.channel} collate "C"`], RELEASE_COLUMNS)
        .from(releasesTable)
        .where(eq(releasesTable.gameId, gameId))
        .orderBy(sql`${releasesTable.channel} collate "C"`, desc(releasesTable.entryId)),
    );
    return this.access.read('releases', releaseRowSchema, rows);
  }

  async allCurrentReleases(): Promise<ReleaseRecord[]> {
    const game = sql`${releasesTable.gameId} collate "C"`;
    const channel = sql`${releasesTable.channel} collate "C"`;
    const rows = await this.access.ask((database) =>
      database
        .selectDistinctOn([game, channel], RELEASE_COLUMNS)
        .from(releasesTable)
        .innerJoin(gamesTable, eq(gamesTable.gameId, releasesTable.gameId))
        .where(isNull(gamesTable.removedAtMs))
        .orderBy(game, channel, desc(releasesTable.entryId)),
    );
    return this.access.read('releases', releaseRowSchema, rows);
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

  async #newestBuilds(where: SQL | undefined, limit: number): Promise<BuildRecord[]> {
    const rows = await this.access.ask((database) =>
      database
        .select()
        .from(buildsTable)
        .where(where)
        .orderBy(desc(buildsTable.number))
        .limit(limit),
    );
    return this.access.read('builds', buildRowSchema, rows);
  }
}

import { and, eq, inArray, sql } from 'drizzle-orm';
import type { GameId } from '../../protocol/ids.ts';
import type { BuildId, BuildState } from '../../protocol/studio-builds.ts';
import type {
  BuildPatch,
  BuildRecord,
  GamePatch,
  GameRecord,
  GameRecords,
  ReleaseRecord,
} from './game-store.ts';
import { buildsTable, gamesTable, releasesTable } from './game-tables.ts';
import { SqlGameReads } from './sql-game-reads.ts';
import { storable } from './storable-text.ts';

/** What is known of games and can be changed, on the connection of one transaction. */
export class SqlGameRecords extends SqlGameReads implements GameRecords {
  async addGame(record: GameRecord): Promise<boolean> {
    const { title, createdAtMs, page, removedAtMs, goneAtMs } = record;
    const added = await this.access.ask((database) =>
      database
        .insert(gamesTable)
        .values(storable(record))
        .onConflictDoUpdate({
          target: gamesTable.gameId,
          set: withNulls(storable({ title, createdAtMs, page, removedAtMs, goneAtMs })),
          setWhere: sql`${gamesTable.goneAtMs} is not null and ${gamesTable.studioId} = ${record.studioId}`,
        })
        .returning({ gameId: gamesTable.gameId }),
    );
    return added.length > 0;
  }

  async updateGame(gameId: GameId, patch: GamePatch): Promise<boolean> {
    const updated = await this.access.ask((database) =>
      database
        .update(gamesTable)
        .set(withNulls(storable(patch)))
        .where(eq(gamesTable.gameId, gameId))
        .returning({ gameId: gamesTable.gameId }),
    );
    return updated.length > 0;
  }

  async addBuild({ archive, ...record }: Omit<BuildRecord, 'number'>): Promise<BuildRecord> {
    // Whoever adds another build of this game meanwhile waits, and gets the number after.
    await this.access.ask((database) =>
      database
        .select({ gameId: gamesTable.gameId })
        .from(gamesTable)
        .where(eq(gamesTable.gameId, record.gameId))
        .for('update'),
    );
    const [last] = await this.access.ask((database) =>
      database
        .select({ number: sql<number>`coalesce(max(${buildsTable.number}), 0)` })
        .from(buildsTable)
        .where(eq(buildsTable.gameId, record.gameId)),
    );
    const number = (last?.number ?? 0) + 1;
    const kept = storable({ ...record, archive, number });
    const { name: archiveName, bytes: archiveBytes, sha256: archiveSha256 } = kept.archive;
    const { archive: _, ...columns } = kept;
    await this.access.ask((database) =>
      database.insert(buildsTable).values({ ...columns, archiveName, archiveBytes, archiveSha256 }),
    );
    return kept;
  }

  async updateBuild(
    buildId: BuildId,
    expectedStates: readonly BuildState[],
    patch: BuildPatch,
  ): Promise<boolean> {
    const updated = await this.access.ask((database) =>
      database
        .update(buildsTable)
        .set(withNulls(storable(patch)))
        .where(
          and(eq(buildsTable.buildId, buildId), inArray(buildsTable.state, [...expectedStates])),
        )
        .returning({ buildId: buildsTable.buildId }),
    );
    return updated.length > 0;
  }

  async addRelease(record: ReleaseRecord): Promise<void> {
    await this.access.ask((database) => database.insert(releasesTable).values(storable(record)));
  }
}

/** With null where something is taken away: undefined would leave a column as it is. */
type WithNulls<T> = {
  [K in keyof T]: undefined extends Required<T>[K] ? Exclude<T[K], undefined> | null : T[K];
};

function withNulls<T extends object>(patch: T): WithNulls<T> {
  const entries = Object.entries(patch).map(([name, value]) => [name, value ?? null]);
  return Object.fromEntries(entries) as WithNulls<T>;
}

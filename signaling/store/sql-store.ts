import { and, desc, eq, gte, isNull, lt, type SQL, sql } from 'drizzle-orm';
import type { AnyPgColumn, PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { RockpoolError } from '../../protocol/errors.ts';
import type { ContainerId, GameId, PlayerId, SessionId } from '../../protocol/ids.ts';
import type { QualityReport } from '../../protocol/quality-report.ts';
import { databaseError } from './database-errors.ts';
import { storable } from './storable-text.ts';
import type {
  ContainerPresence,
  ContainerRecord,
  SessionEnd,
  SessionRecord,
  SessionStart,
  Store,
} from './store.ts';
import { containerRowSchema, sessionRowSchema } from './stored-rows.ts';
import { containersTable, sessionsTable } from './tables.ts';

export interface SqlStoreOptions {
  readonly database: PgDatabase<PgQueryResultHKT>;
  readonly log: Logger;
  /** Called once, when no query is under way any more. */
  readonly closeDatabase: () => Promise<void>;
}

/** The store in Postgres, whichever way it is reached. Each call is one statement. */
export class SqlStore implements Store {
  readonly #database: PgDatabase<PgQueryResultHKT>;
  readonly #log: Logger;
  readonly #closeDatabase: () => Promise<void>;
  readonly #underWay = new Set<Promise<unknown>>();
  #closed: Promise<void> | undefined;

  /** @param options the database has been migrated already. */
  constructor({ database, log, closeDatabase }: SqlStoreOptions) {
    this.#database = database;
    this.#log = log;
    this.#closeDatabase = closeDatabase;
  }

  async rememberContainer(record: ContainerRecord): Promise<void> {
    const values = storable(record);
    const { containerId, firstSeenAtMs, ...update } = values;
    await this.#ask((database) =>
      database
        .insert(containersTable)
        .values(values)
        .onConflictDoUpdate({ target: containersTable.containerId, set: update }),
    );
  }

  async markContainer(
    containerId: ContainerId,
    state: ContainerPresence,
    atMs: number,
  ): Promise<void> {
    const { lastSeenAtMs } = containersTable;
    await this.#ask((database) =>
      database
        .update(containersTable)
        .set({ state, lastSeenAtMs: later(lastSeenAtMs, atMs) })
        .where(eq(containersTable.containerId, containerId)),
    );
  }

  async container(containerId: ContainerId): Promise<ContainerRecord | undefined> {
    const rows = await this.#ask((database) =>
      database.select().from(containersTable).where(eq(containersTable.containerId, containerId)),
    );
    return this.#read('containers', containerRowSchema, rows)[0];
  }

  async beginSession(start: SessionStart): Promise<void> {
    await this.#ask((database) =>
      database.insert(sessionsTable).values(storable(start)).onConflictDoNothing(),
    );
  }

  async endSession(sessionId: SessionId, { atMs, reason, detail }: SessionEnd): Promise<boolean> {
    const { startedAtMs, endedAtMs } = sessionsTable;
    const ended = await this.#ask((database) =>
      database
        .update(sessionsTable)
        .set({
          endedAtMs: later(startedAtMs, atMs),
          reason,
          detail: detail === undefined ? null : storable(detail),
        })
        .where(and(eq(sessionsTable.sessionId, sessionId), isNull(endedAtMs)))
        .returning({ sessionId: sessionsTable.sessionId }),
    );
    return ended.length > 0;
  }

  async reportQuality(
    sessionId: SessionId,
    playerId: PlayerId,
    quality: QualityReport,
  ): Promise<boolean> {
    const reported = await this.#ask((database) =>
      database
        .update(sessionsTable)
        .set({ quality })
        .where(and(eq(sessionsTable.sessionId, sessionId), eq(sessionsTable.playerId, playerId)))
        .returning({ sessionId: sessionsTable.sessionId }),
    );
    return reported.length > 0;
  }

  async session(sessionId: SessionId): Promise<SessionRecord | undefined> {
    return (await this.#newestSessions(eq(sessionsTable.sessionId, sessionId), 1))[0];
  }

  sessionsOfPlayer(
    playerId: PlayerId,
    { limit, beforeMs }: { readonly limit: number; readonly beforeMs?: number | undefined },
  ): Promise<SessionRecord[]> {
    const before = beforeMs === undefined ? undefined : lt(sessionsTable.startedAtMs, beforeMs);
    return this.#newestSessions(and(eq(sessionsTable.playerId, playerId), before), limit);
  }

  sessionsOfContainer(
    containerId: ContainerId,
    { sinceMs, limit }: { readonly sinceMs: number; readonly limit: number },
  ): Promise<SessionRecord[]> {
    const { containerId: container, startedAtMs } = sessionsTable;
    return this.#newestSessions(and(eq(container, containerId), gte(startedAtMs, sinceMs)), limit);
  }

  async sessionLengthsMs(
    gameId: GameId,
    { sinceMs, limit }: { readonly sinceMs: number; readonly limit: number },
  ): Promise<number[]> {
    const { startedAtMs, endedAtMs } = sessionsTable;
    const rows = await this.#ask((database) =>
      database
        .select({ lengthMs: sql`${endedAtMs} - ${startedAtMs}`.mapWith(Number) })
        .from(sessionsTable)
        .where(and(eq(sessionsTable.gameId, gameId), gte(endedAtMs, sinceMs)))
        .orderBy(desc(endedAtMs))
        .limit(limit),
    );
    return rows.map(({ lengthMs }) => lengthMs);
  }

  close(): Promise<void> {
    this.#closed ??= (async () => {
      await Promise.allSettled(this.#underWay);
      await this.#closeDatabase();
    })();
    return this.#closed;
  }

  async #newestSessions(where: SQL | undefined, limit: number): Promise<SessionRecord[]> {
    const { startedAtMs, sessionId } = sessionsTable;
    const rows = await this.#ask((database) =>
      database
        .select()
        .from(sessionsTable)
        .where(where)
        .orderBy(desc(startedAtMs), desc(sessionId))
        .limit(limit),
    );
    return this.#read('sessions', sessionRowSchema, rows);
  }

  /** One statement. @throws RockpoolError whatever goes wrong. */
  async #ask<T>(statement: (database: PgDatabase<PgQueryResultHKT>) => PromiseLike<T>): Promise<T> {
    if (this.#closed) throw new RockpoolError('internal', 'The store is closed.');
    // A statement of drizzle is sent when it is waited for, and again each time.
    const answer = Promise.resolve(statement(this.#database));
    this.#underWay.add(answer);
    try {
      return await answer;
    } catch (thrown) {
      throw databaseError(thrown);
    } finally {
      this.#underWay.delete(answer);
    }
  }

  /** The rows that can be read; of the others one line in the log, however many they are. */
  #read<T>(table: string, schema: z.ZodType<T>, rows: readonly unknown[]): T[] {
    const records: T[] = [];
    const problems: z.ZodError[] = [];
    for (const row of rows) {
      const result = schema.safeParse(row);
      if (result.success) records.push(result.data);
      else problems.push(result.error);
    }
    const issue = problems[0]?.issues[0];
    if (issue !== undefined) {
      this.#log.warn(
        { table, unreadable: problems.length, first: `${issue.path.join('.')}: ${issue.message}` },
        'records of the store cannot be read and are left out',
      );
    }
    return records;
  }
}

/** The later of a stored time, if there is one, and this one. */
function later(stored: AnyPgColumn, atMs: number): SQL {
  return sql`greatest(${stored}, ${atMs}::bigint)`;
}

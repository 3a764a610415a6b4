import {
  and,
  asc,
  count,
  desc,
  eq,
  gt,
  gte,
  inArray,
  isNotNull,
  isNull,
  lt,
  lte,
  or,
  type SQL,
  sql,
} from 'drizzle-orm';
import type { AnyPgColumn, PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { browserName } from '../../protocol/browser-kind.ts';
import { RockpoolError } from '../../protocol/errors.ts';
import type { ContainerId, GameId, JoinTokenId, PlayerId, SessionId } from '../../protocol/ids.ts';
import type { QualityReport } from '../../protocol/quality-report.ts';
import { databaseError } from './database-errors.ts';
import { SqlStudioStore } from './sql-studio-store.ts';
import { storable } from './storable-text.ts';
import {
  type BuildPlays,
  type ContainerPresence,
  type ContainerRecord,
  type JoinTokenRecord,
  MAX_TOKEN_CONTAINERS,
  type PlayRecord,
  type PlaysPage,
  type SessionEnd,
  type SessionRecord,
  type SessionStart,
  type Store,
} from './store.ts';
import {
  containerRowSchema,
  joinTokenRowSchema,
  playRowSchema,
  sessionRowSchema,
} from './stored-rows.ts';
import { containersTable, joinTokensTable, sessionsTable } from './tables.ts';

export interface SqlStoreOptions {
  readonly database: PgDatabase<PgQueryResultHKT>;
  readonly log: Logger;
  /** Called once, when no query is under way any more. */
  readonly closeDatabase: () => Promise<void>;
}

/** The store in Postgres, whichever way it is reached. Each call is one statement, but for studios. */
export class SqlStore implements Store {
  readonly studio = new SqlStudioStore({
    ask: (statement) => this.#ask(statement),
    read: (table, schema, rows) => this.#read(table, schema, rows),
  });
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
        .set({ state, lastSeenAtMs: atMs })
        // What a node hears late of a container that has joined another is no news.
        .where(and(eq(containersTable.containerId, containerId), lte(lastSeenAtMs, atMs))),
    );
  }

  async container(containerId: ContainerId): Promise<ContainerRecord | undefined> {
    const rows = await this.#ask((database) =>
      database.select().from(containersTable).where(eq(containersTable.containerId, containerId)),
    );
    return this.#read('containers', containerRowSchema, rows)[0];
  }

  async beginSession(start: SessionStart): Promise<void> {
    const values = storable({ ...start, reportedFrom: start.decision.ranked[0]?.region });
    await this.#ask((database) =>
      database.insert(sessionsTable).values(values).onConflictDoNothing(),
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
        .set({ quality, browser: quality.browser ? browserName(quality.browser) : null })
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

  async playsOfGame(gameId: GameId, page: PlaysPage): Promise<PlayRecord[]> {
    const { sinceMs, limit, after } = page;
    const table = sessionsTable;
    const { sessionId, playerId, startedAtMs, endedAtMs } = table;
    const { quality, buildId, browser, reportedFrom } = table;
    const isLater =
      after &&
      sql`(${startedAtMs}, ${sessionId}) < (${after.startedAtMs}::bigint, ${after.sessionId}::uuid)`;
    const rows = await this.#ask((database) =>
      database
        .select({
          sessionId,
          playerId,
          startedAtMs,
          endedAtMs,
          quality,
          buildId,
          browser,
          reportedFrom,
        })
        .from(table)
        .where(and(eq(table.gameId, gameId), gte(startedAtMs, sinceMs), isLater))
        .orderBy(desc(startedAtMs), desc(sessionId))
        .limit(limit),
    );
    return this.#read('sessions', playRowSchema, rows);
  }

  async forgetSessions(beforeMs: number, limit: number): Promise<number> {
    const { sessionId, startedAtMs } = sessionsTable;
    const forgotten = await this.#ask((database) => {
      const oldest = database
        .select({ sessionId })
        .from(sessionsTable)
        .where(lt(startedAtMs, beforeMs))
        .orderBy(asc(startedAtMs))
        .limit(limit)
        .for('update', { skipLocked: true });
      return database
        .delete(sessionsTable)
        .where(inArray(sessionId, oldest))
        .returning({ sessionId });
    });
    return forgotten.length;
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

  async buildsPlayed({
    sinceMs,
    limit,
  }: {
    readonly sinceMs: number;
    readonly limit: number;
  }): Promise<BuildPlays[]> {
    const { buildId, containerId, startedAtMs } = sessionsTable;
    const sessions = count();
    const rows = await this.#ask((database) =>
      database
        .select({ buildId, containerId, sessions })
        .from(sessionsTable)
        .where(and(gte(startedAtMs, sinceMs), isNotNull(buildId)))
        .groupBy(buildId, containerId)
        .orderBy(desc(sessions))
        .limit(limit),
    );
    return rows.flatMap(({ buildId, ...rest }) => (buildId ? [{ buildId, ...rest }] : []));
  }

  async addJoinToken(record: JoinTokenRecord): Promise<void> {
    await this.#ask((database) => database.insert(joinTokensTable).values(storable(record)));
  }

  async joinTokens(): Promise<JoinTokenRecord[]> {
    const { createdAtMs, tokenId } = joinTokensTable;
    const rows = await this.#ask((database) =>
      database.select().from(joinTokensTable).orderBy(desc(createdAtMs), desc(tokenId)),
    );
    return this.#read('join_tokens', joinTokenRowSchema, rows);
  }

  async joinTokenByHash(hash: string): Promise<JoinTokenRecord | undefined> {
    const rows = await this.#ask((database) =>
      database.select().from(joinTokensTable).where(eq(joinTokensTable.hash, hash)),
    );
    return this.#read('join_tokens', joinTokenRowSchema, rows)[0];
  }

  async useJoinToken(
    tokenId: JoinTokenId,
    containerId: ContainerId,
    atMs: number,
  ): Promise<boolean> {
    const { once, expiresAtMs, revokedAtMs, lastUsedAtMs, containerIds } = joinTokensTable;
    const own = sql`to_jsonb(${containerId}::text)`;
    const isKnown = sql`${containerIds} @> ${own}`;
    const hasRoom = sql`jsonb_array_length(${containerIds}) < case when ${once} then 1 else ${MAX_TOKEN_CONTAINERS}::int end`;
    const used = await this.#ask((database) =>
      database
        .update(joinTokensTable)
        .set({
          lastUsedAtMs: later(lastUsedAtMs, atMs),
          containerIds: sql`case when ${isKnown} then ${containerIds} else ${containerIds} || ${own} end`,
        })
        .where(
          and(
            eq(joinTokensTable.tokenId, tokenId),
            isNull(revokedAtMs),
            or(isNull(expiresAtMs), gt(expiresAtMs, atMs)),
            or(isKnown, hasRoom),
          ),
        )
        .returning({ tokenId: joinTokensTable.tokenId }),
    );
    return used.length > 0;
  }

  async revokeJoinToken(tokenId: JoinTokenId, atMs: number): Promise<boolean> {
    const { revokedAtMs } = joinTokensTable;
    const revoked = await this.#ask((database) =>
      database
        .update(joinTokensTable)
        .set({ revokedAtMs: sql`coalesce(${revokedAtMs}, ${atMs}::bigint)` })
        .where(eq(joinTokensTable.tokenId, tokenId))
        .returning({ tokenId: joinTokensTable.tokenId }),
    );
    return revoked.length > 0;
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

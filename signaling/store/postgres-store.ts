import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import type { Logger } from 'pino';
import { RockpoolError } from '../../protocol/errors.ts';
import { databaseError } from './database-errors.ts';
import { MIGRATIONS } from './migrations/all.ts';
import type { Migration } from './migrations/migration.ts';
import { migrate } from './migrator.ts';
import { SqlStore } from './sql-store.ts';
import type { Store } from './store.ts';

/** Connections of one node: its queries take milliseconds, so these do thousands a second. */
const MAX_CONNECTIONS = 10;

/** A database in reach answers in milliseconds; a player waits for some of the answers. */
const CONNECT_TIMEOUT_MS = 5_000;
const QUERY_TIMEOUT_MS = 10_000;

export interface PostgresStoreOptions {
  /** `postgres://…`; holds a password, so no error and no log line repeats it. */
  readonly url: string;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly nowMs?: () => number;
  readonly migrations?: readonly Migration[];
}

/**
 * The store in a Postgres that several nodes may share; brings the database up to date first. A
 * connection that is lost is replaced when it is next needed.
 * @throws RockpoolError `bad-configuration` where the URL is none, Postgres refuses, or a newer
 *   release has been here; `internal` where it cannot be reached.
 */
export async function openPostgresStore({
  url,
  log,
  nowMs = Date.now,
  migrations = MIGRATIONS,
}: PostgresStoreOptions): Promise<Store> {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw new RockpoolError(
      'bad-configuration',
      'DATABASE_URL must be like postgres://user:password@host:5432/database.',
    );
  }
  const settings: pg.ClientConfig = {
    connectionString: url,
    application_name: 'rockpool',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  };
  await migratePostgres(settings, migrations, nowMs());

  const pool = new pg.Pool({
    ...settings,
    max: MAX_CONNECTIONS,
    statement_timeout: QUERY_TIMEOUT_MS,
    // Where the server is gone without a word, its own limit is of no use.
    query_timeout: QUERY_TIMEOUT_MS + 1_000,
  });
  // Of idle connections: nobody waits, and the pool has taken it out already.
  pool.on('error', (error) => log.warn({ reason: error.message }, 'lost a connection to Postgres'));
  return new SqlStore({ database: drizzle(pool), log, closeDatabase: () => pool.end() });
}

/** Over a connection of its own, which may take longer than queries may. */
async function migratePostgres(
  settings: pg.ClientConfig,
  migrations: readonly Migration[],
  nowMs: number,
): Promise<void> {
  const client = new pg.Client(settings);
  // A connection lost between two statements: the next one says so.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const connection = {
      run: async (sql: string) => void (await client.query(sql)),
      rows: async (sql: string, values: readonly unknown[] = []) =>
        (await client.query(sql, [...values])).rows as readonly unknown[],
    };
    await migrate(connection, migrations, nowMs);
  } catch (thrown) {
    throw databaseError(thrown);
  } finally {
    await client.end().catch(() => undefined);
  }
}

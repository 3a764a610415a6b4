import { RockpoolError } from '../../protocol/errors.ts';
import type { Migration } from './migrations/migration.ts';
import { SCHEMA } from './tables.ts';

/** One connection to a Postgres, with no other user meanwhile. */
export interface SqlConnection {
  /** Runs one statement or several. */
  run(sql: string): Promise<void>;
  /** Runs one statement with `$1` and so on, and gives its rows. */
  rows(sql: string, values?: readonly unknown[]): Promise<readonly unknown[]>;
}

/** Any number, the same for all nodes: whoever holds this lock migrates. "rock" in ASCII. */
const LOCK_KEY = 0x72_6f_63_6b;

/**
 * Brings the database to the last of these migrations, all or none. Several nodes may do so at once:
 * the first works, the others wait and find it done. Everything is one transaction, so that the lock
 * holds behind a connection pooler too, and ends with a connection that is lost.
 *
 * @param nowMs since 1970, noted beside each migration.
 * @throws RockpoolError `bad-configuration` where a newer release has been here; whatever the
 *   connection throws.
 */
export async function migrate(
  connection: SqlConnection,
  migrations: readonly Migration[],
  nowMs: number,
): Promise<void> {
  await connection.run('begin');
  try {
    // Waiting for the first node, or rewriting a large table, may take longer than queries may.
    await connection.run('set local statement_timeout = 0; set local lock_timeout = 0;');
    await connection.run(`select pg_advisory_xact_lock(${LOCK_KEY});`);
    await bringUpToDate(connection, migrations, nowMs);
    await connection.run('commit');
  } catch (error) {
    // Where this fails the connection is lost, and the transaction with it: why, says the first error.
    await connection.run('rollback').catch(() => undefined);
    throw error;
  }
}

async function bringUpToDate(
  connection: SqlConnection,
  migrations: readonly Migration[],
  nowMs: number,
): Promise<void> {
  const found = await versionOf(connection);
  const latest = migrations.at(-1)?.version ?? 0;
  if (found > latest) {
    throw new RockpoolError(
      'bad-configuration',
      `The database was written by a newer release of Rockpool (its version is ${found}, this release knows ${latest}). Start that release, or go back to a copy made before it.`,
    );
  }
  for (const { version, name, sql } of migrations) {
    if (version <= found) continue;
    await connection.run(sql);
    await connection.rows(
      `insert into ${SCHEMA}.migrations (version, name, applied_at_ms) values ($1, $2, $3)`,
      [version, name, nowMs],
    );
  }
}

/** 0 for a database that is empty; its table of migrations is there afterwards. */
async function versionOf(connection: SqlConnection): Promise<number> {
  // "if not exists" asks for the right to create even where nothing is to be created.
  const [there] = await connection.rows(
    `select to_regnamespace('${SCHEMA}') is not null as schema,
            to_regclass('${SCHEMA}.migrations') is not null as migrations`,
  );
  const { schema, migrations } = there as { schema: boolean; migrations: boolean };
  if (!schema) await connection.run(`create schema ${SCHEMA};`);
  if (!migrations) {
    await connection.run(`
      create table ${SCHEMA}.migrations (
        version integer primary key,
        name text not null,
        applied_at_ms bigint not null
      );
    `);
  }
  const [last] = await connection.rows(
    `select version from ${SCHEMA}.migrations order by version desc limit 1`,
  );
  return last === undefined ? 0 : (last as { version: number }).version;
}

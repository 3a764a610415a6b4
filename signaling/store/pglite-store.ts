import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import type { Logger } from 'pino';
import { RockpoolError } from '../../protocol/errors.ts';
import { databaseError } from './database-errors.ts';
import { FolderClaim } from './folder-claim.ts';
import { MIGRATIONS } from './migrations/all.ts';
import type { Migration } from './migrations/migration.ts';
import { migrate } from './migrator.ts';
import { SqlStore } from './sql-store.ts';
import type { Store } from './store.ts';

/** Of the Postgres inside PGlite 0.5: it opens no folder of another. */
const POSTGRES_MAJOR = '18';

const DRAFT_SUFFIX = '.new';

export interface PgliteStoreOptions {
  /** Made where it is missing. */
  readonly folder: string;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly nowMs?: () => number;
  readonly migrations?: readonly Migration[];
}

/**
 * The store in a folder, with Postgres inside this process; brings it up to date first. Opening blocks
 * the event loop, for seconds the first time.
 * @throws RockpoolError `bad-configuration` where the folder is in use, cannot be opened, or a newer
 *   release has been here.
 */
export async function openPgliteStore({
  folder,
  log,
  nowMs = Date.now,
  migrations = MIGRATIONS,
}: PgliteStoreOptions): Promise<Store> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const claim = await FolderClaim.take(folder);
  let client: PGlite | undefined;
  try {
    client = await openDatabase(folder);
    const opened = client;
    const connection = {
      run: async (sql: string) => void (await opened.exec(sql)),
      rows: async (sql: string, values: readonly unknown[] = []) =>
        (await opened.query(sql, [...values])).rows,
    };
    await migrate(connection, migrations, nowMs());
    const closeDatabase = async () => {
      await opened.close();
      await claim.release();
    };
    return new SqlStore({ database: drizzle(opened), log, closeDatabase });
  } catch (thrown) {
    await client?.close();
    await claim.release();
    throw databaseError(thrown);
  }
}

/** The database in a claimed folder, made where there is none. */
async function openDatabase(folder: string): Promise<PGlite> {
  for (const name of await readdir(folder)) {
    if (name.endsWith(DRAFT_SUFFIX)) await rm(join(folder, name), { recursive: true });
  }
  const path = join(folder, 'postgres');
  if (!existsSync(path)) {
    // Made elsewhere and renamed: whoever is killed meanwhile leaves no half of a database here.
    const draft = join(folder, `${randomUUID()}${DRAFT_SUFFIX}`);
    await (await PGlite.create(draft)).close();
    await rename(draft, path);
  }
  const major = (await readFile(join(path, 'PG_VERSION'), 'utf8')).trim();
  if (major !== POSTGRES_MAJOR) {
    throw new RockpoolError(
      'bad-configuration',
      `The database in ${path} is of Postgres ${major}, and this release reads ${POSTGRES_MAJOR}. Start the release that wrote it.`,
    );
  }
  try {
    return await PGlite.create(path);
  } catch (cause) {
    throw new RockpoolError(
      'bad-configuration',
      `The database in ${path} cannot be opened. Put back a copy of the folder, or move it away to begin with an empty one.`,
      { cause },
    );
  }
}

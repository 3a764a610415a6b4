import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MIGRATIONS } from '../../../signaling/store/migrations/all.ts';
import { openPgliteStore } from '../../../signaling/store/pglite-store.ts';
import type { Store } from '../../../signaling/store/store.ts';
import { describeGameStoreContract } from '../../contract/game-store.ts';
import {
  describeJoinTokenContract,
  describeStoreClosing,
  describeStoreContract,
} from '../../contract/store.ts';
import { describeStudioStoreContract } from '../../contract/studio-store.ts';
import { temporaryFolder } from '../../support/rockpool-process.ts';
import { containerRecord, START_MS, sessionStart } from '../../support/store-records.ts';

const log = pino({ level: 'silent' });

/** Making a database takes seconds, and several times as many where the machine is busy. */
const FIRST_OPEN_TIMEOUT_MS = 240_000;

/** The database is made once: these tests use one folder, one after the other. */
describe('a store in a folder', () => {
  const data = temporaryFolder();
  const folder = join(data.path, 'not/yet/there/store');
  const record = containerRecord();
  const start = sessionStart();
  let store: Store;

  beforeAll(async () => {
    store = await openPgliteStore({ folder, log, nowMs: () => START_MS });
    await store.rememberContainer(record);
    await store.beginSession(start);
  }, FIRST_OPEN_TIMEOUT_MS);
  afterAll(async () => {
    await store?.close();
    data.remove();
  });

  describeStoreContract(() => store);
  describeJoinTokenContract(() => store);
  describeStudioStoreContract(() => store.studio);
  describeGameStoreContract(() => store.studio);

  it('is for its owner alone, and leaves no draft', () => {
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder).sort()).toEqual([
      expect.stringMatching(`^in-use-${process.pid}-`),
      'postgres',
    ]);
  });

  it('is open only once at a time', async () => {
    await expect(openPgliteStore({ folder, log })).rejects.toMatchObject({
      code: 'bad-configuration',
      message: expect.stringContaining(`in use by process ${process.pid}`),
    });
    expect(await store.container(record.containerId)).toStrictEqual(record);
  });

  describeStoreClosing(() => store);

  it('keeps what is in it for the next process, and clears away an unfinished draft', async () => {
    expect(readdirSync(folder)).toEqual(['postgres']);
    mkdirSync(join(folder, 'unfinished.new', 'base'), { recursive: true });
    store = await openPgliteStore({ folder, log });
    expect(readdirSync(folder)).not.toContain('unfinished.new');
    expect(await store.container(record.containerId)).toStrictEqual(record);
    expect(await store.session(start.sessionId)).toMatchObject(start);
    await store.close();
  });

  it('keeps it for a later release too, and then refuses the earlier one', async () => {
    const sql = `
      alter table rockpool.containers add visits integer;
      update rockpool.containers set name = 'visited ' || name;`;
    const next = { version: (MIGRATIONS.at(-1)?.version ?? 0) + 1, name: 'visits', sql };
    store = await openPgliteStore({ folder, log, migrations: [...MIGRATIONS, next] });
    expect(await store.session(start.sessionId)).toMatchObject(start);
    await store.close();
    await expect(openPgliteStore({ folder, log })).rejects.toMatchObject({
      code: 'bad-configuration',
      message: expect.stringContaining('newer release'),
    });
    expect(readdirSync(folder)).toEqual(['postgres']);
    store = await openPgliteStore({ folder, log, migrations: [...MIGRATIONS, next] });
    expect((await store.container(record.containerId))?.name).toBe(`visited ${record.name}`);
    await store.close();
  });

  it('is not opened by a Postgres of another kind', async () => {
    const versionFile = join(folder, 'postgres', 'PG_VERSION');
    const version = readFileSync(versionFile);
    writeFileSync(versionFile, '17\n');
    await expect(openPgliteStore({ folder, log })).rejects.toMatchObject({
      code: 'bad-configuration',
      message: expect.stringContaining('is of Postgres 17'),
    });
    writeFileSync(versionFile, version);
    expect(readdirSync(folder)).toEqual(['postgres']);
  });
});

import { getTableConfig } from 'drizzle-orm/pg-core';
import pg from 'pg';
import { type Logger, pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GAME_TABLES } from '../../../signaling/store/game-tables.ts';
import { MIGRATIONS } from '../../../signaling/store/migrations/all.ts';
import type { Migration } from '../../../signaling/store/migrations/migration.ts';
import { openPostgresStore } from '../../../signaling/store/postgres-store.ts';
import type { Store } from '../../../signaling/store/store.ts';
import { STUDIO_TABLES } from '../../../signaling/store/studio-tables.ts';
import {
  containersTable,
  joinTokensTable,
  sessionsTable,
} from '../../../signaling/store/tables.ts';
import { describeGameStoreContract } from '../../contract/game-store.ts';
import {
  describeJoinTokenContract,
  describeStoreClosing,
  describeStoreContract,
} from '../../contract/store.ts';
import { describeStudioStoreContract } from '../../contract/studio-store.ts';
import { describeWithPostgres, PostgresServer } from '../../support/postgres-server.ts';
import { containerRecord, START_MS, sessionStart } from '../../support/store-records.ts';
import { auditEntry } from '../../support/studio-records.ts';

/** A later release that counts the visits of each container. */
const NEXT: Migration = {
  version: (MIGRATIONS.at(-1)?.version ?? 0) + 1,
  name: 'visits',
  sql: 'alter table rockpool.containers add visits integer; update rockpool.containers set visits = 1;',
};

describeWithPostgres('a store in Postgres', () => {
  let server: PostgresServer;
  let url: string;
  let store: Store;
  const opened: Store[] = [];
  const lines: string[] = [];
  const log: Logger = pino({}, { write: (line) => void lines.push(line) });

  async function open(at: string, migrations = MIGRATIONS): Promise<Store> {
    const one = await openPostgresStore({ url: at, log, nowMs: () => START_MS, migrations });
    opened.push(one);
    return one;
  }

  beforeAll(async () => {
    server = await PostgresServer.start();
    url = await server.createDatabase();
    store = await open(url);
  });
  afterAll(async () => {
    await Promise.all(opened.map((one) => one.close()));
    await server?.remove();
  });

  describeStoreContract(() => store);
  describeJoinTokenContract(() => store);
  describeStudioStoreContract(() => store.studio);
  describeGameStoreContract(() => store.studio);

  it('is one store for all nodes', async () => {
    const other = await open(url);
    const start = sessionStart();
    await store.beginSession(start);
    const end = { atMs: START_MS + 1, reason: 'player-left' } as const;
    const ends = await Promise.all(
      [store, other, store, other].map((node) => node.endSession(start.sessionId, end)),
    );
    expect(ends.filter((ended) => ended)).toHaveLength(1);
    expect(await other.session(start.sessionId)).toMatchObject({ ...start, reason: end.reason });
  });

  it('has the tables that the queries are written for', async () => {
    const rows = await server.query(
      url,
      `select table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable as what
       from information_schema.columns where table_schema = 'rockpool' and table_name <> 'migrations'`,
    );
    const tables = [
      containersTable,
      sessionsTable,
      joinTokensTable,
      ...STUDIO_TABLES,
      ...GAME_TABLES,
    ].map((table) => getTableConfig(table));
    const written = tables.flatMap(({ name, columns }) =>
      columns.map(
        (column) =>
          `${name}.${column.name} ${column.getSQLType()} ${column.notNull ? 'NO' : 'YES'}`,
      ),
    );
    // Saves have queries of their own.
    const asked = new Set(tables.map(({ name }) => name));
    const found = (rows as { what: string }[])
      .map(({ what }) => what)
      .filter((what) => asked.has(what.split('.')[0] ?? ''));
    expect(found.sort()).toEqual(written.sort());
  });

  it('refuses whoever would change the log of studios', async () => {
    const entry = auditEntry({ action: 'studio.created' });
    await store.studio.transact((records) => records.appendAudit(entry));
    for (const change of [
      "update rockpool.audit_log set actor_name = 'Nobody'",
      'delete from rockpool.audit_log',
      'truncate rockpool.audit_log',
    ]) {
      await expect(server.query(url, change)).rejects.toThrow('written once');
    }
  });

  it('leaves out records that it cannot read, and says so in one line', async () => {
    const { playerId, ...start } = sessionStart();
    await store.beginSession({ playerId, ...start });
    for (const decision of ['{"parametersVersion":0}', '{}']) {
      const { sessionId } = sessionStart();
      await server.query(
        url,
        `insert into rockpool.sessions (session_id, player_id, container_id, game_id, started_at_ms, decision)
         values ($1, $2, $3, 'skimmer', 1, $4)`,
        [sessionId, playerId, start.containerId, decision],
      );
      expect(await store.session(sessionId)).toBeUndefined();
    }
    lines.length = 0;
    expect(await store.sessionsOfPlayer(playerId, { limit: 9 })).toMatchObject([start]);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { table: 'sessions', unreadable: 2, first: expect.stringMatching(/^decision\./) },
    ]);
  });

  it('is brought up to date once by nodes that start together', async () => {
    const empty = await server.createDatabase();
    const nodes = await Promise.all(Array.from({ length: 8 }, () => open(empty)));
    const steps = await server.query(empty, 'select * from rockpool.migrations order by version');
    expect(steps).toEqual(
      MIGRATIONS.map(({ version, name }) => ({ version, name, applied_at_ms: `${START_MS}` })),
    );
    const record = containerRecord();
    await nodes[0]?.rememberContainer(record);
    expect(await nodes[7]?.container(record.containerId)).toEqual(record);
  });

  it('keeps what is in it when a later release begins, and then refuses the earlier one', async () => {
    const database = await server.createDatabase();
    const record = containerRecord();
    await (await open(database)).rememberContainer(record);
    await open(database, [...MIGRATIONS, NEXT]);
    expect(
      await server.query(database, 'select container_id, visits from rockpool.containers'),
    ).toEqual([{ container_id: record.containerId, visits: 1 }]);
    await expect(open(database)).rejects.toMatchObject({
      code: 'bad-configuration',
      message: expect.stringContaining('newer release'),
    });
  });

  it('keeps the database as it was where one of several steps fails', async () => {
    const database = await server.createDatabase();
    const broken = { version: NEXT.version + 1, name: 'broken', sql: 'select nonsense;' };
    await expect(open(database, [...MIGRATIONS, NEXT, broken])).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('nonsense'),
    });
    expect(
      await server.query(
        database,
        `select 1 from information_schema.schemata where schema_name = 'rockpool'`,
      ),
    ).toEqual([]);
    const record = containerRecord();
    const store = await open(database);
    await store.rememberContainer(record);
    expect(await store.container(record.containerId)).toEqual(record);
  });

  it('needs no right to create anything where everything is there', async () => {
    const database = await server.createDatabase();
    await open(database);
    await server.query(database, 'create role guest login');
    await server.query(database, 'grant usage on schema rockpool to guest');
    await server.query(
      database,
      'grant select, insert, update on all tables in schema rockpool to guest',
    );
    const guest = await open(database.replace('user=rockpool', 'user=guest'));
    const start = sessionStart();
    await guest.beginSession(start);
    expect(await guest.session(start.sessionId)).toMatchObject(start);
  });

  it('says that the database is away, and goes on when it is back', async () => {
    const start = sessionStart();
    await store.beginSession(start);
    await server.stop();
    for (const call of [() => store.session(start.sessionId), () => open(url)]) {
      await expect(call()).rejects.toMatchObject({
        code: 'internal',
        message: expect.stringContaining('cannot be reached'),
      });
    }
    await server.start();
    expect(await store.session(start.sessionId)).toMatchObject(start);
  });

  it('says so to whoever waits when the connection is cut', async () => {
    const locked = await server.createDatabase();
    const waiting = await open(locked);
    const start = sessionStart();
    await waiting.beginSession(start);
    // Nothing but the table's lock makes it wait, so that it is under way when the connection is cut.
    const holder = new pg.Client({ connectionString: locked });
    await holder.connect();
    await holder.query('begin; lock table rockpool.sessions;');
    const call = waiting.endSession(start.sessionId, { atMs: START_MS, reason: 'player-left' });
    const failed = expect(call).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('cannot be reached'),
    });
    const cut = `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    await expect.poll(() => server.query(locked, cut)).toHaveLength(1);
    await failed;
    await holder.end();
    expect(await waiting.session(start.sessionId)).toMatchObject({ reason: undefined });
  });

  it('refuses what is no URL of a database, or of none that is there', async () => {
    const secret = 'hunter2';
    for (const [wrong, why] of [
      [`mysql://me:${secret}@localhost/db`, 'like postgres://'],
      [`me:${secret}`, 'like postgres://'],
      [server.url('nowhere'), 'database "nowhere" does not exist'],
    ] as const) {
      const error = await open(wrong).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: 'bad-configuration',
        message: expect.stringContaining(why),
      });
      expect(`${(error as Error).message}`).not.toContain(secret);
    }
  });

  describeStoreClosing(() => store);
});

import { bigint, integer, jsonb, pgSchema, text, uuid } from 'drizzle-orm/pg-core';
import type { Blob } from '../../protocol/build-index.ts';
import type { BuildManifest } from '../../protocol/build-manifest.ts';
import type { BuildReport } from '../../protocol/build-report.ts';
import type { GameId } from '../../protocol/ids.ts';
import type { StudioId } from '../../protocol/studio-access.ts';
import type {
  BuildId,
  BuildState,
  Channel,
  GamePage,
  ReleaseId,
} from '../../protocol/studio-builds.ts';
import type { TryOutReport } from '../../protocol/try-out-report.ts';
import { SCHEMA } from './tables.ts';

// What the queries are written against. A migration makes these tables, and their indexes.

const schema = pgSchema(SCHEMA);

const atMs = (name: string) => bigint(name, { mode: 'number' });
const bytes = (name: string) => bigint(name, { mode: 'number' });
const gameId = () => text('game_id').$type<GameId>();

export const gamesTable = schema.table('games', {
  gameId: gameId().primaryKey(),
  studioId: uuid('studio_id').$type<StudioId>().notNull(),
  title: text('title').notNull(),
  createdAtMs: atMs('created_at_ms').notNull(),
  removedAtMs: atMs('removed_at_ms'),
  goneAtMs: atMs('gone_at_ms'),
  page: jsonb('page').$type<GamePage>().notNull(),
});

export const buildsTable = schema.table('builds', {
  buildId: uuid('build_id').$type<BuildId>().primaryKey(),
  gameId: gameId().notNull(),
  number: integer('number').notNull(),
  state: text('state').$type<BuildState>().notNull(),
  stateDetail: text('state_detail').notNull(),
  label: text('label').notNull(),
  createdAtMs: atMs('created_at_ms').notNull(),
  createdBy: text('created_by').notNull(),
  archiveName: text('archive_name').notNull(),
  archiveBytes: bytes('archive_bytes').notNull(),
  archiveSha256: text('archive_sha256').notNull(),
  files: integer('files').notNull(),
  bytes: bytes('bytes').notNull(),
  storedBytes: bytes('stored_bytes').notNull(),
  content: text('content'),
  index: jsonb('index').$type<Blob>(),
  manifest: jsonb('manifest').$type<BuildManifest>(),
  report: jsonb('report').$type<BuildReport>(),
  tryOut: jsonb('try_out').$type<TryOutReport>(),
  removedAtMs: atMs('removed_at_ms'),
  goneAtMs: atMs('gone_at_ms'),
});

export const releasesTable = schema.table('releases', {
  entryId: bigint('entry_id', { mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
  releaseId: uuid('release_id').$type<ReleaseId>().notNull(),
  gameId: gameId().notNull(),
  channel: text('channel').$type<Channel>().notNull(),
  buildId: uuid('build_id').$type<BuildId>().notNull(),
  percent: integer('percent').notNull(),
  beforeBuildId: uuid('before_build_id').$type<BuildId>(),
  atMs: atMs('at_ms').notNull(),
  byName: text('by_name').notNull(),
});

/** All of them. */
export const GAME_TABLES = [gamesTable, buildsTable, releasesTable] as const;

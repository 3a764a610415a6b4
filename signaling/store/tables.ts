import { bigint, boolean, doublePrecision, jsonb, pgSchema, text, uuid } from 'drizzle-orm/pg-core';
import type { EncoderReport } from '../../protocol/container-messages.ts';
import type { ContainerId, GameId, JoinTokenId, PlayerId, SessionId } from '../../protocol/ids.ts';
import type { PairingDecision } from '../../protocol/pairing-decision.ts';
import type { QualityReport } from '../../protocol/quality-report.ts';
import type { EndReason } from '../../protocol/session-state.ts';
import type { BuildId } from '../../protocol/studio-builds.ts';
import type { ContainerPresence } from './store.ts';

// What the queries are written against. The migrations make these tables, and their indexes.

/** A schema of our own: a database may be shared with others, who have sessions too. */
export const SCHEMA = 'rockpool';
const schema = pgSchema(SCHEMA);

const atMs = (name: string) => bigint(name, { mode: 'number' });

export const containersTable = schema.table('containers', {
  containerId: uuid('container_id').$type<ContainerId>().primaryKey(),
  publicKey: text('public_key').notNull(),
  name: text('name').notNull(),
  region: text('region').notNull(),
  pricePerHour: doublePrecision('price_per_hour').notNull(),
  firstSeenAtMs: atMs('first_seen_at_ms').notNull(),
  lastSeenAtMs: atMs('last_seen_at_ms').notNull(),
  state: text('state').$type<ContainerPresence>().notNull(),
  gpu: text('gpu').notNull(),
  cpus: doublePrecision('cpus').notNull(),
  memoryBytes: doublePrecision('memory_bytes').notNull(),
  encoders: jsonb('encoders').$type<readonly EncoderReport[]>().notNull(),
});

export const sessionsTable = schema.table('sessions', {
  sessionId: uuid('session_id').$type<SessionId>().primaryKey(),
  playerId: uuid('player_id').$type<PlayerId>().notNull(),
  containerId: uuid('container_id').$type<ContainerId>().notNull(),
  gameId: text('game_id').$type<GameId>().notNull(),
  startedAtMs: atMs('started_at_ms').notNull(),
  endedAtMs: atMs('ended_at_ms'),
  reason: text('reason').$type<EndReason>(),
  detail: text('detail'),
  quality: jsonb('quality').$type<QualityReport>(),
  decision: jsonb('decision').$type<PairingDecision>().notNull(),
  buildId: uuid('build_id').$type<BuildId>(),
  browser: text('browser'),
  reportedFrom: text('reported_from'),
});

export const joinTokensTable = schema.table('join_tokens', {
  tokenId: uuid('token_id').$type<JoinTokenId>().primaryKey(),
  hash: text('hash').notNull(),
  name: text('name').notNull(),
  once: boolean('once').notNull(),
  createdAtMs: atMs('created_at_ms').notNull(),
  expiresAtMs: atMs('expires_at_ms'),
  revokedAtMs: atMs('revoked_at_ms'),
  lastUsedAtMs: atMs('last_used_at_ms'),
  containerIds: jsonb('container_ids').$type<readonly ContainerId[]>().notNull(),
});

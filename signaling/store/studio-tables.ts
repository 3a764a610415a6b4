import { bigint, boolean, jsonb, pgSchema, text, uuid } from 'drizzle-orm/pg-core';
import type { PersonId, Role, Scope, StudioId } from '../../protocol/studio-access.ts';
import type { AuditRecord, ChallengeRecord, CodeRecord } from './studio-store.ts';
import { SCHEMA } from './tables.ts';

// What the queries are written against. A migration makes these tables, and their indexes.

const schema = pgSchema(SCHEMA);

const atMs = (name: string) => bigint(name, { mode: 'number' });
const personId = () => uuid('person_id').$type<PersonId>();
const studioId = () => uuid('studio_id').$type<StudioId>();
const role = () => text('role').$type<Role>();

export const peopleTable = schema.table('people', {
  personId: personId().primaryKey(),
  name: text('name').notNull(),
  founder: boolean('founder').notNull(),
  createdAtMs: atMs('created_at_ms').notNull(),
});

export const studiosTable = schema.table('studios', {
  studioId: studioId().primaryKey(),
  slug: text('slug').notNull(),
  name: text('name').notNull(),
  createdAtMs: atMs('created_at_ms').notNull(),
});

export const membershipsTable = schema.table('memberships', {
  studioId: studioId().notNull(),
  personId: personId().notNull(),
  role: role().notNull(),
  sinceMs: atMs('since_ms').notNull(),
  removedAtMs: atMs('removed_at_ms'),
});

export const codesTable = schema.table('one_time_codes', {
  codeId: uuid('code_id').primaryKey(),
  codeHash: text('code_hash').notNull(),
  purpose: text('purpose').$type<CodeRecord['purpose']>().notNull(),
  personId: personId(),
  studioId: studioId(),
  role: role(),
  createdAtMs: atMs('created_at_ms').notNull(),
  expiresAtMs: atMs('expires_at_ms').notNull(),
  usedAtMs: atMs('used_at_ms'),
});

export const passkeysTable = schema.table('passkeys', {
  credentialId: text('credential_id').primaryKey(),
  personId: personId().notNull(),
  name: text('name').notNull(),
  publicKey: text('public_key').notNull(),
  counter: bigint('counter', { mode: 'number' }).notNull(),
  transports: jsonb('transports').$type<readonly string[]>().notNull(),
  rpId: text('rp_id').notNull(),
  createdAtMs: atMs('created_at_ms').notNull(),
  lastUsedAtMs: atMs('last_used_at_ms'),
});

export const challengesTable = schema.table('passkey_challenges', {
  challenge: text('challenge').primaryKey(),
  purpose: text('purpose').$type<ChallengeRecord['purpose']>().notNull(),
  personId: personId(),
  expiresAtMs: atMs('expires_at_ms').notNull(),
});

export const signInsTable = schema.table('sign_ins', {
  secretHash: text('secret_hash').primaryKey(),
  personId: personId().notNull(),
  createdAtMs: atMs('created_at_ms').notNull(),
  expiresAtMs: atMs('expires_at_ms').notNull(),
});

export const accessTokensTable = schema.table('access_tokens', {
  tokenId: uuid('token_id').primaryKey(),
  tokenHash: text('token_hash').notNull(),
  personId: personId().notNull(),
  studioId: studioId().notNull(),
  name: text('name').notNull(),
  scopes: jsonb('scopes').$type<readonly Scope[]>().notNull(),
  createdAtMs: atMs('created_at_ms').notNull(),
  expiresAtMs: atMs('expires_at_ms'),
  lastUsedAtMs: atMs('last_used_at_ms'),
  revokedAtMs: atMs('revoked_at_ms'),
});

export const auditTable = schema.table('audit_log', {
  entryId: bigint('entry_id', { mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
  atMs: atMs('at_ms').notNull(),
  studioId: studioId(),
  actorId: uuid('actor_id').$type<PersonId>(),
  actorName: text('actor_name').notNull(),
  via: text('via').$type<AuditRecord['via']>().notNull(),
  action: text('action').notNull(),
  target: text('target').notNull(),
  detail: text('detail').notNull(),
  address: text('address').notNull(),
});

/** All of them. */
export const STUDIO_TABLES = [
  peopleTable,
  studiosTable,
  membershipsTable,
  codesTable,
  passkeysTable,
  challengesTable,
  signInsTable,
  accessTokensTable,
  auditTable,
] as const;

import { randomUUID } from 'node:crypto';
import {
  type PersonId,
  personIdSchema,
  type StudioId,
  studioIdSchema,
} from '../../protocol/studio-access.ts';
import type {
  AccessTokenRecord,
  AuditRecord,
  CodeRecord,
  MembershipRecord,
  PasskeyRecord,
  PersonRecord,
  StudioRecord,
  StudioStore,
} from '../../signaling/store/studio-store.ts';
import { digestOf, newSecret } from '../../signaling/studio/accounts/one-way-secret.ts';

/** When what these tests write began. */
export const STUDIO_START_MS = 1_800_000_000_000;

export function personRecord(overrides: Partial<PersonRecord> = {}): PersonRecord {
  return {
    personId: personIdSchema.parse(randomUUID()),
    name: `Ada ${randomUUID()}`,
    founder: false,
    createdAtMs: STUDIO_START_MS,
    ...overrides,
  };
}

export function studioRecord(overrides: Partial<StudioRecord> = {}): StudioRecord {
  return {
    studioId: studioIdSchema.parse(randomUUID()),
    slug: `tidal-${randomUUID().slice(0, 8)}`,
    name: 'Tidal Games',
    createdAtMs: STUDIO_START_MS,
    ...overrides,
  };
}

export function membershipRecord(
  studioId: StudioId,
  personId: PersonId,
  overrides: Partial<MembershipRecord> = {},
): MembershipRecord {
  return {
    studioId,
    personId,
    role: 'owner',
    sinceMs: STUDIO_START_MS,
    removedAtMs: undefined,
    ...overrides,
  };
}

export function codeRecord(overrides: Partial<CodeRecord> = {}): CodeRecord {
  return {
    codeId: randomUUID(),
    codeHash: digestOf(newSecret()),
    purpose: 'found',
    personId: undefined,
    studioId: undefined,
    role: undefined,
    createdAtMs: STUDIO_START_MS,
    expiresAtMs: STUDIO_START_MS + 1000,
    usedAtMs: undefined,
    ...overrides,
  };
}

export function passkeyRecord(
  personId: PersonId,
  overrides: Partial<PasskeyRecord> = {},
): PasskeyRecord {
  return {
    credentialId: newSecret(),
    personId,
    name: 'Key',
    publicKey: newSecret(),
    counter: 0,
    transports: ['usb'],
    rpId: 'localhost',
    createdAtMs: STUDIO_START_MS,
    lastUsedAtMs: undefined,
    ...overrides,
  };
}

export function accessTokenRecord(
  studioId: StudioId,
  personId: PersonId,
  overrides: Partial<AccessTokenRecord> = {},
): AccessTokenRecord {
  return {
    tokenId: randomUUID(),
    tokenHash: digestOf(newSecret()),
    personId,
    studioId,
    name: 'CI',
    scopes: ['builds:read', 'insight:read'],
    createdAtMs: STUDIO_START_MS,
    expiresAtMs: undefined,
    lastUsedAtMs: undefined,
    revokedAtMs: undefined,
    ...overrides,
  };
}

export function auditEntry(overrides: Partial<AuditRecord> = {}): AuditRecord {
  return {
    atMs: STUDIO_START_MS,
    studioId: undefined,
    actorId: undefined,
    actorName: 'Ada',
    via: 'session',
    action: 'studio.created',
    target: 'Tidal Games',
    detail: '',
    address: '127.0.0.1',
    ...overrides,
  };
}

/** A studio with its owner. */
export async function studioWithOwner(
  store: StudioStore,
): Promise<{ readonly studio: StudioRecord; readonly owner: PersonRecord }> {
  const [studio, owner] = [studioRecord(), personRecord()];
  await store.transact(async (records) => {
    await records.addPerson(owner);
    await records.addStudio(studio);
    await records.putMembership(membershipRecord(studio.studioId, owner.personId));
  });
  return { studio, owner };
}

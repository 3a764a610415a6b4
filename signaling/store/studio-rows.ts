import { z } from 'zod';
import {
  personIdSchema,
  roleSchema,
  scopeSchema,
  studioIdSchema,
} from '../../protocol/studio-access.ts';
import { atMsSchema, orUndefined } from './stored-rows.ts';
import {
  type AccessTokenRecord,
  AUDIT_VIAS,
  type AuditRecord,
  type ChallengeRecord,
  CODE_PURPOSES,
  type CodeRecord,
  type MembershipRecord,
  type PasskeyRecord,
  type PersonRecord,
  type SignInRecord,
  type StudioRecord,
} from './studio-store.ts';

// A database is an edge: another release may have written the row, or a person.

export const personRowSchema: z.ZodType<PersonRecord> = z.strictObject({
  personId: personIdSchema,
  name: z.string(),
  founder: z.boolean(),
  createdAtMs: atMsSchema,
});

export const studioRowSchema: z.ZodType<StudioRecord> = z.strictObject({
  studioId: studioIdSchema,
  slug: z.string(),
  name: z.string(),
  createdAtMs: atMsSchema,
});

export const membershipRowSchema: z.ZodType<MembershipRecord> = z.strictObject({
  studioId: studioIdSchema,
  personId: personIdSchema,
  role: roleSchema,
  sinceMs: atMsSchema,
  removedAtMs: orUndefined(atMsSchema),
});

export const keeperRowSchema = z.strictObject({ person: personRowSchema, hasWayIn: z.boolean() });

export const studioOfPersonRowSchema = z.strictObject({
  studio: studioRowSchema,
  role: roleSchema,
});

export const memberRowSchema = z.strictObject({
  person: personRowSchema,
  role: roleSchema,
  sinceMs: atMsSchema,
});

export const codeRowSchema: z.ZodType<CodeRecord> = z.strictObject({
  codeId: z.uuid(),
  codeHash: z.string(),
  purpose: z.enum(CODE_PURPOSES),
  personId: orUndefined(personIdSchema),
  studioId: orUndefined(studioIdSchema),
  role: orUndefined(roleSchema),
  createdAtMs: atMsSchema,
  expiresAtMs: atMsSchema,
  usedAtMs: orUndefined(atMsSchema),
});

export const passkeyRowSchema: z.ZodType<PasskeyRecord> = z.strictObject({
  credentialId: z.string(),
  personId: personIdSchema,
  name: z.string(),
  publicKey: z.string(),
  counter: z.int(),
  transports: z.array(z.string()),
  rpId: z.string(),
  createdAtMs: atMsSchema,
  lastUsedAtMs: orUndefined(atMsSchema),
});

export const challengeRowSchema: z.ZodType<ChallengeRecord> = z.strictObject({
  challenge: z.string(),
  purpose: z.enum(['register', 'sign-in']),
  personId: orUndefined(personIdSchema),
  expiresAtMs: atMsSchema,
});

export const signInRowSchema: z.ZodType<SignInRecord> = z.strictObject({
  secretHash: z.string(),
  personId: personIdSchema,
  createdAtMs: atMsSchema,
  expiresAtMs: atMsSchema,
});

export const accessTokenRowSchema: z.ZodType<AccessTokenRecord> = z.strictObject({
  tokenId: z.uuid(),
  tokenHash: z.string(),
  personId: personIdSchema,
  studioId: studioIdSchema,
  name: z.string(),
  scopes: z.array(scopeSchema),
  createdAtMs: atMsSchema,
  expiresAtMs: orUndefined(atMsSchema),
  lastUsedAtMs: orUndefined(atMsSchema),
  revokedAtMs: orUndefined(atMsSchema),
});

export const auditRowSchema: z.ZodType<AuditRecord & { readonly entryId: number }> = z.strictObject(
  {
    entryId: z.int(),
    atMs: atMsSchema,
    studioId: orUndefined(studioIdSchema),
    actorId: orUndefined(personIdSchema),
    actorName: z.string(),
    via: z.enum(AUDIT_VIAS),
    action: z.string(),
    target: z.string(),
    detail: z.string(),
    address: z.string(),
  },
);

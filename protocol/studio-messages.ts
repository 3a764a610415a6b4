import { z } from 'zod';
import {
  displayNameSchema,
  personIdSchema,
  roleSchema,
  scopeSchema,
  studioIdSchema,
  studioSlugSchema,
} from './studio-access.ts';

/** Epoch milliseconds by signaling's clock. */
const timeMsSchema = z.int().min(0);

export const studioMembershipSchema = z.strictObject({
  studioId: studioIdSchema,
  slug: studioSlugSchema,
  name: z.string(),
  role: roleSchema,
});
export type StudioMembership = z.infer<typeof studioMembershipSchema>;

/** Who is asking; the answer to `GET /api/studio/session` and of whatever signs in. */
export const signedInSchema = z.strictObject({
  signedIn: z.literal(true),
  personId: personIdSchema,
  name: z.string(),
  /** Whether they may create studios. */
  mayFound: z.boolean(),
  /** By name. */
  studios: z.array(studioMembershipSchema),
});
export type SignedIn = z.infer<typeof signedInSchema>;

export const sessionAnswerSchema = z.discriminatedUnion('signedIn', [
  z.strictObject({ signedIn: z.literal(false) }),
  signedInSchema,
]);

/** As it is printed, with or without its dashes, or as somebody typed it. */
export const typedCodeSchema = z.string().min(1).max(100);

/** `POST /api/studio/sign-in/code/look`: what a code is for, without using it up. */
export const lookAtCodeSchema = z.strictObject({ code: typedCodeSchema });

export const codeMeaningSchema = z.discriminatedUnion('purpose', [
  /** The first owner of this Rockpool. */
  z.strictObject({ purpose: z.literal('found') }),
  z.strictObject({ purpose: z.literal('sign-in'), name: z.string() }),
  z.strictObject({ purpose: z.literal('invitation'), studio: z.string(), role: roleSchema }),
]);
export type CodeMeaning = z.infer<typeof codeMeaningSchema>;

/** `POST /api/studio/sign-in/code`. */
export const useCodeSchema = z.strictObject({
  code: typedCodeSchema,
  /** Of a person who is new here. */
  name: displayNameSchema.optional(),
  /** Name of the studio that a first owner begins with. */
  studio: displayNameSchema.optional(),
});
export type UseCode = z.infer<typeof useCodeSchema>;

export const signOutSchema = z.strictObject({ everywhere: z.boolean() });

const base64UrlSchema = z
  .string()
  .max(16_384)
  .regex(/^[\w-]*$/, 'base64url');

const credentialFields = {
  id: base64UrlSchema,
  rawId: base64UrlSchema,
  type: z.literal('public-key'),
  authenticatorAttachment: z.enum(['platform', 'cross-platform']).nullish(),
  clientExtensionResults: z.record(z.string(), z.unknown()),
};

/** What a browser made (WebAuthn level 3 §5.1, RegistrationResponseJSON). */
export const registrationResponseSchema = z.strictObject({
  ...credentialFields,
  response: z.strictObject({
    clientDataJSON: base64UrlSchema,
    attestationObject: base64UrlSchema,
    authenticatorData: base64UrlSchema.optional(),
    transports: z.array(z.string().max(40)).max(10).optional(),
    publicKeyAlgorithm: z.int().optional(),
    publicKey: base64UrlSchema.optional(),
  }),
});
export type RegistrationResponse = z.infer<typeof registrationResponseSchema>;

/** What a browser signed (WebAuthn level 3 §5.1, AuthenticationResponseJSON). */
export const assertionResponseSchema = z.strictObject({
  ...credentialFields,
  response: z.strictObject({
    clientDataJSON: base64UrlSchema,
    authenticatorData: base64UrlSchema,
    signature: base64UrlSchema,
    userHandle: base64UrlSchema.nullish(),
  }),
});
export type AssertionResponse = z.infer<typeof assertionResponseSchema>;

/** What the browser's own API takes; passed through. */
export const ceremonyOptionsSchema = z.looseObject({ challenge: z.string() });

export const signInWithPasskeySchema = z.strictObject({ response: assertionResponseSchema });

export const addPasskeySchema = z.strictObject({
  name: displayNameSchema,
  response: registrationResponseSchema,
});

export const passkeySchema = z.strictObject({
  id: base64UrlSchema,
  name: z.string(),
  /** The host it works at. */
  host: z.string(),
  addedAtMs: timeMsSchema,
  lastUsedAtMs: timeMsSchema.nullable(),
});
export type PasskeyListing = z.infer<typeof passkeySchema>;
export const passkeysSchema = z.strictObject({ passkeys: z.array(passkeySchema) });

export const renameSchema = z.strictObject({ name: displayNameSchema });

/** Without `evenLast` the last passkey stays. */
export const removePasskeySchema = z.strictObject({ evenLast: z.boolean() });
/** With the last passkey gone, a code that lets its person in once more. */
export const removedPasskeySchema = z.strictObject({ signInLink: z.url().nullable() });

export const createStudioSchema = z.strictObject({ name: displayNameSchema });

export const memberSchema = z.strictObject({
  personId: personIdSchema,
  name: z.string(),
  role: roleSchema,
  sinceMs: timeMsSchema,
});
export type Member = z.infer<typeof memberSchema>;

export const invitationSchema = z.strictObject({
  invitationId: z.uuid(),
  role: roleSchema,
  createdAtMs: timeMsSchema,
  expiresAtMs: timeMsSchema,
});
export type Invitation = z.infer<typeof invitationSchema>;

/** The answer to `GET /api/studio/studios/SLUG`. */
export const studioReportSchema = z.strictObject({
  ...studioMembershipSchema.shape,
  /** Owners first, then by name. */
  members: z.array(memberSchema),
  /** Open ones; of those who may invite. */
  invitations: z.array(invitationSchema),
  nowMs: timeMsSchema,
});
export type StudioReport = z.infer<typeof studioReportSchema>;

export const inviteSchema = z.strictObject({ role: roleSchema });
export const invitedSchema = z.strictObject({ link: z.url(), expiresAtMs: timeMsSchema });

export const changeRoleSchema = z.strictObject({ role: roleSchema });

/** Days a token may be made for; null: until it is revoked. */
export const TOKEN_LIFETIMES_DAYS = [7, 30, 90, 365] as const;

export const createTokenSchema = z.strictObject({
  name: displayNameSchema,
  scopes: z.array(scopeSchema).min(1, 'at least one').max(scopeSchema.options.length),
  lifetimeDays: z.literal(TOKEN_LIFETIMES_DAYS).nullable(),
});
export type CreateToken = z.infer<typeof createTokenSchema>;

export const accessTokenSchema = z.strictObject({
  tokenId: z.uuid(),
  name: z.string(),
  /** Whose it is. */
  person: z.string(),
  mine: z.boolean(),
  scopes: z.array(scopeSchema),
  createdAtMs: timeMsSchema,
  expiresAtMs: timeMsSchema.nullable(),
  lastUsedAtMs: timeMsSchema.nullable(),
});
export type AccessTokenListing = z.infer<typeof accessTokenSchema>;
export const accessTokensSchema = z.strictObject({
  tokens: z.array(accessTokenSchema),
  nowMs: timeMsSchema,
});
/** Told this once. */
export const createdTokenSchema = z.strictObject({ tokenId: z.uuid(), token: z.string() });

/** What may be looked for in a log, and how the actions in question begin. */
export const AUDIT_GROUPS = {
  members: ['member', 'invitation'],
  tokens: ['token'],
  studio: ['studio'],
  games: ['game', 'build', 'release'],
  account: ['person', 'passkey', 'code'],
} as const;
export const auditGroupSchema = z.enum(
  Object.keys(AUDIT_GROUPS) as [keyof typeof AUDIT_GROUPS, ...(keyof typeof AUDIT_GROUPS)[]],
);
export type AuditGroup = z.infer<typeof auditGroupSchema>;

export const auditEntrySchema = z.strictObject({
  entryId: z.int().min(1),
  atMs: timeMsSchema,
  actor: z.string(),
  /** How the actor was known. */
  via: z.enum(['session', 'token', 'code', 'operator']),
  action: z.string(),
  target: z.string(),
  detail: z.string(),
  address: z.string(),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

export const AUDIT_PAGE = 30;
/** Newest first. */
export const auditAnswerSchema = z.strictObject({
  entries: z.array(auditEntrySchema).max(AUDIT_PAGE),
  more: z.boolean(),
  nowMs: timeMsSchema,
});
export type AuditAnswer = z.infer<typeof auditAnswerSchema>;

/** `POST /api/operator/studio-sign-in-link`. */
export const signInLinkOrderSchema = z.strictObject({ person: displayNameSchema.optional() });
export const signInLinkSchema = z.strictObject({
  link: z.url(),
  /** Whom it lets in; null: whoever uses it becomes the first owner. */
  person: z.string().nullable(),
  expiresAtMs: timeMsSchema,
});

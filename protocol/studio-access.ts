import { z } from 'zod';

export const studioIdSchema = z.uuid().brand<'StudioId'>();
export type StudioId = z.infer<typeof studioIdSchema>;

export const personIdSchema = z.uuid().brand<'PersonId'>();
export type PersonId = z.infer<typeof personIdSchema>;

/** A studio in addresses: lower-case words joined by dashes, at most 40 characters. Never changes. */
export const studioSlugSchema = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, 'lower-case letters, digits and dashes');

/** What a person, a studio, a passkey or a token is called: one line that says something. */
export const displayNameSchema = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(60, 'at most 60 characters')
  .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u, 'one line of text');

/** From the most to the least that one may do. */
export const roleSchema = z.enum(['owner', 'developer', 'viewer']);
export type Role = z.infer<typeof roleSchema>;

/** What an access token may be made for. */
export const scopeSchema = z.enum([
  'builds:read',
  'builds:write',
  'releases:write',
  'insight:read',
]);
export type Scope = z.infer<typeof scopeSchema>;

/** What one may do in a studio. Whatever a token can be made for is among them. */
export const STUDIO_ACTIONS = [
  ...scopeSchema.options,
  'studio:read',
  'studio:rename',
  'members:manage',
  'games:delete',
  'tokens:create',
  'tokens:revoke-any',
  'audit:read',
] as const;
export type StudioAction = (typeof STUDIO_ACTIONS)[number];

const READING = ['studio:read', 'builds:read', 'insight:read'] as const;

/** The one table of who may do what. */
export const ROLE_ACTIONS: Readonly<Record<Role, ReadonlySet<StudioAction>>> = {
  viewer: new Set(READING),
  developer: new Set([...READING, 'builds:write', 'releases:write', 'tokens:create']),
  owner: new Set(STUDIO_ACTIONS),
};

/** How each access token begins, so that whoever finds one (a scanner of sources, too) knows it. */
export const ACCESS_TOKEN_PREFIX = 'rp_';

/** A removed member may be put back for so long. */
export const RESTORE_MS = 10 * 60 * 1000;

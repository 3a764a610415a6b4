import { z } from 'zod';
import { containerIdSchema, joinTokenIdSchema } from './ids.ts';

/** Where whoever runs the pool issues, lists and revokes the tokens that machines join with. */
export const JOIN_TOKENS_PATH = '/api/operator/join-tokens';

/** File in the data folder of signaling: whoever can read it runs the pool. */
export const OPERATOR_SECRET_FILE = 'operator-secret';

/** Longest time a token may be good for, in milliseconds: ten years. */
const MAX_LIFETIME_MS = 10 * 365 * 24 * 60 * 60 * 1000;

/** A token as it is told of: what it is itself nobody knows any more. Times are epoch milliseconds. */
export const joinTokenSchema = z.strictObject({
  tokenId: joinTokenIdSchema,
  /** For people. */
  name: z.string().min(1).max(80),
  /** For the machine alone that joins with it first. */
  once: z.boolean(),
  createdAtMs: z.number(),
  /** From then on no machine joins with it; null: never. */
  expiresAtMs: z.number().nullable(),
  revokedAtMs: z.number().nullable(),
  lastUsedAtMs: z.number().nullable(),
  /** That joined with it, the first one first. */
  containerIds: z.array(containerIdSchema),
});
export type JoinTokenInfo = z.infer<typeof joinTokenSchema>;

/** `POST`: the body. */
export const issueRequestSchema = z.strictObject({
  name: joinTokenSchema.shape.name,
  lifetimeMs: z.int().min(1).max(MAX_LIFETIME_MS).optional(),
  once: z.boolean().optional(),
});
export type IssueRequest = z.infer<typeof issueRequestSchema>;

/** The answer to that. */
export const issuedTokenSchema = z.strictObject({
  /** Told here and nowhere else. */
  token: z.string().min(16).max(512),
  info: joinTokenSchema,
});
export type IssuedToken = z.infer<typeof issuedTokenSchema>;

/** The answer to `GET`, newest first. */
export const joinTokenListSchema = z.strictObject({ tokens: z.array(joinTokenSchema) });

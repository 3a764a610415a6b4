import { z } from 'zod';
import { sessionIdSchema } from '../../protocol/ids.ts';
import { MAX_SAVE_BYTES } from '../../protocol/save-order.ts';

/** Older ones are forgotten. */
export const MAX_SAVE_VERSIONS = 10;

/**
 * A session saves every minute: without a limit an evening's play would leave nothing of the days
 * before. One more than the last, so that one that is damaged costs a minute.
 */
const MAX_VERSIONS_PER_SESSION = 2;

const saveVersionSchema = z.strictObject({
  /** Of the content, in hexadecimal; names its blob. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().min(1).max(MAX_SAVE_BYTES),
  savedAt: z.iso.datetime(),
  /** Which session saved it; unknown for what came from elsewhere or was kept before there were versions. */
  sessionId: sessionIdSchema.optional(),
  /**
   * Of that session among all (protocol/save-order.ts); where there is none, it counts as older than
   * whatever signaling has.
   */
  turn: z.int().min(1).optional(),
});
export type SaveVersion = z.infer<typeof saveVersionSchema>;

/** What is kept for one player and game. */
export const saveIndexSchema = z.strictObject({
  format: z.literal(1),
  /** Newest first. */
  versions: z.array(saveVersionSchema).max(MAX_SAVE_VERSIONS),
});
export type SaveIndex = z.infer<typeof saveIndexSchema>;

/** The versions, newest first, once this one has come. */
export function withVersion(
  versions: readonly SaveVersion[],
  version: SaveVersion,
): readonly SaveVersion[] {
  let ofSession = 1;
  const kept = versions.filter(
    ({ sessionId }) => sessionId !== version.sessionId || ++ofSession <= MAX_VERSIONS_PER_SESSION,
  );
  return [version, ...kept].slice(0, MAX_SAVE_VERSIONS);
}

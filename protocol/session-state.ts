import { z } from 'zod';

/** `connecting → streaming ⇄ interrupted → ended`. */
export const sessionStateSchema = z.enum(['connecting', 'streaming', 'interrupted', 'ended']);
export type SessionState = z.infer<typeof sessionStateSchema>;

/** Why a session is over. Each has its own sentence on the play page. */
export const endReasonSchema = z.enum([
  'player-left',
  'abandoned',
  'worker-crashed',
  'game-failed',
  'game-over',
  'fetch-failed',
  'missing-package',
  'build-changed',
  'connect-timeout',
  'container-lost',
  'machine-degraded',
  'shutting-down',
  'pool-closing',
  // These end the visit of a guest, and no session.
  'host-left',
  'guest-removed',
  'guest-codec',
]);
export type EndReason = z.infer<typeof endReasonSchema>;

/** How long an interrupted session keeps its game alive, in milliseconds. */
export const INTERRUPTED_GRACE_MS = 60_000;

/** How long a new peer connection may take before the attempt is given up, in milliseconds. */
export const CONNECT_TIMEOUT_MS = 20_000;

/** Longest account of an end, in UTF-16 code units. */
const MAX_DETAIL_CHARS = 2000;

/**
 * What happened, where the reason alone does not say it: a sentence for the player, and in the lines
 * after the first what the game printed last, or what to run.
 */
export const endDetailSchema = z.string().max(MAX_DETAIL_CHARS);

/** Makes an account short enough: the first line stays, and of the others the last. */
export function shortenDetail(detail: string): string {
  if (detail.length <= MAX_DETAIL_CHARS) return detail;
  const lineEnd = detail.indexOf('\n');
  if (lineEnd < 0 || lineEnd > MAX_DETAIL_CHARS / 2) return detail.slice(0, MAX_DETAIL_CHARS);
  const head = `${detail.slice(0, lineEnd)}\n…`;
  return head + detail.slice(head.length - MAX_DETAIL_CHARS);
}

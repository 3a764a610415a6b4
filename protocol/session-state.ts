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
  'connect-timeout',
  'container-lost',
  'shutting-down',
]);
export type EndReason = z.infer<typeof endReasonSchema>;

/** How long an interrupted session keeps its game alive, in milliseconds. */
export const INTERRUPTED_GRACE_MS = 60_000;

/** How long a new peer connection may take before the attempt is given up, in milliseconds. */
export const CONNECT_TIMEOUT_MS = 20_000;

import type { Logger } from 'pino';
import type { Session } from './session-registry.ts';

/** A line about a session, with all that it may be found by. */
export function logSession(
  log: Logger,
  { sessionId, playerId, containerId, gameId }: Session,
  what: string,
): void {
  log.info({ sessionId, playerId, containerId, gameId }, what);
}

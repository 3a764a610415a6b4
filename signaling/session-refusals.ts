import { RockpoolError } from '../protocol/errors.ts';
import type { SessionId } from '../protocol/ids.ts';
import type { SessionClaims } from './identity-tokens.ts';
import type { PlayerLink } from './session-registry.ts';

/** @throws RockpoolError where the claims are of another session or player. */
export function checkClaims(claims: SessionClaims, player: PlayerLink, sessionId: SessionId): void {
  if (claims.playerId !== player.playerId || claims.sessionId !== sessionId) throw notYours();
}

export function notYours(): RockpoolError {
  return new RockpoolError('unauthorised', 'This session is not yours.');
}

export function isOver(): RockpoolError {
  return new RockpoolError('unknown-session', 'This session is over.');
}

export function containerAway(): RockpoolError {
  return new RockpoolError(
    'container-lost',
    'The machine that runs the game is not connected right now.',
  );
}

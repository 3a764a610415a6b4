import type { TicketId } from '../protocol/ids.ts';
import type { Place, PlayRequest } from '../protocol/player-messages.ts';
import type { PlayerLink, Session } from './session-registry.ts';

/** One player's wait for one game. */
export interface Ticket {
  readonly ticketId: TicketId;
  /** Epoch milliseconds. */
  sinceMs: number;
  request: PlayRequest;
  player: PlayerLink;
  /** What is kept for this player; undefined while they wait. */
  offer: { readonly session: Session; readonly cancelExpiry: () => void } | undefined;
  /** A container is being asked. */
  asking: boolean;
  /** Gives the place up; undefined while the player is connected. */
  cancelGrace: (() => void) | undefined;
  /** Undefined until the player's `play` is answered. */
  told: Place | undefined;
}

/** Requests of one kind find a place or find none together. */
export function kindOf({ gameId, codecs, settings }: PlayRequest): string {
  const { resolution, frameRate } = settings;
  const size = resolution === 'auto' ? resolution : `${resolution.width}x${resolution.height}`;
  return [gameId, size, frameRate, ...codecs].join(' ');
}

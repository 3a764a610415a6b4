import type { ContainerId, TicketId } from '../protocol/ids.ts';
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
  /** The game is being started in the place that was offered; slowly, where that takes its time. */
  starting: 'quickly' | 'slowly' | undefined;
  /** Containers that would not have it a moment ago. */
  readonly passedOver: Set<ContainerId>;
  /** Gives the place up; undefined while the player is connected. */
  cancelGrace: (() => void) | undefined;
  /** Undefined until the player's `play` is answered. */
  told: Place | undefined;
}

/** The longest wait first. */
export function byWait(a: Ticket, b: Ticket): number {
  return a.sinceMs - b.sinceMs || (a.ticketId < b.ticketId ? -1 : Number(a.ticketId > b.ticketId));
}

/** Requests of one kind of place take the same of a container. */
export function placeKindOf({ gameId, settings }: PlayRequest): string {
  const { resolution, frameRate } = settings;
  const size = resolution === 'auto' ? resolution : `${resolution.width}x${resolution.height}`;
  return [gameId, size, frameRate].join(' ');
}

/** Requests of one kind find a place or find none together. */
export function kindOf(request: PlayRequest): string {
  return [placeKindOf(request), ...request.codecs].join(' ');
}

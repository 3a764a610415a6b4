import { RockpoolError } from '../protocol/errors.ts';
import type { ContainerId, PlayerId, TicketId } from '../protocol/ids.ts';
import type { Place, PlayRequest } from '../protocol/player-messages.ts';
import type { IdentityTokens, PlaceClaims } from './identity-tokens.ts';
import { offerKey } from './indexer/offer-key.ts';
import type { NodeId, TicketNews } from './nodes/node-messages.ts';
import type { PlayerLink, Session } from './session-registry.ts';
import type { AskedPlay } from './studio/releases/play-builds.ts';

/** A household or a school behind one address; a flood is not let in. */
export const MAX_TICKETS_PER_ADDRESS = 50;

/** Hears of those who wait here what other nodes need to know. */
export interface LineObserver {
  handleTicket(ticket: TicketNews): void;
  handleTicketOver(ticketId: TicketId): void;
}

/** One player's wait for one game. */
export interface Ticket {
  readonly ticketId: TicketId;
  /** Epoch milliseconds. */
  sinceMs: number;
  request: AskedPlay;
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
  /** When a socket last took it, epoch milliseconds: where two nodes have it, the later one does. */
  boundMs: number;
}

/** @param nowMs epoch milliseconds. */
export function newTicket(
  ticketId: TicketId,
  player: PlayerLink,
  request: AskedPlay,
  nowMs: number,
): Ticket {
  return {
    ticketId,
    sinceMs: nowMs,
    request,
    player,
    offer: undefined,
    starting: undefined,
    passedOver: new Set(),
    cancelGrace: undefined,
    told: undefined,
    boundMs: 0,
  };
}

/** @throws RockpoolError `rate-limited` where too many wait at this address. */
export function mustBeFew(tickets: Iterable<Ticket>, address: string): void {
  const sameAddress = [...tickets].filter((ticket) => ticket.player.address === address);
  if (sameAddress.length < MAX_TICKETS_PER_ADDRESS) return;
  throw new RockpoolError(
    'rate-limited',
    'Too many players of your network wait already. Try again in a few minutes.',
  );
}

/** The place that a player proves to have had for this game. */
export async function keptPlace(
  tokens: IdentityTokens,
  playerId: PlayerId,
  { placeToken, gameId }: PlayRequest,
): Promise<PlaceClaims | undefined> {
  const kept = placeToken ? await tokens.verifyPlace(placeToken) : undefined;
  return kept?.playerId === playerId && kept.gameId === gameId ? kept : undefined;
}

/** One player's wait at another node, which serves it. */
export interface TicketElsewhere extends TicketNews {
  readonly nodeId: NodeId;
}

export function isElsewhere(ticket: Ticket | TicketElsewhere): ticket is TicketElsewhere {
  return 'nodeId' in ticket;
}

type Wait = Pick<TicketNews, 'ticketId' | 'sinceMs'>;

/** Who waits longest comes first, at every node alike. */
export function byWait(a: Wait, b: Wait): number {
  return a.sinceMs - b.sinceMs || (a.ticketId < b.ticketId ? -1 : Number(a.ticketId > b.ticketId));
}

/** What other nodes are told of a ticket. */
export function ticketNews({
  ticketId,
  sinceMs,
  boundMs,
  request,
  player,
  offer,
}: Ticket): TicketNews {
  const { gameId, buildId, settings, codecs } = request;
  return {
    ticketId,
    playerId: player.playerId,
    sinceMs,
    boundMs,
    request: { gameId, ...(buildId && { buildId }), settings, codecs },
    offered: offer !== undefined,
    connected: player.connected,
  };
}

/** What a place takes of a container, and who can be shown what comes from it. */
type Kind = Pick<AskedPlay, 'gameId' | 'buildId' | 'codecs' | 'settings'>;

/** Requests of one kind of place take the same of a container. */
export function placeKindOf({ gameId, buildId, settings }: Kind): string {
  const { resolution, frameRate } = settings;
  const size = resolution === 'auto' ? resolution : `${resolution.width}x${resolution.height}`;
  return [offerKey(gameId, buildId), size, frameRate].join(' ');
}

/** Requests of one kind find a place or find none together. */
export function kindOf(request: Kind): string {
  return [placeKindOf(request), ...request.codecs].join(' ');
}

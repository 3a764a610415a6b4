import { RockpoolError } from '../protocol/errors.ts';
import type { GameId, PlayerId, TicketId } from '../protocol/ids.ts';
import { LineElsewhere } from './line-elsewhere.ts';
import type { TicketNews } from './nodes/node-messages.ts';
import type { PlayerLink } from './session-registry.ts';
import type { SessionStarter } from './session-starter.ts';
import type { AskedPlay } from './studio/releases/play-builds.ts';
import {
  byWait,
  type LineObserver,
  mustBeFew,
  newTicket,
  type Ticket,
  type TicketElsewhere,
  ticketNews,
} from './waiting-ticket.ts';

export interface TicketBookOptions {
  readonly starter: Pick<SessionStarter, 'cancel'>;
  /** Whether two games can take the same place. */
  readonly compete: (one: GameId, other: GameId) => boolean;
  /** Epoch milliseconds. */
  readonly wallClockMs: () => number;
}

/** All who wait: at this node, and at others as far as those were heard. */
export class TicketBook {
  readonly #options: TicketBookOptions;
  /** Those who wait at other nodes. */
  readonly elsewhere = new LineElsewhere();
  readonly #here = new Map<TicketId, Ticket>();
  #observer: LineObserver | undefined;

  constructor(options: TicketBookOptions) {
    this.#options = options;
  }

  observe(observer: LineObserver): void {
    this.#observer = observer;
  }

  /** Those who wait at this node. */
  get length(): number {
    return this.#here.size;
  }

  get lengthEverywhere(): number {
    return this.#here.size + this.elsewhere.size;
  }

  here(): Iterable<Ticket> {
    return this.#here.values();
  }

  /** Those who wait at this node, for the others. */
  *news(): Generator<TicketNews> {
    for (const ticket of this.#here.values()) yield ticketNews(ticket);
  }

  /** The one who waits longest first. */
  inOrder(): (Ticket | TicketElsewhere)[] {
    return [...this.#here.values(), ...this.elsewhere.values()].sort(byWait);
  }

  /** Whether somebody waits for what this game would take. */
  isWaitedFor(gameId: GameId): boolean {
    const waits = ({ request }: Pick<TicketNews, 'request'>) =>
      this.#options.compete(request.gameId, gameId);
    return (
      [...this.#here.values()].some((ticket) => !ticket.offer && waits(ticket)) ||
      [...this.elsewhere.values()].some((ticket) => !ticket.offered && waits(ticket))
    );
  }

  get(ticketId: TicketId): Ticket | undefined {
    return this.#here.get(ticketId);
  }

  /** @throws RockpoolError `turn-missed` where this player holds no such ticket here. */
  own(player: PlayerLink, ticketId: TicketId): Ticket {
    const ticket = this.#here.get(ticketId);
    if (ticket?.player === player) return ticket;
    throw new RockpoolError('turn-missed', 'You do not wait in this line any more.');
  }

  /** What a player waits with at this node, be it in another tab. */
  find(playerId: PlayerId, gameId: GameId): Ticket | undefined {
    return [...this.#here.values()].find(
      (ticket) => ticket.player.playerId === playerId && ticket.request.gameId === gameId,
    );
  }

  /** @throws RockpoolError `rate-limited` where too many wait at this address. */
  add(ticketId: TicketId, player: PlayerLink, request: AskedPlay): Ticket {
    mustBeFew(this.#here.values(), player.address);
    const ticket = newTicket(ticketId, player, request, this.#options.wallClockMs());
    this.#here.set(ticketId, ticket);
    return ticket;
  }

  /** With what is kept for it. One that is not there any more is no error. */
  remove(ticket: Ticket): void {
    if (this.#here.delete(ticket.ticketId)) this.#observer?.handleTicketOver(ticket.ticketId);
    ticket.cancelGrace?.();
    const { offer } = ticket;
    ticket.offer = undefined;
    offer?.cancelExpiry();
    if (offer) this.#options.starter.cancel(offer.session);
  }

  /** How it stands with a ticket of this node. */
  tellNodes(ticket: Ticket): void {
    if (this.#here.get(ticket.ticketId) === ticket) {
      this.#observer?.handleTicket(ticketNews(ticket));
    }
  }

  clear(): void {
    this.#here.clear();
    this.elsewhere.clear();
  }
}

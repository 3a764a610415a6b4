import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { RockpoolError } from '../protocol/errors.ts';
import { type ContainerId, type GameId, type TicketId, ticketIdSchema } from '../protocol/ids.ts';
import {
  OFFER_HOLD_MS,
  type Place,
  type PlayAnswer,
  type PlayGrant,
} from '../protocol/player-messages.ts';
import type { ContainerRegistry } from './container-registry.ts';
import type { IdentityTokens } from './identity-tokens.ts';
import type { NodeId, TicketNews } from './nodes/node-messages.ts';
import { type KeptPlace, PlaceAsks, QUICK_ANSWER_MS } from './place-asks.ts';
import { PlaceBoard, type PlaceBoardOptions } from './place-board.ts';
import { ServingPass, type ServingPassOptions, waitedSince } from './serving-pass.ts';
import type { PlayerLink, Session } from './session-registry.ts';
import type { Demand, SessionStarter } from './session-starter.ts';
import type { AskedPlay } from './studio/releases/play-builds.ts';
import { TicketBook } from './ticket-book.ts';
import type { Timers } from './timers.ts';
import { byWait, isElsewhere, keptPlace, placeKindOf, type Ticket } from './waiting-ticket.ts';

/** The place of a player whose connection broke is kept so long: a reload, a tunnel, a restart. */
export const PLACE_GRACE_MS = 30_000;

/** Distances are looked at again as tickets wait, and what is expected is told anew. */
export const REVIEW_INTERVAL_MS = 1_000;

export interface WaitingLineOptions extends PlaceBoardOptions, ServingPassOptions {
  readonly starter: SessionStarter;
  readonly containers: Pick<ContainerRegistry, 'handleLate'>;
  readonly tokens: IdentityTokens;
  readonly timers: Timers;
  readonly log: Logger;
  /** Of this process; breaks ties with others. Left out where there are no others. */
  readonly nodeId?: NodeId | undefined;
}

const NONE: ReadonlySet<ContainerId> = new Set();

/** The answer to who has to wait. */
export type Waiting = Extract<PlayAnswer, { kind: 'waiting' }>;

/**
 * Players for whom there is no place now, the one who waits longest first, over all nodes. A node serves
 * those who wait at it, and leaves to the others what those who wait longer there can have.
 */
export class WaitingLine {
  readonly #options: WaitingLineOptions;
  readonly #places: PlaceBoard;
  readonly #asks: PlaceAsks;
  /** All who wait. */
  readonly tickets: TicketBook;
  #serving = false;
  #again = false;
  #cancelReview: (() => void) | undefined;
  #closed = false;

  constructor(options: WaitingLineOptions) {
    this.#options = options;
    this.tickets = new TicketBook(options);
    this.#places = new PlaceBoard(options);
    this.#asks = new PlaceAsks({
      ...options,
      handleKept: (place) => this.#handleKept(place),
      handleChange: () => this.handleRoom(),
    });
  }

  /**
   * Takes a player in, at the place they had where a token proves it.
   * @param sinceMs when their wait began, where that was before now.
   * @throws RockpoolError `rate-limited` where too many wait at this address.
   */
  async enter(
    player: PlayerLink,
    request: AskedPlay,
    sinceMs = this.#options.wallClockMs(),
  ): Promise<Waiting> {
    const kept = await keptPlace(this.#options.tokens, player.playerId, request);
    const { gameId } = request;
    const theirs = this.tickets.elsewhere.find(player.playerId, gameId, kept);
    const begin = Math.min(sinceMs, kept?.sinceMs ?? sinceMs, theirs?.sinceMs ?? sinceMs);
    const mine = this.tickets.find(player.playerId, gameId);
    const ticketId = kept?.ticketId ?? theirs?.ticketId ?? ticketIdSchema.parse(randomUUID());
    const ticket = mine ?? this.#add(ticketId, player, request);
    if (mine) this.#rebind(mine, player, request);
    ticket.sinceMs = Math.min(ticket.sinceMs, begin);
    ticket.boundMs = Math.max(this.#options.wallClockMs(), (theirs?.boundMs ?? 0) + 1);
    // It moves here with its player.
    this.tickets.elsewhere.remove(ticket.ticketId);
    // Gone while their place was looked up, or a container was asked.
    if (!player.connected) this.#keep(ticket);
    this.tickets.tellNodes(ticket);
    const claims = {
      playerId: player.playerId,
      ticketId: ticket.ticketId,
      gameId,
      sinceMs: ticket.sinceMs,
    };
    const placeToken = await this.#options.tokens.issuePlace(claims);
    const place = this.#places.placeOf(ticket, this.tickets.inOrder());
    this.handleRoom();
    return { kind: 'waiting', place, placeToken };
  }

  /** The answer of {@link enter} is on its way: what is told of this ticket comes after it. */
  handleAnswered(player: PlayerLink, place: Place): void {
    const { ticketId } = place;
    const ticket = this.tickets.get(ticketId);
    if (ticket?.player !== player) {
      // Another tab has taken it over meanwhile.
      player.offerOver({ ticketId });
      return;
    }
    ticket.told = place;
    if (ticket.offer) this.#tellOffer(ticket, ticket.offer.session);
  }

  /** @throws RockpoolError `turn-missed` where the offer is over, or why the game did not start. */
  async accept(
    player: PlayerLink,
    ticketId: TicketId,
  ): Promise<{ session: Session; grant: PlayGrant }> {
    const ticket = this.tickets.own(player, ticketId);
    const { offer } = ticket;
    if (!offer) throw new RockpoolError('turn-missed', 'This place is not kept for you any more.');
    offer.cancelExpiry();
    ticket.offer = undefined;
    ticket.starting = 'quickly';
    const cancelPatience = this.#options.timers.after(QUICK_ANSWER_MS, () => {
      ticket.starting = 'slowly';
      this.handleRoom();
    });
    // The place may have been kept for a connection before this one.
    offer.session.player = player;
    try {
      const grant = await this.#options.starter.redeem(offer.session, ticket.request);
      if (this.tickets.get(ticketId) !== ticket) {
        this.#options.starter.cancel(offer.session);
        throw new RockpoolError('turn-missed', 'You have left this line.');
      }
      this.tickets.remove(ticket);
      // A tab that took the place over meanwhile would wait for ever.
      if (ticket.player !== player) ticket.player.offerOver({ ticketId });
      return { session: offer.session, grant };
    } finally {
      cancelPatience();
      // Where it failed, the player is still the first in line.
      ticket.starting = undefined;
      this.tickets.tellNodes(ticket);
      this.handleRoom();
    }
  }

  /** Somebody waits at another node, or is made an offer there. */
  handleElsewhere(nodeId: NodeId, ticket: TicketNews): void {
    this.#takeElsewhere(nodeId, ticket);
    this.handleRoom();
  }

  /** Somebody does not wait at another node any more. */
  handleOverElsewhere(nodeId: NodeId, ticketId: TicketId): void {
    if (this.tickets.elsewhere.remove(ticketId, nodeId)) this.handleRoom();
  }

  /** All who wait at that node: nobody is served before they are all known. */
  handleAllElsewhere(nodeId: NodeId, tickets: readonly TicketNews[]): void {
    this.tickets.elsewhere.removeAll(nodeId);
    for (const ticket of tickets) this.#takeElsewhere(nodeId, ticket);
    this.handleRoom();
  }

  /** Gives a place up. One that is not there any more is no error. */
  leave(player: PlayerLink, ticketId: TicketId): void {
    const ticket = this.tickets.get(ticketId);
    if (ticket?.player !== player) return;
    this.tickets.remove(ticket);
    this.handleRoom();
  }

  /** The place is kept for a moment. */
  handlePlayerGone(player: PlayerLink): void {
    for (const ticket of this.tickets.here()) if (ticket.player === player) this.#keep(ticket);
  }

  /** There may be room now. */
  handleRoom(): void {
    if (this.#closed) return;
    // Whoever is asked for a place has less room from then on, and says so in here.
    this.#again = true;
    if (this.#serving) return;
    this.#serving = true;
    while (this.#again) {
      this.#again = false;
      this.#serve();
    }
    this.#serving = false;
    this.#places.tell(this.tickets.here(), this.tickets.inOrder());
  }

  close(): void {
    this.#closed = true;
    this.#cancelReview?.();
    this.#asks.close();
    for (const ticket of this.tickets.here()) {
      ticket.offer?.cancelExpiry();
      ticket.cancelGrace?.();
    }
    this.tickets.clear();
  }

  #takeElsewhere(nodeId: NodeId, ticket: TicketNews): void {
    const own = this.tickets.get(ticket.ticketId);
    const byNode = nodeId > (this.#options.nodeId ?? '') ? 1 : -1;
    if (own && (ticket.boundMs - own.boundMs || byNode) < 0) {
      // Its player has come here since.
      this.tickets.tellNodes(own);
      return;
    }
    this.tickets.elsewhere.take(nodeId, ticket);
    if (own) this.#giveAway(own);
    this.#review();
  }

  /** It has moved to another node. */
  #giveAway(ticket: Ticket): void {
    const { ticketId, player } = ticket;
    if (player.connected) player.offerOver({ ticketId });
    this.tickets.remove(ticket);
  }

  /** Until its player is back, but not for ever. */
  #keep(ticket: Ticket): void {
    ticket.cancelGrace?.();
    ticket.cancelGrace = this.#options.timers.after(PLACE_GRACE_MS, () => {
      this.tickets.remove(ticket);
      this.handleRoom();
    });
    this.tickets.tellNodes(ticket);
  }

  /** Another tab of the same player takes the place over. */
  #rebind(ticket: Ticket, player: PlayerLink, request: AskedPlay): void {
    const { ticketId, player: earlier } = ticket;
    if (earlier !== player && earlier.connected) earlier.offerOver({ ticketId });
    ticket.player = player;
    ticket.request = request;
    ticket.cancelGrace?.();
    ticket.cancelGrace = undefined;
    // What was told to the connection before was not seen on this one.
    ticket.told = undefined;
  }

  #add(ticketId: TicketId, player: PlayerLink, request: AskedPlay): Ticket {
    const ticket = this.tickets.add(ticketId, player, request);
    this.#review();
    return ticket;
  }

  /**
   * One pass from the longest wait to the shortest. Places of one kind are asked for side by side: they
   * are as good as one another, so whoever waits longest gets the one that is kept first. Who wants
   * another kind of place, and might take the same one, waits until those before them know.
   */
  #serve(): void {
    const pass = new ServingPass(this.#options);
    const underWay = this.#asks.underWay();
    const undecided = new Map<string, GameId>();
    for (const ticket of this.tickets.inOrder()) {
      if (isElsewhere(ticket)) {
        if (!ticket.offered && ticket.connected) pass.leaveTo(ticket);
        continue;
      }
      if (ticket.offer || !ticket.player.connected) continue;
      const { gameId } = ticket.request;
      const placeKind = placeKindOf(ticket.request);
      if (ticket.starting) {
        // What comes of it is not known yet: nobody overtakes meanwhile, unless it takes too long.
        if (ticket.starting === 'quickly') pass.close(ticket);
        continue;
      }
      if (pass.isOpen(ticket)) {
        const isBehind = this.#isBehind(gameId, placeKind, undecided);
        const awaited = underWay.get(placeKind) ?? 0;
        if (!isBehind && awaited > 0) underWay.set(placeKind, awaited - 1);
        if (isBehind || awaited > 0 || this.#asks.ask(ticket, this.#demand(ticket, pass.barred))) {
          undecided.set(placeKind, gameId);
          continue;
        }
      }
      pass.close(ticket);
      pass.keepMachine(ticket);
    }
  }

  /** Whether somebody before may yet take what this kind of place would take. */
  #isBehind(gameId: GameId, placeKind: string, undecided: ReadonlyMap<string, GameId>): boolean {
    for (const [other, otherGame] of undecided) {
      if (other !== placeKind && this.#options.compete(otherGame, gameId)) return true;
    }
    return false;
  }

  /** It is held for its player until they answer. */
  #handleKept(place: KeptPlace): void {
    const { session } = place;
    const ticket = this.#recipientOf(place);
    if (!ticket) {
      this.#options.starter.cancel(session);
      return;
    }
    this.#options.starter.give(session, ticket.player);
    const cancelExpiry = this.#options.timers.after(OFFER_HOLD_MS, () => this.#expire(ticket));
    ticket.offer = { session, cancelExpiry };
    this.tickets.tellNodes(ticket);
    this.#tellOffer(ticket, session);
  }

  /**
   * Who waits longest for such a place. It was found for one whose turn it was; behind that one it is
   * for the next in line, or else looked for anew.
   */
  #recipientOf({ kind, ticket: turn, session }: KeptPlace): Ticket | undefined {
    const { compete, starter } = this.#options;
    for (const ticket of this.tickets.inOrder()) {
      if (isElsewhere(ticket)) {
        const waits = !ticket.offered && ticket.connected;
        const isFirst = placeKindOf(ticket.request) === kind || byWait(ticket, turn) > 0;
        // Another node will ask for it.
        if (waits && isFirst && compete(ticket.request.gameId, session.gameId)) return undefined;
        continue;
      }
      if (ticket.offer || ticket.starting || !ticket.player.connected) continue;
      if (placeKindOf(ticket.request) === kind) {
        if (starter.suits(this.#demand(ticket), session)) return ticket;
      } else if (byWait(ticket, turn) > 0 && compete(ticket.request.gameId, session.gameId)) {
        return undefined;
      }
    }
    return undefined;
  }

  #tellOffer({ ticketId, player, told }: Ticket, { decision }: Session): void {
    // Its `play` is not answered yet: see handleAnswered.
    if (!told) return;
    const containerName = decision?.ranked[0]?.name ?? '';
    player.offer({ ticketId, holdMs: OFFER_HOLD_MS, containerName });
  }

  /** Who does not answer makes room for the next. */
  #expire(ticket: Ticket): void {
    const { ticketId, player } = ticket;
    this.tickets.remove(ticket);
    player.offerOver({ ticketId });
    this.handleRoom();
  }

  #demand(ticket: Ticket, barred: ReadonlySet<ContainerId> = NONE): Demand {
    const { player, request, passedOver } = ticket;
    const waitedMs = waitedSince(ticket, this.#options.wallClockMs());
    return { player, request, waitedMs, barred: new Set([...barred, ...passedOver]) };
  }

  #review(): void {
    if (this.#cancelReview || this.#closed) return;
    this.#cancelReview = this.#options.timers.after(REVIEW_INTERVAL_MS, () => {
      this.#cancelReview = undefined;
      for (const { passedOver } of this.tickets.here()) passedOver.clear();
      this.handleRoom();
      if (this.tickets.lengthEverywhere > 0) this.#review();
    });
  }
}

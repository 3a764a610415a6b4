import type { GameId, SessionId, TicketId } from '../../protocol/ids.ts';
import type { Session } from '../../signaling/session-registry.ts';
import { PLACE_GRACE_MS } from '../../signaling/waiting-line.ts';
import type { PairingNode } from './pairing-node.ts';
import type { PairingTab } from './pairing-tab.ts';

interface Note {
  readonly ticketId: TicketId;
  readonly gameId: GameId;
  readonly sinceMs: number;
  readonly tab: PairingTab;
  /** Since when it has been waiting without a break, in steps of the pool. */
  waitsSince: number;
  goneAtMs: number | undefined;
}

/** What one node has promised to players, kept by what they were told: the model it is held against. */
export class PairingLedger {
  readonly #node: PairingNode;
  readonly #nowMs: () => number;
  readonly #fail: (what: string) => void;
  readonly #notes = new Map<TicketId, Note>();
  /** What is kept for whom. */
  readonly #offers = new Map<TicketId, SessionId>();
  /** The places a container was asked to keep. */
  readonly #reserved = new Set<SessionId>();
  /** Sessions a container was asked for without an offer before, in this step. */
  readonly #direct: Pick<Session, 'playerId' | 'gameId'>[] = [];
  /** A container has just said that it keeps this. */
  #kept: SessionId | undefined;

  constructor(node: PairingNode, nowMs: () => number, fail: (what: string) => void) {
    this.#node = node;
    this.#nowMs = nowMs;
    this.#fail = fail;
  }

  /** The session that is kept for a ticket, as long as the node knows of it. */
  offerOf(ticketId: TicketId): SessionId | undefined {
    const sessionId = this.#offers.get(ticketId);
    return sessionId && this.#node.plane.sessions.get(sessionId) ? sessionId : undefined;
  }

  handleReserve(sessionId: SessionId): void {
    if (this.#reserved.has(sessionId)) this.#fail('one place is reserved twice');
    this.#reserved.add(sessionId);
  }

  handleAssign(session: Pick<Session, 'sessionId' | 'playerId' | 'gameId'>): void {
    if (!this.#reserved.has(session.sessionId)) this.#direct.push(session);
  }

  handleKept(sessionId: SessionId): void {
    this.#kept = sessionId;
  }

  handleWaiting(
    tab: PairingTab,
    { ticketId, sinceMs, waitsSince }: Pick<Note, 'ticketId' | 'sinceMs' | 'waitsSince'>,
  ): void {
    const goneAtMs = tab.connected ? undefined : this.#nowMs();
    const { gameId } = tab;
    this.#notes.set(ticketId, { ticketId, gameId, sinceMs, tab, waitsSince, goneAtMs });
  }

  handleOffer(ticketId: TicketId): void {
    const sessionId = this.#kept;
    if (sessionId === undefined) {
      if (!this.offerOf(ticketId)) this.#fail('a place is offered that no container keeps');
      return;
    }
    this.#kept = undefined;
    this.#offers.set(ticketId, sessionId);
    const note = this.#notes.get(ticketId);
    const isPassedOver = (other: Note) =>
      note && other.gameId === note.gameId && other.sinceMs < note.sinceMs;
    if (this.#waiting.some(isPassedOver))
      this.#fail('who waits longer for the same is passed over');
  }

  handleOfferOver(tab: PairingTab, ticketId: TicketId): void {
    if (this.isHeldBy(tab, ticketId)) this.#notes.delete(ticketId);
  }

  /** What was offered is being taken. */
  handleAccept(ticketId: TicketId): void {
    this.#offers.delete(ticketId);
  }

  /** What was being taken stays on offer. */
  handleNotTaken(ticketId: TicketId, sessionId: SessionId | undefined): void {
    if (sessionId) this.#offers.set(ticketId, sessionId);
  }

  /** A ticket has come to its end: granted, given up, or missed. */
  handleOver(tab: PairingTab, ticketId: TicketId): void {
    this.#offers.delete(ticketId);
    if (this.isHeldBy(tab, ticketId)) this.#notes.delete(ticketId);
  }

  /** The game that was offered did not start: who accepted is in line again, at the same place. */
  handleNotStarted(ticketId: TicketId, step: number): void {
    const note = this.#notes.get(ticketId);
    if (note) note.waitsSince = step;
  }

  handleGone(tab: PairingTab): void {
    for (const note of this.#notes.values()) {
      if (note.tab === tab) note.goneAtMs = this.#nowMs();
    }
  }

  isHeldBy(tab: PairingTab, ticketId: TicketId): boolean {
    return this.#notes.get(ticketId)?.tab === tab;
  }

  /** Everything that followed from the last event has followed. */
  check(): void {
    const waiting = this.#waiting;
    for (const { playerId, gameId } of this.#direct.splice(0)) {
      const askedAt = this.#node.tabs.find(
        (tab) => tab.playerId === playerId && tab.gameId === gameId && tab.phase === 'asking',
      )?.askedAt;
      const overtaken = waiting.some(
        (note) =>
          askedAt !== undefined &&
          note.gameId === gameId &&
          note.tab.playerId !== playerId &&
          note.waitsSince < askedAt,
      );
      if (overtaken) this.#fail('a newcomer overtakes who waits for the same');
    }
    for (const { ticketId, tab } of this.#notes.values()) {
      if (!tab.connected || tab.phase !== 'waiting') continue;
      const stands = this.offerOf(ticketId) !== undefined;
      if (stands && !tab.offered) this.#fail('an offer is made that its page does not hear of');
      if (!stands && tab.offered) this.#fail('an offer stands though its place was given up');
    }
    const mustBe = [...this.#notes.values()].filter(
      ({ goneAtMs }) => goneAtMs === undefined || this.#nowMs() < goneAtMs + PLACE_GRACE_MS,
    );
    if (this.#node.plane.line.length < mustBe.length) this.#fail('a ticket is lost');
    this.#kept = undefined;
  }

  get #waiting(): readonly Note[] {
    return [...this.#notes.values()].filter((note) => this.#isWaiting(note));
  }

  #isWaiting({ ticketId, tab }: Note): boolean {
    return tab.connected && tab.phase === 'waiting' && !this.offerOf(ticketId);
  }
}

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

/** What a node needs to know of the others. */
export interface PairingLedgers {
  readonly ledgers: Iterable<PairingLedger>;
  readonly nodes: readonly PairingNode[];
  readonly steps: number;
}

/** What one node has promised to players, kept by what they were told: the model it is held against. */
export class PairingLedger {
  readonly #node: PairingNode;
  readonly #pool: PairingLedgers;
  readonly #nowMs: () => number;
  readonly #fail: (what: string) => void;
  readonly #notes = new Map<TicketId, Note>();
  /** What is kept for whom. */
  readonly #offers = new Map<TicketId, SessionId>();
  /** What is being taken: nobody has to wait for that, though another tab may have the ticket. */
  readonly #taken = new Set<TicketId>();
  /** The places a container was asked to keep. */
  readonly #reserved = new Set<SessionId>();
  /** Sessions a container was asked for without an offer before, in this step. */
  readonly #direct: Pick<Session, 'playerId' | 'gameId'>[] = [];
  /** What containers have said that they keep, and nobody was offered yet. */
  readonly #kept = new Set<SessionId>();
  /** Those who wait at other nodes, and since which step this one knows it. */
  #elsewhere = new Map<TicketId, number>();

  constructor(
    node: PairingNode,
    pool: PairingLedgers,
    nowMs: () => number,
    fail: (what: string) => void,
  ) {
    this.#node = node;
    this.#pool = pool;
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
    this.#kept.add(sessionId);
  }

  handleWaiting(
    tab: PairingTab,
    { ticketId, sinceMs, waitsSince }: Pick<Note, 'ticketId' | 'sinceMs' | 'waitsSince'>,
  ): void {
    const goneAtMs = tab.connected ? undefined : this.#nowMs();
    const { gameId } = tab;
    // Wherever they waited before, they have come here since.
    for (const ledger of this.#pool.ledgers) ledger.#notes.delete(ticketId);
    this.#notes.set(ticketId, { ticketId, gameId, sinceMs, tab, waitsSince, goneAtMs });
  }

  handleOffer({ playerId, gameId }: PairingTab, ticketId: TicketId): void {
    if (this.offerOf(ticketId)) return;
    // A place that is kept and not given yet is nobody's, whoever it was asked for.
    const sessionId = this.#node.plane.sessions
      .ofPlayer(playerId)
      .find((session) => session.gameId === gameId && this.#kept.has(session.sessionId))?.sessionId;
    if (sessionId === undefined) {
      this.#fail('a place is offered that no container keeps');
      return;
    }
    this.#kept.delete(sessionId);
    this.#offers.set(ticketId, sessionId);
    const note = this.#notes.get(ticketId);
    const isPassedOver = (other: Note) =>
      note && other.gameId === note.gameId && other.sinceMs < note.sinceMs;
    if ([...this.#waiting, ...this.#knownElsewhere()].some(isPassedOver))
      this.#fail('who waits longer for the same is passed over');
  }

  handleOfferOver(tab: PairingTab, ticketId: TicketId): void {
    if (this.isHeldBy(tab, ticketId)) this.#notes.delete(ticketId);
  }

  /** What was offered is being taken. */
  handleAccept(ticketId: TicketId): void {
    this.#offers.delete(ticketId);
    this.#taken.add(ticketId);
  }

  /** What came of it is known, whoever has the ticket by now. */
  handleDecided(ticketId: TicketId): void {
    this.#taken.delete(ticketId);
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
    this.#learn();
    const direct = this.#direct.splice(0);
    // Looked at after every message of every life: most of the time there is nothing to compare.
    const waiting = direct.length > 0 ? [...this.#waiting, ...this.#knownElsewhere()] : [];
    for (const { playerId, gameId } of direct) {
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
    if (mustBe.length === 0) return;
    const held = new Set<TicketId>();
    for (const { plane } of this.#pool.nodes) {
      for (const { ticketId } of plane.line.tickets.news()) held.add(ticketId);
    }
    if (mustBe.some(({ ticketId }) => !held.has(ticketId))) this.#fail('a ticket is lost');
  }

  /** What this node has heard of those who wait at others. */
  #learn(): void {
    const known = this.#elsewhere;
    this.#elsewhere = new Map();
    for (const {
      ticketId,
      offered,
      connected,
    } of this.#node.plane.line.tickets.elsewhere.values()) {
      const since = known.get(ticketId) ?? this.#pool.steps;
      if (!offered && connected) this.#elsewhere.set(ticketId, since);
    }
  }

  *#knownElsewhere(): Generator<Note> {
    for (const ledger of this.#pool.ledgers) {
      if (ledger === this) continue;
      for (const note of ledger.#notes.values()) {
        const knownSince = this.#elsewhere.get(note.ticketId);
        if (knownSince === undefined || !ledger.#isWaiting(note)) continue;
        yield { ...note, waitsSince: Math.max(note.waitsSince, knownSince) };
      }
    }
  }

  get #waiting(): readonly Note[] {
    return [...this.#notes.values()].filter((note) => this.#isWaiting(note));
  }

  #isWaiting({ ticketId, tab }: Note): boolean {
    const isFree = !this.offerOf(ticketId) && !this.#taken.has(ticketId);
    return tab.connected && tab.phase === 'waiting' && isFree;
  }
}

import { toRockpoolError } from '../../protocol/errors.ts';
import type { GameId, PlayerId, SessionId } from '../../protocol/ids.ts';
import type { PlayAnswer, PlayGrant, PlayRequest } from '../../protocol/player-messages.ts';
import { DEFAULT_STREAM_SETTINGS } from '../../protocol/stream-settings.ts';
import { RemoteContainerLink } from '../../signaling/nodes/remote-container-link.ts';
import type { PairingContainer } from './pairing-container.ts';
import type { PairingLedger } from './pairing-ledger.ts';
import type { PairingNode } from './pairing-node.ts';
import { PairingTab } from './pairing-tab.ts';
import { placeClaims } from './pairing-tokens.ts';

/** How a page comes: knowing nothing, with the place it had, or with the session it had. */
export type Arrival = 'new' | 'with its place' | 'with its session' | 'to its session';

/** Why an offer is refused to who missed it, or is gone. */
const NOT_FOR_HERE = new Set(['turn-missed', 'unknown-session']);

/** What a player needs of the pool. */
export interface PairingPool {
  readonly containers: readonly PairingContainer[];
  readonly nodes: readonly PairingNode[];
  readonly steps: number;
  ledger(node: PairingNode): PairingLedger;
  fail(what: string): void;
}

/** Somebody with pages on nodes. */
export class PairingPlayer {
  readonly playerId: PlayerId;
  /** The connected ones. */
  readonly tabs: PairingTab[] = [];
  /** The last place and the last session, by game. */
  readonly #places = new Map<GameId, string>();
  readonly #grants = new Map<GameId, PlayGrant>();
  readonly #pool: PairingPool;

  constructor(playerId: PlayerId, pool: PairingPool) {
    this.playerId = playerId;
    this.#pool = pool;
  }

  /** Opens a page and plays. */
  arrive(node: PairingNode, gameId: GameId, arrival: Arrival): void {
    const ledger = this.#pool.ledger(node);
    const tab = new PairingTab(this.playerId, gameId, node, this.#pool.steps, {
      handleOffer: (one, ticketId) => ledger.handleOffer(one, ticketId),
      handleOfferOver: (one, ticketId) => ledger.handleOfferOver(one, ticketId),
      handleHungUp: ({ sessionId }) => this.#containerOf(sessionId)?.handlePeer(sessionId, false),
    });
    this.tabs.push(tab);
    node.tabs.push(tab);
    const grant = this.#grants.get(gameId);
    if (arrival === 'to its session' && grant) this.#attach(tab, grant);
    else this.#play(tab, arrival);
  }

  /** Takes the place that is offered. @param isCalm whether nothing can come between. */
  accept(tab: PairingTab, isCalm = false): void {
    const { ticketId, node } = tab;
    if (!ticketId || !tab.offered || tab.phase !== 'waiting') return;
    const ledger = this.#pool.ledger(node);
    const sessionId = ledger.offerOf(ticketId);
    const mustWork = isCalm && sessionId !== undefined && this.#isKept(node, sessionId);
    tab.phase = 'accepting';
    ledger.handleAccept(ticketId);
    const granted = (grant: PlayGrant) => {
      ledger.handleDecided(ticketId);
      if (!node.alive) return;
      if (grant.sessionId !== sessionId) this.#pool.fail('another place is given than was offered');
      ledger.handleOver(tab, ticketId);
      this.#handleGrant(tab, grant);
    };
    const refused = (thrown: unknown) => {
      ledger.handleDecided(ticketId);
      const { code } = toRockpoolError(thrown);
      if (!node.alive || tab.phase !== 'accepting') return;
      const isHeld = ledger.isHeldBy(tab, ticketId);
      if (code === 'rate-limited') {
        if (this.#sessionsBut(node, sessionId) < 2)
          this.#pool.fail('a place is refused to who has one game');
        ledger.handleNotTaken(ticketId, sessionId);
        tab.phase = 'waiting';
        return;
      }
      if (mustWork) this.#pool.fail(`what was kept is not given: ${code}`);
      if (isHeld && tab.connected && NOT_FOR_HERE.has(code)) {
        this.#pool.fail(`who is there and in turn is refused: ${code}`);
      }
      tab.offered = false;
      if (!isHeld) tab.rest();
      else tab.phase = 'waiting';
      ledger.handleNotStarted(ticketId, this.#pool.steps);
    };
    node.plane.broker.accept(tab, { ticketId }, granted).catch(refused);
  }

  /** Tells what it measured. @param opened how many of the ways opened. */
  choose(tab: PairingTab, opened: number): void {
    const { node, tried } = tab;
    tab.isMeasuring = false;
    const paths = tried
      .slice(0, opened)
      .map(({ sessionId }, at) => ({ sessionId, roundTripMs: 80 - 20 * at }));
    node.plane.broker
      .choose(tab, { paths }, (choice) => this.#handleAnswer(tab, choice, undefined))
      .catch(() => tab.phase === 'asking' && tab.rest());
  }

  leaveLine(tab: PairingTab): void {
    const { ticketId, node } = tab;
    if (!ticketId || tab.phase === 'playing') return;
    node.plane.line.leave(tab, ticketId);
    this.#pool.ledger(node).handleOver(tab, ticketId);
    this.#places.delete(tab.gameId);
    tab.rest();
  }

  leaveGame(tab: PairingTab): void {
    const { grant, node } = tab;
    if (!grant) return;
    try {
      node.plane.broker.leave(tab, { sessionId: grant.sessionId });
    } catch (error) {
      if (toRockpoolError(error).code !== 'unknown-session') throw error;
    }
    tab.rest();
  }

  /** The page is gone, or its network. */
  close(tab: PairingTab): void {
    this.#drop(tab);
    tab.node.plane.broker.handlePlayerGone(tab);
    this.#pool.ledger(tab.node).handleGone(tab);
  }

  handleNodeCrashed(node: PairingNode): void {
    for (const tab of this.tabs.filter((one) => one.node === node)) this.#drop(tab);
  }

  #drop(tab: PairingTab): void {
    tab.connected = false;
    this.tabs.splice(this.tabs.indexOf(tab), 1);
    tab.node.tabs.splice(tab.node.tabs.indexOf(tab), 1);
    if (tab.grant) tab.rest();
  }

  #play(tab: PairingTab, arrival: Arrival): void {
    const { node, gameId } = tab;
    const placeToken = arrival === 'with its place' ? this.#places.get(gameId) : undefined;
    const grant = arrival === 'with its session' ? this.#grants.get(gameId) : undefined;
    // A page that lost its connection knows its place all the while.
    if (placeToken !== undefined) tab.ticketId = placeClaims(placeToken).ticketId;
    const request: PlayRequest = {
      gameId,
      settings: DEFAULT_STREAM_SETTINGS,
      codecs: ['h264'],
      mayMeasure: arrival === 'new',
      ...(placeToken !== undefined && { placeToken }),
      ...(grant && { resume: { sessionId: grant.sessionId, resumeToken: grant.resumeToken } }),
    };
    node.plane.broker
      .play(tab, request, (answer) => this.#handleAnswer(tab, answer, placeToken))
      .catch(() => tab.phase === 'asking' && tab.rest());
  }

  #attach(tab: PairingTab, grant: PlayGrant): void {
    const { sessionId, resumeToken } = grant;
    const attached = () => {
      if (tab.node.alive) this.#handlePlaying(tab, grant);
    };
    tab.node.plane.broker
      .attach(tab, { sessionId, resumeToken })
      .then(attached, () => tab.phase === 'asking' && tab.rest());
  }

  #handleAnswer(tab: PairingTab, answer: PlayAnswer, kept: string | undefined): void {
    const { node } = tab;
    if (!node.alive) return;
    if (answer.kind === 'granted') {
      this.#handleGrant(tab, answer.grant);
      return;
    }
    if (answer.kind === 'measure') {
      tab.tried = answer.candidates;
      tab.isMeasuring = true;
      return;
    }
    const { ticketId, sinceMs } = placeClaims(answer.placeToken);
    if (kept !== undefined && sinceMs > placeClaims(kept).sinceMs) {
      this.#pool.fail('who comes back is put further back');
    }
    this.#places.set(tab.gameId, answer.placeToken);
    tab.ticketId = ticketId;
    tab.phase = 'waiting';
    const waitsSince = this.#pool.steps;
    this.#pool.ledger(node).handleWaiting(tab, { ticketId, sinceMs, waitsSince });
  }

  #handleGrant(tab: PairingTab, grant: PlayGrant): void {
    this.#places.delete(tab.gameId);
    this.#grants.set(tab.gameId, grant);
    this.#handlePlaying(tab, grant);
  }

  #handlePlaying(tab: PairingTab, grant: PlayGrant): void {
    const { sessionId } = grant;
    const container = this.#containerOf(sessionId);
    const game = container?.games.get(sessionId);
    if (game && game.playerId !== this.playerId) this.#pool.fail("a player has another's session");
    tab.rest();
    if (!tab.connected) return;
    tab.phase = 'playing';
    tab.grant = grant;
    container?.handlePeer(sessionId, true);
  }

  /** Whether a container keeps a place, and nothing is in the way of its becoming a session. */
  #isKept(node: PairingNode, sessionId: SessionId): boolean {
    return this.#pool.containers.some((container) => {
      const { containerId } = container.hello;
      const known = node.plane.containers.link(containerId);
      const isReached =
        known === container.link ||
        (known instanceof RemoteContainerLink &&
          known.nodeId === container.node?.identity?.nodeId &&
          container.node.plane.containers.link(containerId) === container.link);
      return !container.broken && container.isReserved(sessionId) && isReached;
    });
  }

  #sessionsBut(node: PairingNode, sessionId: SessionId | undefined): number {
    const own = node.plane.sessions.ofPlayer(this.playerId);
    return own.filter((session) => session.sessionId !== sessionId).length;
  }

  #containerOf(sessionId: SessionId): PairingContainer | undefined {
    return this.#pool.containers.find(({ games }) => games.has(sessionId));
  }
}

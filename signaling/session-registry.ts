import type { Capacity } from '../protocol/capacity.ts';
import type { ContainerId, GameId, PlayerId, SessionId } from '../protocol/ids.ts';
import type { PairingDecision } from '../protocol/pairing-decision.ts';
import type { Offer, Place, SessionEnded, TicketRequest } from '../protocol/player-messages.ts';
import type { SessionSignal } from '../protocol/session-signal.ts';
import type { SessionState } from '../protocol/session-state.ts';
import type { BuildId } from '../protocol/studio-builds.ts';
import type { NodeId } from './nodes/node-messages.ts';

/** One socket of a player as the rest of signaling sees it. */
export interface PlayerLink {
  readonly playerId: PlayerId;
  /** Of the peer: limits count by it. */
  readonly address: string;
  readonly connected: boolean;
  signal(signal: SessionSignal): void;
  sessionEnded(ended: SessionEnded): void;
  /** Whether the machine of a session has a connection to signaling. */
  container(news: { readonly sessionId: SessionId; readonly present: boolean }): void;
  place(place: Place): void;
  offer(offer: Offer): void;
  offerOver(ticket: TicketRequest): void;
}

/** One play, from pairing to end. */
export interface Session {
  readonly sessionId: SessionId;
  /** Of a place that a container is asked to keep: whom it was asked for, until it is given. */
  playerId: PlayerId;
  readonly containerId: ContainerId;
  readonly gameId: GameId;
  /** What is played of a studio's game, to the end of the session whatever is released meanwhile. */
  readonly buildId?: BuildId | undefined;
  /** What it takes of its container; undefined where that was decided before signaling started. */
  readonly needs: Capacity | undefined;
  /** Why it is on this container; undefined where that was decided before signaling started. */
  decision: PairingDecision | undefined;
  /** Epoch milliseconds; where signaling started later, since it knows of it. */
  readonly beganMs: number;
  state: SessionState;
  /** True until the container has accepted it: the slot is reserved, nothing runs yet. */
  assigning: boolean;
  /** The socket it is relayed to; undefined while the player's socket is away. */
  player: PlayerLink | undefined;
  /** What the container sent before the player was granted the session; undefined: relay at once. */
  held: SessionSignal[] | undefined;
  /** Its connection is being tried: there may never be a game on it. */
  onTrial?: boolean;
  /** The node that has its player's socket, or has asked for it, where that is another one. */
  seat?: NodeId | undefined;
  /** When a socket last took it, epoch milliseconds, where there are several nodes. */
  boundMs?: number;
}

/** A session that runs on its container and began before this process knew of it. */
export function adopted(
  known: Pick<
    Session,
    'sessionId' | 'playerId' | 'containerId' | 'gameId' | 'buildId' | 'beganMs' | 'state'
  >,
): Session {
  return {
    ...known,
    needs: undefined,
    decision: undefined,
    assigning: false,
    player: undefined,
    held: undefined,
  };
}

/** A session of a player that nobody is looking at. */
export function leftBehind(own: readonly Session[]): Session | undefined {
  return own.find(
    ({ state, assigning, player, seat }) =>
      // What is kept for a player, or about to start, is not left behind.
      !assigning && (state === 'interrupted' || (state === 'connecting' && !player && !seat)),
  );
}

/** Why a session is over. */
export type SessionConclusion = Omit<SessionEnded, 'sessionId'>;

/** Hears of every change that others may need to know of. */
export interface SessionObserver {
  handleAdded(session: Session): void;
  /** It has begun, or is in another state. */
  handleChanged(session: Session): void;
  /** @param end undefined where it had not begun. */
  handleRemoved(session: Session, end: SessionConclusion | undefined): void;
}

/** Every session there is. Those still assigning count: they hold their slot. */
export class SessionRegistry {
  readonly #sessions = new Map<SessionId, Session>();
  readonly #ofPlayer = new Map<PlayerId, Set<Session>>();
  readonly #onContainer = new Map<ContainerId, Set<Session>>();
  #handleChange: (containerId: ContainerId) => void = () => {};
  #observer: SessionObserver | undefined;

  /** @param handleChange told of each container that has one session more, or fewer. */
  watch(handleChange: (containerId: ContainerId) => void): void {
    this.#handleChange = handleChange;
  }

  observe(observer: SessionObserver): void {
    this.#observer = observer;
  }

  get(sessionId: SessionId): Session | undefined {
    return this.#sessions.get(sessionId);
  }

  add(session: Session): void {
    this.#sessions.set(session.sessionId, session);
    addTo(this.#ofPlayer, session.playerId, session);
    addTo(this.#onContainer, session.containerId, session);
    this.#observer?.handleAdded(session);
    this.#handleChange(session.containerId);
  }

  /** A place that a container is asked to keep: it counts there, and is nobody's yet. */
  hold(session: Session): void {
    this.#sessions.set(session.sessionId, session);
    addTo(this.#onContainer, session.containerId, session);
    this.#observer?.handleAdded(session);
    this.#handleChange(session.containerId);
  }

  /** What was held is this player's. */
  give(session: Session, player: PlayerLink): void {
    session.player = player;
    this.own(session, player.playerId);
  }

  /** The same, where the player is at another node. */
  own(session: Session, playerId: PlayerId): void {
    removeFrom(this.#ofPlayer, session.playerId, session);
    session.playerId = playerId;
    addTo(this.#ofPlayer, session.playerId, session);
  }

  /** It has begun, or is in another state. */
  changed(session: Session): void {
    if (this.#sessions.get(session.sessionId) === session) this.#observer?.handleChanged(session);
  }

  /** @param end left out where it had not begun. */
  remove(session: Session, end?: SessionConclusion): void {
    if (!this.#sessions.delete(session.sessionId)) return;
    removeFrom(this.#ofPlayer, session.playerId, session);
    removeFrom(this.#onContainer, session.containerId, session);
    this.#observer?.handleRemoved(session, end);
    this.#handleChange(session.containerId);
  }

  all(): IterableIterator<Session> {
    return this.#sessions.values();
  }

  ofPlayer(playerId: PlayerId): Session[] {
    return [...(this.#ofPlayer.get(playerId) ?? [])];
  }

  onContainer(containerId: ContainerId): Session[] {
    return [...(this.#onContainer.get(containerId) ?? [])];
  }
}

function addTo<K>(index: Map<K, Set<Session>>, key: K, session: Session): void {
  const sessions = index.get(key);
  if (sessions) sessions.add(session);
  else index.set(key, new Set([session]));
}

function removeFrom<K>(index: Map<K, Set<Session>>, key: K, session: Session): void {
  const sessions = index.get(key);
  sessions?.delete(session);
  if (sessions?.size === 0) index.delete(key);
}

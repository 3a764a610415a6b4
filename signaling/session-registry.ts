import type { ContainerId, GameId, PlayerId, SessionId } from '../protocol/ids.ts';
import type { SessionEnded } from '../protocol/player-messages.ts';
import type { SessionSignal } from '../protocol/session-signal.ts';
import type { SessionState } from '../protocol/session-state.ts';

/** One socket of a player as the rest of signaling sees it. */
export interface PlayerLink {
  readonly playerId: PlayerId;
  readonly connected: boolean;
  signal(signal: SessionSignal): void;
  sessionEnded(ended: SessionEnded): void;
}

/** One play, from pairing to end. */
export interface Session {
  readonly sessionId: SessionId;
  readonly playerId: PlayerId;
  readonly containerId: ContainerId;
  readonly gameId: GameId;
  state: SessionState;
  /** True until the container has accepted it: the slot is reserved, nothing runs yet. */
  assigning: boolean;
  /** The socket it is relayed to; undefined while the player's socket is away. */
  player: PlayerLink | undefined;
  /** What the container sent before the player was granted the session; undefined: relay at once. */
  held: SessionSignal[] | undefined;
}

/** Every session there is. Those still assigning count: they hold their slot. */
export class SessionRegistry {
  readonly #sessions = new Map<SessionId, Session>();

  get(sessionId: SessionId): Session | undefined {
    return this.#sessions.get(sessionId);
  }

  add(session: Session): void {
    this.#sessions.set(session.sessionId, session);
  }

  remove(session: Session): void {
    this.#sessions.delete(session.sessionId);
  }

  all(): IterableIterator<Session> {
    return this.#sessions.values();
  }

  ofPlayer(playerId: PlayerId): Session[] {
    return [...this.all()].filter((session) => session.playerId === playerId);
  }

  onContainer(containerId: ContainerId): Session[] {
    return [...this.all()].filter((session) => session.containerId === containerId);
  }
}

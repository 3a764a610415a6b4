import type { Logger } from 'pino';
import type { JoinRequest, SessionStateChange } from '../protocol/container-messages.ts';
import type { ContainerId, SessionId } from '../protocol/ids.ts';
import type { SessionEnded } from '../protocol/player-messages.ts';
import type { SessionSignal } from '../protocol/session-signal.ts';
import type { ContainerLink } from './container-link.ts';
import { endOn, type SessionEnds } from './session-end.ts';
import { isOver, notYours } from './session-refusals.ts';
import {
  adopted,
  type Session,
  type SessionConclusion,
  type SessionRegistry,
} from './session-registry.ts';
import type { SessionRelay } from './session-relay.ts';

/** Containers that come back with older ones have ended them by then: their players were silent. */
const KEPT_REPLACED = 1_000;

export interface HostedSessionsOptions {
  readonly sessions: SessionRegistry;
  readonly relay: SessionRelay;
  readonly ends: SessionEnds;
  /** Epoch milliseconds. */
  readonly wallClockMs: () => number;
  readonly log: Logger;
}

/** What containers, those of other nodes too, make known of the sessions they run. */
export class HostedSessions {
  readonly #options: HostedSessionsOptions;
  /** Sessions of lost containers whose players were given another: to be ended should they come back. */
  readonly #replaced = new Set<SessionId>();

  constructor(options: HostedSessionsOptions) {
    this.#options = options;
  }

  /** Takes over the sessions a container still runs; those it no longer lists are over. */
  handleContainerJoined(link: ContainerLink, running: JoinRequest['sessions']): void {
    const { containerId } = link.hello;
    const listed = new Set<SessionId>();
    for (const { sessionId, playerId, gameId, buildId, state } of running) {
      const known = this.#options.sessions.get(sessionId);
      if (known !== undefined && known.containerId !== containerId) {
        this.#options.log.warn({ sessionId, containerId }, "container lists another's session");
        continue;
      }
      if (this.#replaced.delete(sessionId)) {
        // Its player has long gone on elsewhere.
        void endOn(link, sessionId, this.#options.log);
        continue;
      }
      listed.add(sessionId);
      if (known) {
        known.state = state;
        this.#options.sessions.changed(known);
        known.player?.container({ sessionId, present: true });
      } else {
        const beganMs = this.#options.wallClockMs();
        const found = { sessionId, playerId, containerId, gameId, buildId, beganMs, state };
        this.#options.sessions.add(adopted(found));
      }
    }
    for (const session of this.#options.sessions.onContainer(containerId)) {
      if (!session.assigning && !listed.has(session.sessionId)) {
        this.#options.ends.conclude(session, 'container-lost');
      }
    }
  }

  /** Its players find out by themselves whether their games go on. */
  handleContainerLost(containerId: ContainerId): void {
    for (const { sessionId, player } of this.#options.sessions.onContainer(containerId)) {
      player?.container({ sessionId, present: false });
    }
  }

  handleContainerGone(containerId: ContainerId): void {
    for (const session of this.#options.sessions.onContainer(containerId)) {
      // One still assigning fails by itself, and its player gets another container.
      if (!session.assigning) this.#options.ends.conclude(session, 'container-lost');
    }
  }

  /** @throws RockpoolError where the session is not on this container. */
  handleContainerSignal(link: ContainerLink, signal: SessionSignal): void {
    const session = this.#sessionOn(link, signal.sessionId);
    if (session === undefined) throw isOver();
    this.#options.relay.fromContainer(session, signal);
  }

  /** @throws RockpoolError where the session is not on this container. */
  handleSessionState(link: ContainerLink, change: SessionStateChange): void {
    const session = this.#sessionOn(link, change.sessionId);
    if (session === undefined) throw isOver();
    session.state = change.state;
    this.#options.sessions.changed(session);
  }

  /** One that is over already is no error: the player may have left. @throws RockpoolError */
  handleSessionEnded(link: ContainerLink, ended: SessionEnded): void {
    const session = this.#sessionOn(link, ended.sessionId);
    if (session) this.#options.ends.conclude(session, ended.reason, ended.detail);
  }

  /** The node of its container has told that a session is over. */
  handleEndedElsewhere(session: Session, conclusion: SessionConclusion): void {
    this.#options.ends.concludeElsewhere(session, conclusion);
  }

  /** A socket of its player on another node has the session from now on. */
  handleBoundElsewhere(session: Session): void {
    this.#options.relay.unbind(session);
  }

  /** What a container of another node has to say to a player here. */
  handleSignalElsewhere(signal: SessionSignal): void {
    const session = this.#options.sessions.get(signal.sessionId);
    if (session) this.#options.relay.fromContainer(session, signal);
  }

  /**
   * Lets a player go on elsewhere: nobody hears of their container. Should it come back, it ends what it
   * still runs for them.
   */
  replace(sessionId: SessionId): void {
    const session = this.#options.sessions.get(sessionId);
    if (!session) return;
    session.player = undefined;
    this.#options.ends.conclude(session, 'container-lost');
    this.#replaced.add(sessionId);
    for (const oldest of this.#replaced) {
      if (this.#replaced.size <= KEPT_REPLACED) break;
      this.#replaced.delete(oldest);
    }
  }

  #sessionOn(link: ContainerLink, sessionId: SessionId): Session | undefined {
    const session = this.#options.sessions.get(sessionId);
    if (session && session.containerId !== link.hello.containerId) throw notYours();
    return session;
  }
}

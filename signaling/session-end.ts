import type { Logger } from 'pino';
import type { SessionId } from '../protocol/ids.ts';
import type { EndReason } from '../protocol/session-state.ts';
import type { ContainerLink } from './container-link.ts';
import type { ContainerRegistry } from './container-registry.ts';
import type { SessionListener } from './session-listener.ts';
import { logSession } from './session-log.ts';
import type { Session, SessionConclusion, SessionRegistry } from './session-registry.ts';

/**
 * Has a container end a session, or forget one that has not begun. Resolves when it has confirmed that,
 * or will not.
 * @param link undefined where the container is not connected: then it tells of the session on joining.
 */
export async function endOn(
  link: ContainerLink | undefined,
  sessionId: SessionId,
  log: Logger,
): Promise<void> {
  try {
    await link?.end({ sessionId });
  } catch (err) {
    const containerId = link?.hello.containerId;
    log.warn({ sessionId, containerId, err }, 'container did not confirm the end');
  }
}

export interface SessionEndsOptions {
  readonly sessions: SessionRegistry;
  readonly containers: Pick<ContainerRegistry, 'link'>;
  readonly log: Logger;
  readonly listener: SessionListener;
}

/** What is done when a session is over, whoever has ended it. */
export class SessionEnds {
  readonly #options: SessionEndsOptions;

  constructor(options: SessionEndsOptions) {
    this.#options = options;
  }

  /** Forgets a session and has its container end it. Resolves when that has confirmed it, or will not. */
  async end(session: Session, reason: EndReason): Promise<void> {
    const { containers, log } = this.#options;
    this.conclude(session, reason);
    await endOn(containers.link(session.containerId), session.sessionId, log);
  }

  /** Forgets a session, and tells its player. */
  conclude(session: Session, reason: EndReason, detail?: string): void {
    const { sessions, listener, log } = this.#options;
    const { sessionId, player } = session;
    sessions.remove(session, session.assigning ? undefined : { reason, detail });
    // Its player does not know a session that is still assigning: the answer to `play` tells.
    if (!session.assigning) {
      player?.sessionEnded({ sessionId, reason, ...(detail !== undefined && { detail }) });
      listener.handleEnded(session, reason, detail);
    } else if (session.onTrial) player?.sessionEnded({ sessionId, reason });
    logSession(log, session, `session ended: ${reason}`);
  }

  /** The same, where the node of its container has told that it is over. */
  concludeElsewhere(session: Session, { reason, detail }: SessionConclusion): void {
    const { sessionId, player, assigning } = session;
    this.#options.sessions.remove(session, { reason, detail });
    if (assigning) return;
    player?.sessionEnded({ sessionId, reason, ...(detail !== undefined && { detail }) });
    this.#options.listener.handleEndedElsewhere(session, reason);
  }
}

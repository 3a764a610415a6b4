import type { Session } from '../session-registry.ts';
import type { NodeId, SessionNews } from './node-messages.ts';

/** Whether this node has asked for it, and has not heard yet whether it has begun. */
export function isOwnAsking({ assigning, seat }: Session): boolean {
  return assigning && seat === undefined;
}

/** What others are told of a session. @param nodeId of this node. */
export function describeSession(session: Session, nodeId: NodeId): SessionNews {
  const { sessionId, playerId, containerId, gameId, buildId } = session;
  const { needs, beganMs, state, assigning } = session;
  // Whoever asked for what has not begun answers for it, even if the player has gone.
  const seat = session.player || isOwnAsking(session) ? nodeId : session.seat;
  return {
    sessionId,
    playerId,
    containerId,
    gameId,
    ...(buildId && { buildId }),
    ...(needs && { needs }),
    beganMs,
    state,
    assigning,
    ...(seat && { seat }),
    boundMs: session.boundMs ?? 0,
  };
}

/** A session as another node has told of it. @param nodeId of this node. */
export function sessionFrom(news: SessionNews, nodeId: NodeId): Session {
  const { seat, needs, ...rest } = news;
  return {
    ...rest,
    needs,
    decision: undefined,
    player: undefined,
    held: undefined,
    // A socket of this node that had it has gone meanwhile.
    seat: seat === nodeId ? undefined : seat,
  };
}

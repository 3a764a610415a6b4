import type { Logger } from 'pino';
import type { WarmBuilds } from '../../protocol/build-order.ts';
import type { ContainerId, SessionId } from '../../protocol/ids.ts';
import type { ContainerRegistry } from '../container-registry.ts';
import type { HostedSessions } from '../hosted-sessions.ts';
import type { PlayHistory } from '../play-history.ts';
import { endOn } from '../session-end.ts';
import type { Session, SessionRegistry } from '../session-registry.ts';
import type { WaitingLine } from '../waiting-line.ts';
import { EndingsElsewhere } from './endings-elsewhere.ts';
import type { JoinOrder } from './join-order.ts';
import type { NodeCalls } from './node-calls.ts';
import type {
  ContainerNews,
  EndingNews,
  Holdings,
  News,
  NodeId,
  SeatNews,
  SessionNews,
} from './node-messages.ts';
import { RemoteContainerLink } from './remote-container-link.ts';
import { describeSession, isOwnAsking, sessionFrom } from './session-news.ts';

type Joined = Omit<ContainerNews, 'load' | 'sessions'>;
type Over = Extract<News, { kind: 'over' }>;

export interface PoolMirrorOptions {
  readonly nodeId: NodeId;
  readonly sessions: SessionRegistry;
  readonly containers: ContainerRegistry;
  readonly hosted: HostedSessions;
  readonly line: WaitingLine;
  readonly history: PlayHistory;
  readonly joins: JoinOrder;
  readonly calls: NodeCalls;
  /** Whether a node is heard now. */
  readonly isThere: (nodeId: NodeId) => boolean;
  readonly log: Logger;
  readonly handleEnding: (ending: EndingNews, ended: Promise<void>) => void;
  readonly handleCover: (cover: Extract<News, { kind: 'cover' }>) => void;
}

/**
 * What other nodes hold, as if it were this one's: their containers are joined here over a link that
 * goes through their node, and what they say is handled as what one of our own says.
 */
export class PoolMirror {
  readonly #options: PoolMirrorOptions;
  readonly #endings = new EndingsElsewhere();

  constructor(options: PoolMirrorOptions) {
    this.#options = options;
  }

  handleNews(from: NodeId, news: News): void {
    switch (news.kind) {
      case 'joined':
        this.#join(from, news);
        break;
      case 'load':
        this.#load(from, news);
        break;
      case 'warm-builds':
        this.#noteWarmBuilds(from, news.containerId, news);
        break;
      case 'left':
        this.#lose(from, news.containerId);
        break;
      case 'session':
        this.#noteSession(from, news.session);
        break;
      case 'over':
        this.#endSession(from, news);
        break;
      case 'ending':
        if (news.isOver) this.#endings.end(news.sessionId);
        else this.#options.handleEnding(news, this.#endings.begin(from, news.sessionId));
        break;
      case 'seat':
        this.#seat(from, news);
        break;
      case 'ticket':
        this.#options.line.handleElsewhere(from, news.ticket);
        break;
      case 'ticket-over':
        this.#options.line.handleOverElsewhere(from, news.ticketId);
        break;
      case 'cover':
        this.#options.handleCover(news);
    }
  }

  /** All that another node holds: what is known of it beside that is no more. */
  handleHoldings(from: NodeId, { containers, seats, asking, tickets }: Holdings): void {
    this.#endings.endAll(from);
    // Before there is room for anybody, it is known who waits for it.
    this.#options.line.handleAllElsewhere(from, tickets);
    const held = new Set(containers.map(({ hello }) => hello.containerId));
    for (const containerId of this.#heldBy(from)) {
      if (!held.has(containerId)) this.#lose(from, containerId);
    }
    for (const container of containers) this.#takeContainer(from, container);
    const asked = new Set(asking);
    for (const session of [...this.#options.sessions.all()]) {
      const isCalledOff = session.assigning && session.seat === from;
      if (isCalledOff && !asked.has(session.sessionId)) this.#callOff(session);
    }
    const seated = new Set<SessionId>(seats.map(({ sessionId }) => sessionId));
    for (const session of this.#options.sessions.all()) {
      const isTold = seated.has(session.sessionId) || held.has(session.containerId);
      if (session.seat === from && !session.assigning && !isTold) session.seat = undefined;
    }
    for (const seat of seats) this.#seat(from, seat);
  }

  /** What it held is lost, until it turns up elsewhere. */
  handleGone(from: NodeId): void {
    const { sessions, line } = this.#options;
    this.#endings.endAll(from);
    const held = new Set(this.#heldBy(from));
    for (const containerId of held) this.#lose(from, containerId);
    for (const session of [...sessions.all()]) {
      const { containerId, seat, assigning } = session;
      if (seat === undefined) continue;
      // Of a node that went before this one had met it, nobody tells any more.
      const isLost = !this.#options.isThere(seat) || held.has(containerId);
      if (assigning && isLost) this.#callOff(session);
      else if (seat === from) session.seat = undefined;
    }
    line.handleAllElsewhere(from, []);
  }

  /** The node that had asked for it does not want it any more, or is gone. */
  #callOff(session: Session): void {
    const { sessions, containers, log } = this.#options;
    sessions.remove(session);
    // Nobody comes for what is kept here.
    const link = containers.link(session.containerId);
    if (link && !link.roundTrip) void endOn(link, session.sessionId, log);
  }

  *#heldBy(nodeId: NodeId): Generator<ContainerId> {
    for (const { link } of [...this.#options.containers.links()]) {
      if (link instanceof RemoteContainerLink && link.nodeId === nodeId) {
        yield link.hello.containerId;
      }
    }
  }

  /** The link to a container where that node has it. */
  #linkAt(from: NodeId, containerId: ContainerId): RemoteContainerLink | undefined {
    const link = this.#options.containers.link(containerId);
    return link instanceof RemoteContainerLink && link.nodeId === from ? link : undefined;
  }

  /** @returns whether it is that node which has the container. */
  #join(from: NodeId, { hello, joined, joinedMs }: Joined): boolean {
    const { sessions, containers, hosted, history, joins, calls, nodeId } = this.#options;
    const { containerId } = hello;
    // It has joined another node since.
    if (containers.link(containerId) && joinedMs <= joins.of(containerId)) return false;
    joins.note(containerId, joinedMs);
    const describe = (sessionId: SessionId) => {
      const session = sessions.get(sessionId);
      return session && describeSession(session, nodeId);
    };
    const link = new RemoteContainerLink(hello, from, joinedMs, calls, describe);
    history.recall(containerId);
    containers.join(link, joined);
    hosted.handleContainerJoined(link, joined.sessions);
    return true;
  }

  #takeContainer(from: NodeId, news: ContainerNews): void {
    const { sessions, hosted } = this.#options;
    const { containerId } = news.hello;
    const running = news.sessions.flatMap(
      ({ sessionId, playerId, gameId, buildId, state, assigning }) =>
        assigning
          ? []
          : [{ sessionId, playerId, gameId, ...(buildId && { buildId }), state, attempt: 0 }],
    );
    const known = this.#linkAt(from, containerId);
    if (known?.joinedMs === news.joinedMs) hosted.handleContainerJoined(known, running);
    else if (!this.#join(from, { ...news, joined: { ...news.joined, sessions: running } })) return;
    const told = new Set(news.sessions.map(({ sessionId }) => sessionId));
    for (const session of sessions.onContainer(containerId)) {
      // Another node's, which its container's node does not know of any more.
      const isForgotten = session.assigning && session.seat && !told.has(session.sessionId);
      if (isForgotten) sessions.remove(session);
    }
    for (const session of news.sessions) this.#noteSession(from, session);
    this.#noteWarmBuilds(from, containerId, news.joined.builds);
    this.#load(from, news.load);
  }

  #noteWarmBuilds(from: NodeId, containerId: ContainerId, { warm }: WarmBuilds): void {
    const link = this.#linkAt(from, containerId);
    if (link) this.#options.containers.handleWarmBuilds(link, { warm });
  }

  #load(
    from: NodeId,
    { containerId, load, roundTripMs }: Omit<Extract<News, { kind: 'load' }>, 'kind'>,
  ): void {
    const { containers, calls } = this.#options;
    const link = this.#linkAt(from, containerId);
    if (!link) return;
    link.roundTrip.minimumMs = roundTripMs;
    containers.load(link, load ?? undefined);
    if (load) calls.handleLoad(containerId, from);
  }

  #lose(from: NodeId, containerId: ContainerId): void {
    const { containers, hosted } = this.#options;
    const link = this.#linkAt(from, containerId);
    if (link && containers.leave(link)) hosted.handleContainerLost(containerId);
  }

  #noteSession(from: NodeId, news: SessionNews): void {
    const { sessions, nodeId } = this.#options;
    if (!this.#linkAt(from, news.containerId)) return;
    const known = sessions.get(news.sessionId);
    if (!known) {
      // What this node has asked for and called off is being ended already.
      const isOurs = news.assigning && news.seat === nodeId;
      if (isOurs) return;
      // What is kept is nobody's until it begins.
      if (news.assigning) sessions.hold(sessionFrom(news, nodeId));
      else sessions.add(sessionFrom(news, nodeId));
      return;
    }
    if (known.containerId !== news.containerId) return;
    known.state = news.state;
    // Whether our own has begun is for the answer to say.
    if (isOwnAsking(known)) return;
    if (known.assigning && !news.assigning) sessions.own(known, news.playerId);
    known.assigning &&= news.assigning;
    // Whoever asked for it answers for it until it has begun.
    if (known.assigning || known.player || news.boundMs < (known.boundMs ?? 0)) return;
    known.seat = news.seat === nodeId ? undefined : news.seat;
  }

  #endSession(from: NodeId, { sessionId, end }: Over): void {
    const { sessions, containers, hosted } = this.#options;
    const session = sessions.get(sessionId);
    if (!session || isOwnAsking(session)) return;
    const link = containers.link(session.containerId);
    const isTheirs = !link || this.#linkAt(from, session.containerId) !== undefined;
    if (!isTheirs && !session.assigning) return;
    if (end) hosted.handleEndedElsewhere(session, end);
    else sessions.remove(session);
  }

  /** A player's newest socket has the session, wherever that is. */
  #seat(from: NodeId, { sessionId, taken, boundMs }: SeatNews): void {
    const session = this.#options.sessions.get(sessionId);
    if (!session) return;
    if (!taken) {
      // Who asked for what has not begun answers for it, whether their player is there or not.
      if (session.seat === from && !session.assigning) session.seat = undefined;
      return;
    }
    const knownMs = session.boundMs ?? 0;
    const isOlder =
      boundMs < knownMs || (boundMs === knownMs && from < this.#options.nodeId && session.player);
    if (isOlder) return;
    this.#options.hosted.handleBoundElsewhere(session);
    session.seat = from;
    session.boundMs = boundMs;
  }
}

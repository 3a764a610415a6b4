import { isDeepStrictEqual } from 'node:util';
import type { WarmBuilds } from '../../protocol/build-order.ts';
import type { ContainerLoad, JoinRequest } from '../../protocol/container-messages.ts';
import type { ContainerId, SessionId, TicketId } from '../../protocol/ids.ts';
import type { ContainerLink, KnownContainer } from '../container-link.ts';
import type { ContainerObserver, ContainerRegistry } from '../container-registry.ts';
import type { Session, SessionObserver, SessionRegistry } from '../session-registry.ts';
import type { JoinOrder } from './join-order.ts';
import type { ContainerNews, Holdings, News, NodeId, TicketNews } from './node-messages.ts';
import { describeSession, isOwnAsking } from './session-news.ts';

type LoadNews = Omit<Extract<News, { kind: 'load' }>, 'kind'>;

/** A path is told anew when it has changed by so much: a decision would be the same for less. */
const PATH_CHANGE = 0.2;
/** Or by so many milliseconds, where that is more: near containers are told apart by nobody. */
const PATH_CHANGE_MS = 2;

export interface PoolTellerOptions {
  readonly nodeId: NodeId;
  readonly sessions: SessionRegistry;
  readonly containers: ContainerRegistry;
  readonly joins: JoinOrder;
  /** Those who wait on this node. */
  readonly tickets: () => Iterable<TicketNews>;
  readonly tell: (news: News) => void;
  /** A container of this node has told how full it is. */
  readonly handleOwnLoad: (containerId: ContainerId) => void;
}

/** Tells other nodes what this one holds: its containers, their sessions, its players in line. */
export class PoolTeller implements ContainerObserver, SessionObserver {
  readonly #options: PoolTellerOptions;
  /** What others know of how full the containers of this node are. */
  readonly #loads = new Map<ContainerId, LoadNews>();
  /** Sessions that others know of from this node. */
  readonly #told = new Set<SessionId>();

  constructor(options: PoolTellerOptions) {
    this.#options = options;
  }

  handleJoined({ hello, roundTrip }: ContainerLink, joined: JoinRequest): void {
    if (roundTrip) return;
    const { tell, joins } = this.#options;
    const joinedMs = joins.next(hello.containerId);
    this.#loads.delete(hello.containerId);
    tell({ kind: 'joined', hello: plainHello(hello), joined, joinedMs });
  }

  handleLoad(
    { hello, roundTrip }: ContainerLink,
    load: ContainerLoad | undefined,
    roundTripMs: number | undefined,
  ): void {
    if (roundTrip) return;
    if (load) this.#options.handleOwnLoad(hello.containerId);
    const news = loadNews(hello.containerId, load, roundTripMs);
    if (isSame(this.#loads.get(hello.containerId), news)) return;
    this.#loads.set(hello.containerId, news);
    this.#options.tell({ kind: 'load', ...news });
  }

  handleWarmBuilds({ hello: { containerId }, roundTrip }: ContainerLink, told: WarmBuilds): void {
    if (!roundTrip) this.#options.tell({ kind: 'warm-builds', containerId, ...told });
  }

  handleLeft({ hello: { containerId }, roundTrip }: ContainerLink): void {
    if (roundTrip) return;
    this.#loads.delete(containerId);
    this.#options.tell({ kind: 'left', containerId });
  }

  handleAdded(session: Session): void {
    this.handleChanged(session);
  }

  handleChanged(session: Session): void {
    if (!this.#isOurs(session)) return;
    this.#told.add(session.sessionId);
    const { nodeId, tell } = this.#options;
    tell({ kind: 'session', session: describeSession(session, nodeId) });
  }

  handleRemoved(session: Session, end: Extract<News, { kind: 'over' }>['end']): void {
    const { sessionId } = session;
    // Its container may have been lost meanwhile.
    if (!this.#told.delete(sessionId) && !this.#isOurs(session)) return;
    this.#options.tell({ kind: 'over', sessionId, ...(end && { end }) });
  }

  handleTicket(ticket: TicketNews): void {
    this.#options.tell({ kind: 'ticket', ticket });
  }

  handleTicketOver(ticketId: TicketId): void {
    this.#options.tell({ kind: 'ticket-over', ticketId });
  }

  /** All that this node holds now. */
  holdings(): Holdings {
    const { sessions, containers } = this.#options;
    return {
      containers: [...containers.links()].flatMap(({ link, joined, load, roundTripMs }) =>
        link.roundTrip ? [] : [this.#describe(link, joined, load, roundTripMs)],
      ),
      seats: [...sessions.all()].flatMap(({ sessionId, containerId, player, boundMs = 0 }) =>
        player && containers.link(containerId)?.roundTrip
          ? [{ sessionId, taken: true, boundMs }]
          : [],
      ),
      asking: [...sessions.all()].filter(isOwnAsking).map(({ sessionId }) => sessionId),
      tickets: [...this.#options.tickets()],
    };
  }

  #describe(
    { hello }: ContainerLink,
    joined: JoinRequest,
    load: ContainerLoad | undefined,
    roundTripMs: number | undefined,
  ): ContainerNews {
    const { sessions, joins, nodeId } = this.#options;
    const { containerId } = hello;
    const running = sessions.onContainer(containerId);
    for (const { sessionId } of running) this.#told.add(sessionId);
    return {
      hello: plainHello(hello),
      // What it ran when it joined is of no interest any more.
      joined: { ...joined, sessions: [] },
      joinedMs: joins.of(containerId),
      load: loadNews(containerId, load, roundTripMs),
      sessions: running.map((session) => describeSession(session, nodeId)),
    };
  }

  #isOurs({ containerId }: Session): boolean {
    const link = this.#options.containers.link(containerId);
    return link !== undefined && !link.roundTrip;
  }
}

/** Neither the join token nor anything else that only its own node needs. */
function plainHello({ containerId, publicKey, name, region }: KnownContainer) {
  return { containerId, publicKey, name, region };
}

function loadNews(
  containerId: ContainerId,
  load: ContainerLoad | undefined,
  roundTripMs: number | undefined,
): LoadNews {
  return { containerId, load: load ?? null, ...(roundTripMs !== undefined && { roundTripMs }) };
}

function isAsFar(knownMs: number | undefined, roundTripMs: number | undefined): boolean {
  if (knownMs === undefined || roundTripMs === undefined) return knownMs === roundTripMs;
  return Math.abs(roundTripMs - knownMs) <= Math.max(PATH_CHANGE * knownMs, PATH_CHANGE_MS);
}

function isSame(known: LoadNews | undefined, news: LoadNews): boolean {
  if (!known) return false;
  return isAsFar(known.roundTripMs, news.roundTripMs) && isDeepStrictEqual(known.load, news.load);
}

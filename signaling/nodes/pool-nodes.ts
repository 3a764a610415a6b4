import type { Logger } from 'pino';
import type { GuestEnded, GuestSignal } from '../../protocol/guest-messages.ts';
import type { ContainerId, GameId } from '../../protocol/ids.ts';
import type { SessionSignal } from '../../protocol/session-signal.ts';
import type { ContainerRegistry } from '../container-registry.ts';
import type { HostedSessions } from '../hosted-sessions.ts';
import type { PlayHistory } from '../play-history.ts';
import type { SessionGuests } from '../session-guests.ts';
import type { Session, SessionRegistry } from '../session-registry.ts';
import type { OtherNodes } from '../session-relay.ts';
import type { Timers } from '../timers.ts';
import type { WaitingLine } from '../waiting-line.ts';
import { CommandDesk } from './command-desk.ts';
import { JoinOrder } from './join-order.ts';
import { failed, NodeCalls } from './node-calls.ts';
import type { EndingNews, NodeBody, NodeId } from './node-messages.ts';
import { NodeRoster } from './node-roster.ts';
import type { PoolBus } from './pool-bus.ts';
import { PoolMirror } from './pool-mirror.ts';
import { PoolTeller } from './pool-teller.ts';

/** This node among others. */
export interface NodeIdentity {
  readonly nodeId: NodeId;
  /** For people. */
  readonly name: string;
  readonly bus: PoolBus;
  readonly beatIntervalMs?: number;
}

type NotTried = Omit<Extract<NodeBody, { kind: 'not-tried' }>, 'kind'>;

export interface PoolNodesOptions {
  readonly identity: NodeIdentity;
  readonly sessions: SessionRegistry;
  readonly containers: ContainerRegistry;
  readonly hosted: HostedSessions;
  readonly guests: SessionGuests;
  readonly line: WaitingLine;
  readonly history: PlayHistory;
  readonly timers: Timers;
  /** Epoch milliseconds. */
  readonly wallClockMs: () => number;
  readonly log: Logger;
  /** A game has another picture. */
  readonly handleCover: (gameId: GameId, webp: Buffer) => void;
  /** A container of another node ends a session: it may bring a save until then. */
  readonly handleEnding: (ending: EndingNews, ended: Promise<void>) => void;
  /** A container could not run a build that this node may have asked it to try out. */
  readonly handleNotTried: (told: NotTried) => void;
  /** A node has come that has the pictures of none. */
  readonly handleNewNode: () => void;
}

/**
 * Makes one pool of what several nodes hold: each tells the others, takes in what they tell, and does
 * for them what only the node with the socket can. Without any, or while they cannot be heard, a node
 * goes on alone with what it has.
 */
export class PoolNodes implements OtherNodes {
  readonly #options: PoolNodesOptions;
  readonly #roster: NodeRoster;
  readonly #calls: NodeCalls;
  readonly #desk: CommandDesk;
  readonly #joins: JoinOrder;
  /** Nodes that were told the pictures of all games. */
  readonly #furnished = new Set<NodeId>();

  constructor(options: PoolNodesOptions) {
    this.#options = options;
    const { identity, sessions, containers, line, timers, wallClockMs, log } = options;
    const { nodeId } = identity;
    const joins = new JoinOrder(wallClockMs);
    this.#joins = joins;
    this.#desk = new CommandDesk({ nodeId, sessions, containers, timers, log });
    const teller = new PoolTeller({
      nodeId,
      sessions,
      containers,
      joins,
      tickets: () => line.tickets.news(),
      tell: (news) => this.#roster.tell(news),
      handleOwnLoad: (containerId) => this.#calls.handleLoad(containerId, undefined),
    });
    // Assigned below: nothing of another node comes in before this constructor has returned.
    let mirror: PoolMirror;
    this.#roster = new NodeRoster({
      ...identity,
      timers,
      log,
      listener: {
        holdings: () => teller.holdings(),
        handleHoldings: (from, holdings) => mirror.handleHoldings(from, holdings),
        handleNews: (from, news) => mirror.handleNews(from, news),
        handleCall: (from, callId, call) => {
          this.#desk.run(from, call).then(
            (value) =>
              this.#roster.send(from, { kind: 'answer', callId, reply: { ok: true, value } }),
            (thrown) => this.#roster.send(from, { kind: 'answer', callId, reply: failed(thrown) }),
          );
        },
        handleAsked: (from) => {
          if (this.#furnished.has(from)) return;
          this.#furnished.add(from);
          options.handleNewNode();
        },
        handleAnswer: (callId, reply) => this.#calls.handleAnswer(callId, reply),
        handleSignal: (signal) => options.hosted.handleSignalElsewhere(signal),
        handleGuestSignal: (signal) => options.guests.handleSignalElsewhere(signal),
        handleGuestEnded: (ended) => options.guests.handleEndedElsewhere(ended),
        handleNotTried: (told) => options.handleNotTried(told),
        handleGone: (from) => {
          this.#furnished.delete(from);
          this.#calls.handleGone(from);
          mirror.handleGone(from);
        },
      },
    });
    this.#calls = new NodeCalls(this.#roster, timers);
    mirror = new PoolMirror({
      ...options,
      nodeId,
      joins,
      calls: this.#calls,
      isThere: (other) => this.#roster.has(other),
      handleCover: ({ gameId, webp }) => options.handleCover(gameId, Buffer.from(webp, 'base64')),
    });
    sessions.observe(teller);
    containers.observe(teller);
    line.tickets.observe(teller);
  }

  /** Other nodes that are there now, by their names. */
  get names(): string[] {
    return this.#roster.names;
  }

  /** Whether this node does what one of all nodes has to do: the first of those that hear each other. */
  get isInCharge(): boolean {
    const { nodeId } = this.#options.identity;
    return this.#roster.ids.every((other) => nodeId < other);
  }

  /** Whether other nodes can be heard at all. */
  get connected(): boolean {
    return this.#roster.connected;
  }

  tellSeat(session: Session, taken: boolean): void {
    const { sessionId, boundMs = 0 } = session;
    if (taken) session.boundMs = Math.max(this.#options.wallClockMs(), boundMs + 1);
    session.seat = undefined;
    this.#roster.tell({ kind: 'seat', sessionId, taken, boundMs: session.boundMs ?? 0 });
  }

  signal({ seat }: Session, signal: SessionSignal): void {
    if (seat) this.#roster.send(seat, { kind: 'signal', signal });
  }

  /** A container here has something to say to a guest, who may be at another node. */
  tellGuestSignal(signal: GuestSignal): void {
    this.#roster.sendAll({ kind: 'guest-signal', signal });
  }

  tellGuestEnded(ended: GuestEnded): void {
    this.#roster.sendAll({ kind: 'guest-ended', ended });
  }

  /** A container could not run a build that another node may have asked it to try out. */
  tellNotTried({ buildId, tryOutId, why }: NotTried): void {
    this.#roster.sendAll({ kind: 'not-tried', buildId, tryOutId, why });
  }

  /** A game of a container here has another picture. */
  tellCover(gameId: GameId, webp: Uint8Array): void {
    this.#roster.tell({ kind: 'cover', gameId, webp: Buffer.from(webp).toString('base64') });
  }

  /** A container here ends a session. @param ended settles when it has brought what that kept. */
  tellEnding(ending: Omit<EndingNews, 'isOver'>, ended: Promise<unknown>): void {
    this.#roster.tell({ kind: 'ending', ...ending, isOver: false });
    const over = () => this.#roster.tell({ kind: 'ending', ...ending, isOver: true });
    ended.then(over, over);
  }

  /** A container will not come back. */
  forget(containerId: ContainerId): void {
    this.#joins.forget(containerId);
  }

  /** The others are told that it closes. The bus stays open. */
  close(): void {
    this.#calls.close();
    this.#desk.close();
    this.#roster.close();
  }
}

import type { Logger } from 'pino';
import type { z } from 'zod';
import type { GuestEnded, GuestSignal } from '../../protocol/guest-messages.ts';
import type { Timers } from '../timers.ts';
import {
  type Holdings,
  type News,
  NODE_VERSION,
  type NodeBody,
  type NodeId,
  nodeGreetingSchema,
  nodeMessageSchema,
} from './node-messages.ts';
import type { PoolBus } from './pool-bus.ts';

/** How often a node says that it is there. */
export const BEAT_INTERVAL_MS = 300;

/**
 * After so many beats without a word a node is gone: with the next pairing's time that is well below two
 * seconds. They are counted, not timed: a process that was itself held up has heard nobody meanwhile.
 */
const SILENT_BEATS = 4;

/** Containers, or tickets, in one message: with games that makes some hundred KiB. */
const PART_SIZE = 50;

export interface NodeRosterOptions {
  readonly nodeId: NodeId;
  /** For people. */
  readonly name: string;
  readonly bus: PoolBus;
  readonly timers: Timers;
  readonly log: Logger;
  readonly listener: NodeRosterListener;
  readonly beatIntervalMs?: number;
}

export interface NodeRosterListener {
  /** What this node holds, for one that asks. */
  holdings(): Holdings;
  /** What another one holds, where it is all known. News come after it, in order, and none is missing. */
  handleHoldings(nodeId: NodeId, holdings: Holdings): void;
  handleNews(nodeId: NodeId, news: News): void;
  /** It was told what this node holds: what else it should have comes now. */
  handleAsked(nodeId: NodeId): void;
  handleCall(
    nodeId: NodeId,
    callId: number,
    call: Extract<NodeBody, { kind: 'call' }>['call'],
  ): void;
  handleAnswer(callId: number, reply: Extract<NodeBody, { kind: 'answer' }>['reply']): void;
  handleSignal(signal: Extract<NodeBody, { kind: 'signal' }>['signal']): void;
  handleGuestSignal(signal: GuestSignal): void;
  handleGuestEnded(ended: GuestEnded): void;
  handleNotTried(told: Extract<NodeBody, { kind: 'not-tried' }>): void;
  /** It closed, or has been silent for long. */
  handleGone(nodeId: NodeId): void;
}

interface Peer {
  readonly name: string;
  /** The news of it that were taken in; undefined while something is missing. */
  count: number | undefined;
  /** Of what it holds, the parts that have come, and how many are to come. */
  parts: { readonly holdings: Holdings; left: number } | undefined;
  silentBeats: number;
  /** Beats until it is asked again: its answer may be long. */
  askedBeats: number;
}

/**
 * The other nodes. Each counts its news: who has missed one asks that node for all it holds, so nothing
 * depends on every word being heard.
 */
export class NodeRoster {
  readonly #options: NodeRosterOptions;
  readonly #peers = new Map<NodeId, Peer>();
  /** Nodes of another release that were told of in the log. */
  readonly #refused = new Set<string>();
  #told = 0;
  #cancelBeat = () => {};
  #closed = false;

  constructor(options: NodeRosterOptions) {
    this.#options = options;
    options.bus.listen((message) => this.#receive(message));
    this.#beat();
  }

  /** The others that are there now, by their names. */
  get names(): string[] {
    return [...this.#peers.values()].map(({ name }) => name);
  }

  get ids(): NodeId[] {
    return [...this.#peers.keys()];
  }

  /** Whether other nodes can be heard at all. */
  get connected(): boolean {
    return this.#options.bus.connected;
  }

  has(nodeId: NodeId): boolean {
    return this.#peers.has(nodeId);
  }

  /** Tells all others what is new here. */
  tell(news: News): void {
    if (this.#closed) return;
    this.#told++;
    // Who comes later, or hears nothing of this, asks for all there is.
    if (this.#peers.size > 0) this.#send({ kind: 'news', count: this.#told, news });
  }

  /** Says something to one other node. */
  send(to: NodeId, body: NodeBody): void {
    this.#send(body, to);
  }

  /** Says something to all other nodes that none of them needs to have heard. */
  sendAll(body: NodeBody): void {
    if (this.#peers.size > 0) this.#send(body);
  }

  close(): void {
    if (this.#closed) return;
    this.#send({ kind: 'bye' });
    this.#closed = true;
    this.#cancelBeat();
    this.#peers.clear();
  }

  #send(body: NodeBody, to?: NodeId): void {
    if (this.#closed) return;
    const { nodeId: from, name, bus } = this.#options;
    // Calls say by themselves what they are about, and news go before what is said after them.
    const isPatient = body.kind === 'news';
    bus.send({ version: NODE_VERSION, from, name, ...(to && { to }), body }, isPatient);
  }

  #beat(): void {
    const { timers, beatIntervalMs = BEAT_INTERVAL_MS } = this.#options;
    this.#send({ kind: 'beat', count: this.#told });
    for (const [nodeId, peer] of this.#peers) {
      peer.silentBeats++;
      peer.askedBeats--;
      if (peer.silentBeats > SILENT_BEATS) this.#forget(nodeId, 'is silent');
    }
    this.#cancelBeat = timers.after(beatIntervalMs, () => this.#beat());
  }

  #receive(message: unknown): void {
    if (this.#closed) return;
    const parsed = nodeMessageSchema.safeParse(message);
    if (!parsed.success) {
      this.#handleForeign(message, parsed.error.issues[0]);
      return;
    }
    const { from, name, to, body } = parsed.data;
    if (from === this.#options.nodeId || (to !== undefined && to !== this.#options.nodeId)) {
      // A message for another node still shows that its sender is there.
      const peer = this.#peers.get(from);
      if (peer) peer.silentBeats = 0;
      return;
    }
    if (body.kind === 'bye') {
      if (this.#peers.has(from)) this.#forget(from, 'has closed');
      return;
    }
    this.#take(from, this.#meet(from, name), body);
  }

  /** What is not understood is another release's, or nobody's. */
  #handleForeign(message: unknown, issue: z.core.$ZodIssue | undefined): void {
    const greeting = nodeGreetingSchema.safeParse(message).data;
    if (greeting?.version === NODE_VERSION) {
      const at = issue?.path.join('.');
      this.#options.log.error({ node: greeting.name, at }, `not understood: ${issue?.message}`);
    } else this.#refuse(greeting?.name ?? '', greeting?.version ?? 'unknown');
  }

  #meet(nodeId: NodeId, name: string): Peer {
    const known = this.#peers.get(nodeId);
    if (known) {
      known.silentBeats = 0;
      return known;
    }
    const peer: Peer = {
      name,
      count: undefined,
      parts: undefined,
      silentBeats: 0,
      askedBeats: 0,
    };
    this.#peers.set(nodeId, peer);
    this.#options.log.info({ nodeId, node: name }, 'another node is there');
    // It may not have heard of this one yet, and asks when it does.
    this.#send({ kind: 'beat', count: this.#told });
    this.#ask(nodeId, peer);
    return peer;
  }

  #take(from: NodeId, peer: Peer, body: NodeBody): void {
    const { listener } = this.#options;
    switch (body.kind) {
      case 'beat':
        if (peer.count !== body.count) this.#ask(from, peer);
        break;
      case 'news':
        this.#takeNews(from, peer, body.count, body.news);
        break;
      case 'ask':
        this.#answerAll(from);
        listener.handleAsked(from);
        break;
      case 'all':
        this.#takeHoldings(from, peer, body);
        break;
      case 'call':
        listener.handleCall(from, body.callId, body.call);
        break;
      case 'answer':
        listener.handleAnswer(body.callId, body.reply);
        break;
      case 'signal':
        listener.handleSignal(body.signal);
        break;
      case 'guest-signal':
        listener.handleGuestSignal(body.signal);
        break;
      case 'not-tried':
        listener.handleNotTried(body);
        break;
      case 'guest-ended':
        listener.handleGuestEnded(body.ended);
    }
  }

  #takeNews(from: NodeId, peer: Peer, count: number, news: News): void {
    if (peer.count !== undefined && count <= peer.count) return;
    if (peer.count === undefined || count > peer.count + 1) {
      this.#ask(from, peer);
      return;
    }
    peer.count = count;
    this.#options.listener.handleNews(from, news);
  }

  #takeHoldings(
    from: NodeId,
    peer: Peer,
    { count, isFirst, left, holdings }: Extract<NodeBody, { kind: 'all' }>,
  ): void {
    if (isFirst) {
      const nothing = { containers: [], seats: [], asking: [], tickets: [] };
      peer.parts = { holdings: nothing, left: left + 1 };
    }
    const { parts } = peer;
    if (parts?.left !== left + 1) {
      // One of them was lost: it is asked anew at its next word.
      peer.askedBeats = 0;
      return;
    }
    parts.left = left;
    parts.holdings.containers.push(...holdings.containers);
    parts.holdings.seats.push(...holdings.seats);
    parts.holdings.asking.push(...holdings.asking);
    parts.holdings.tickets.push(...holdings.tickets);
    if (left > 0) return;
    peer.parts = undefined;
    peer.askedBeats = 0;
    peer.count = count;
    this.#options.listener.handleHoldings(from, parts.holdings);
  }

  /** What follows is of no use before the answer. */
  #ask(nodeId: NodeId, peer: Peer): void {
    peer.count = undefined;
    if (peer.askedBeats > 0) return;
    peer.parts = undefined;
    peer.askedBeats = SILENT_BEATS;
    this.#send({ kind: 'ask' }, nodeId);
  }

  /** At once, so that no news come in between. */
  #answerAll(to: NodeId): void {
    const { containers, seats, asking, tickets } = this.#options.listener.holdings();
    const lengths = [containers, seats, asking, tickets].map(({ length }) => length);
    const most = Math.max(...lengths, 1);
    const parts = Math.ceil(most / PART_SIZE);
    for (let part = 0; part < parts; part++) {
      const range = [part * PART_SIZE, (part + 1) * PART_SIZE] as const;
      this.#send(
        {
          kind: 'all',
          count: this.#told,
          isFirst: part === 0,
          left: parts - part - 1,
          holdings: {
            containers: containers.slice(...range),
            seats: seats.slice(...range),
            asking: asking.slice(...range),
            tickets: tickets.slice(...range),
          },
        },
        to,
      );
    }
  }

  #forget(nodeId: NodeId, why: string): void {
    const name = this.#peers.get(nodeId)?.name;
    this.#peers.delete(nodeId);
    this.#options.log.warn({ nodeId, node: name }, `another node ${why}`);
    this.#options.listener.handleGone(nodeId);
  }

  #refuse(name: string, version: string): void {
    const key = `${name} ${version}`;
    if (this.#refused.has(key)) return;
    this.#refused.add(key);
    this.#options.log.error(
      { node: name, version },
      `a node speaks version ${version} and this one ${NODE_VERSION}: they share no pool. Run one release on all nodes.`,
    );
  }
}

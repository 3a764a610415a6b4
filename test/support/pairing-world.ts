import { containerIdSchema, type PlayerId, playerIdSchema } from '../../protocol/ids.ts';
import { nodeIdSchema } from '../../signaling/nodes/node-messages.ts';
import type { NodeIdentity } from '../../signaling/nodes/pool-nodes.ts';
import { PairingClock, settle } from './pairing-clock.ts';
import { PAIRING_GAMES, PairingContainer } from './pairing-container.ts';
import { PairingLedger } from './pairing-ledger.ts';
import type { Command, PairingLink } from './pairing-link.ts';
import { PairingNode } from './pairing-node.ts';
import { PairingPlayer } from './pairing-player.ts';
import type { PairingTab } from './pairing-tab.ts';
import { PlainTokens } from './pairing-tokens.ts';
import { SimulatedBus } from './simulated-bus.ts';

const NODES = 2;
const PLAYERS = 5;
const SLOTS = [1, 2];
/** What one event can lead to by itself, many times over. */
const MOST_DELIVERIES = 400;
/** The same where nodes tell one another all of it, and that they are there. */
const MOST_DELIVERIES_SHARED = 2_000;
/** Time passes in long steps here. */
const BEAT_INTERVAL_MS = 3_000;

/** A pool in one process: nodes, containers and players, and all that is under way between them. */
export class PairingWorld {
  readonly clock = new PairingClock();
  readonly nodes: PairingNode[] = [];
  readonly containers: readonly PairingContainer[];
  readonly players: readonly PairingPlayer[];
  readonly tokens = new PlainTokens();
  readonly #ledgers = new Map<PairingNode, PairingLedger>();
  readonly #violations: string[] = [];
  readonly bus: SimulatedBus | undefined;
  #nodesStarted = 0;
  steps = 0;

  /** @param isShared whether the nodes make one pool of what they have. */
  constructor(isShared = false) {
    this.bus = isShared ? new SimulatedBus() : undefined;
    for (let at = 0; at < NODES; at++) this.startNode(at);
    this.containers = SLOTS.map(
      (slots, at) =>
        new PairingContainer(
          {
            publicKey: 'A'.repeat(43),
            name: `container ${at}`,
            region: 'local',
            containerId: containerIdSchema.parse(uuid(0xc0 + at)),
          },
          slots,
          this.clock,
          {
            handleCommand: (link, command) => this.#handleCommand(link, command),
            handleDone: (link, { name, request }) => {
              if (name === 'reserve') this.#ledgerOf(link, request)?.handleKept(request.sessionId);
            },
            handleRefused: (link) =>
              this.nodes.find((n) => n.links.has(link))?.handleLinkLost(link),
          },
        ),
    );
    this.players = Array.from(
      { length: PLAYERS },
      (_, at) => new PairingPlayer(playerIdSchema.parse(uuid(0xa0 + at)), this),
    );
  }

  /** Both containers have joined, each a node of its own, and somebody plays on both: one place is left. */
  async start(): Promise<void> {
    this.containers.forEach((container, at) => {
      container.join(this.node(at));
    });
    await this.deliverAll();
    for (const node of this.nodes) {
      this.players.at(-1)?.arrive(node, PAIRING_GAMES[0], 'new');
      await this.deliverAll();
    }
  }

  node(at: number): PairingNode {
    const node = this.nodes[at % this.nodes.length];
    if (!node) throw new Error('There is no node.');
    return node;
  }

  ledger(node: PairingNode): PairingLedger {
    const ledger = this.#ledgers.get(node);
    if (!ledger) throw new Error('This node has no ledger.');
    return ledger;
  }

  get tabs(): PairingTab[] {
    return this.players.flatMap((player) => player.tabs);
  }

  fail(what: string): void {
    this.#violations.push(what);
  }

  /** A node that knows nothing, in the place of the one before. */
  startNode(at: number): void {
    const node = new PairingNode(this.clock, this.tokens, this.#identity(`node ${at}`));
    this.nodes[at] = node;
    const fail = (what: string) => node.alive && this.fail(what);
    const ledger = new PairingLedger(node, this, () => this.clock.nowMs, fail);
    this.#ledgers.set(node, ledger);
  }

  #identity(name: string): NodeIdentity | undefined {
    const nodeId = nodeIdSchema.parse(uuid(0xd00 + this.#nodesStarted++));
    return this.bus && { nodeId, name, bus: this.bus.open(), beatIntervalMs: BEAT_INTERVAL_MS };
  }

  get ledgers(): Iterable<PairingLedger> {
    return this.#ledgers.values();
  }

  async crashNode(at: number): Promise<void> {
    const node = this.node(at);
    node.crash();
    for (const player of this.players) player.handleNodeCrashed(node);
    for (const container of this.containers) if (container.node === node) container.leave();
    this.#ledgers.delete(node);
    this.startNode(at % this.nodes.length);
  }

  /** The nodes see which connections are gone. */
  noticeLost(): void {
    for (const node of this.nodes) {
      for (const link of [...node.links]) {
        if (!this.containers.some((container) => container.link === link))
          node.handleLinkLost(link);
      }
    }
  }

  /** Every message that could be the next to arrive, each of one direction of one connection. */
  get queues(): (() => void)[][] {
    const links = this.nodes.flatMap((node) => [...node.links]);
    return [
      ...links.flatMap(({ down, up }) => [down, up]).filter((queue) => queue.length > 0),
      ...(this.bus?.queues ?? []),
    ];
  }

  /** What containers have begun and not finished. */
  get work(): ((isHeard: boolean) => void)[][] {
    return this.containers.map(({ work }) => work).filter((work) => work.length > 0);
  }

  /** Lets everything arrive and every answer be given, oldest first. */
  async deliverAll(): Promise<void> {
    await this.quiet();
    const most = this.bus ? MOST_DELIVERIES_SHARED : MOST_DELIVERIES;
    for (let count = 0; count < most; count++) {
      const next =
        this.#nextMessage() ?? this.containers.find(({ work }) => work.length > 0)?.work.shift();
      if (!next) return;
      next(true);
      await this.quiet();
    }
    this.fail('they go on and on, and nothing comes of it');
    this.#throwViolations();
  }

  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms, () => this.#check());
    await this.quiet();
  }

  /** Lets what follows from the last event follow, and looks at the pool. */
  async quiet(): Promise<void> {
    await settle();
    this.#check();
  }

  #nextMessage(): (() => void) | undefined {
    for (const { links } of this.nodes) {
      for (const { down, up } of links) {
        const message = down.shift() ?? up.shift();
        if (message) return message;
      }
    }
    return this.bus?.queues[0]?.shift();
  }

  #check(): void {
    for (const { taken, slots, slotsInUse } of this.containers) {
      if (taken > slots) this.fail('a container holds more sessions than it has room for');
      if (new Set(slotsInUse).size < slotsInUse.length) this.fail('two sessions share a slot');
    }
    for (const ledger of this.#ledgers.values()) ledger.check();
    this.#throwViolations();
  }

  #throwViolations(): void {
    if (this.#violations.length > 0) throw new Error(this.#violations.join('; '));
  }

  /** Of the node that has asked for this, be it over another one. */
  #ledgerOf(link: PairingLink, { sessionId }: Command['request']): PairingLedger | undefined {
    const asked = this.nodes.find(({ plane }) => {
      const session = plane.sessions.get(sessionId);
      return session?.assigning && session.seat === undefined;
    });
    // What another node has called off meanwhile is nobody's.
    const node = asked ?? (this.bus ? undefined : this.nodes.find(({ links }) => links.has(link)));
    return node && this.#ledgers.get(node);
  }

  #handleCommand(link: PairingLink, { name, request }: Command): void {
    const ledger = this.#ledgerOf(link, request);
    if (name === 'reserve') ledger?.handleReserve(request.sessionId);
    if (name === 'assign' || name === 'trial') ledger?.handleAssign(request);
  }

  playerOf(playerId: PlayerId): PairingPlayer | undefined {
    return this.players.find((player) => player.playerId === playerId);
  }
}

/** The same in every run, so that a run can be had again. */
function uuid(n: number): string {
  return `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
}

import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { ticketIdSchema } from '../../../protocol/ids.ts';
import {
  type Holdings,
  type News,
  NODE_VERSION,
  nodeIdSchema,
} from '../../../signaling/nodes/node-messages.ts';
import { BEAT_INTERVAL_MS, NodeRoster } from '../../../signaling/nodes/node-roster.ts';
import { ManualTimers } from '../../support/manual-timers.ts';
import { SimulatedBus } from '../../support/simulated-bus.ts';

const NOTHING: Holdings = { containers: [], seats: [], asking: [], tickets: [] };

const ticketOver = (): News => ({
  kind: 'ticket-over',
  ticketId: ticketIdSchema.parse(randomUUID()),
});

/** One node, and what it hears of others. */
class Node {
  readonly timers = new ManualTimers();
  readonly nodeId = nodeIdSchema.parse(randomUUID());
  readonly heard: News[] = [];
  readonly held: Holdings[] = [];
  readonly gone: string[] = [];
  readonly logged: string[] = [];
  holdings = NOTHING;
  readonly roster: NodeRoster;

  constructor(bus: SimulatedBus, name: string) {
    const log = pino({ level: 'error' }, { write: (line: string) => void this.logged.push(line) });
    this.roster = new NodeRoster({
      nodeId: this.nodeId,
      name,
      bus: bus.open(),
      timers: this.timers,
      log,
      listener: {
        holdings: () => this.holdings,
        handleHoldings: (_, holdings) => void this.held.push(holdings),
        handleNews: (_, news) => void this.heard.push(news),
        handleAsked: () => {},
        handleCall: () => {},
        handleAnswer: () => {},
        handleSignal: () => {},
        handleGuestSignal: () => {},
        handleGuestEnded: () => {},
        handleNotTried: () => {},
        handleGone: (nodeId) => void this.gone.push(nodeId),
      },
    });
  }

  beat(times = 1): void {
    for (let beat = 0; beat < times; beat++) this.timers.advance(BEAT_INTERVAL_MS);
  }
}

describe('the roster of nodes', () => {
  let bus: SimulatedBus;
  let one: Node;
  let two: Node;

  /** Everything that is under way, and what follows from it. */
  function deliver(): void {
    for (let queues = bus.queues; queues.length > 0; queues = bus.queues) {
      for (const queue of queues) queue.shift()?.();
    }
  }

  beforeEach(() => {
    bus = new SimulatedBus();
    one = new Node(bus, 'one');
    two = new Node(bus, 'two');
    two.beat();
    deliver();
  });

  it('learns what another node holds before anything new about it', () => {
    expect(one.roster.names).toStrictEqual(['two']);
    expect(two.roster.names).toStrictEqual(['one']);
    expect(one.held).toStrictEqual([NOTHING]);
    const news = ticketOver();
    two.roster.tell(news);
    deliver();
    expect(one.heard).toStrictEqual([news]);
  });

  it('asks for all there is where it has missed something, be it the last word', () => {
    two.roster.tell(ticketOver());
    bus.queues[0]?.shift();
    two.beat();
    deliver();
    expect(one.heard).toStrictEqual([]);
    expect(one.held).toHaveLength(2);
    const [lost, after] = [ticketOver(), ticketOver()];
    two.roster.tell(lost);
    bus.queues[0]?.shift();
    two.roster.tell(after);
    deliver();
    expect(one.held).toHaveLength(3);
    const next = ticketOver();
    two.roster.tell(next);
    deliver();
    expect(one.heard).toStrictEqual([next]);
  });

  it('takes much in parts, and asks anew where one of them is lost', () => {
    const seats = Array.from({ length: 120 }, (_, boundMs) => ({
      sessionId: randomUUID() as never,
      taken: true,
      boundMs,
    }));
    two.holdings = { ...NOTHING, seats };
    two.roster.tell(ticketOver());
    bus.queues[0]?.shift();
    two.beat();
    // The beat, then the question, then three parts of the answer.
    bus.queues[0]?.shift()?.();
    bus.queues[0]?.shift()?.();
    expect(bus.queues[0]).toHaveLength(3);
    bus.queues[0]?.splice(1, 1);
    deliver();
    expect(one.held).toHaveLength(1);
    two.beat();
    deliver();
    expect(one.held.at(-1)).toStrictEqual({ ...NOTHING, seats });
  });

  it('forgets a node that is silent, and takes it for a new one when it speaks again', () => {
    one.beat(4);
    expect(one.gone).toStrictEqual([]);
    one.beat();
    expect(one.gone).toStrictEqual([two.nodeId]);
    expect(one.roster.names).toStrictEqual([]);
    two.beat();
    deliver();
    expect(one.roster.names).toStrictEqual(['two']);
    expect(one.held).toHaveLength(2);
  });

  it('forgets at once a node that says that it closes', () => {
    two.roster.close();
    deliver();
    expect(one.gone).toStrictEqual([two.nodeId]);
  });

  it('refuses a node of another release, and says so once', () => {
    const stranger = bus.open();
    for (let word = 0; word < 3; word++) {
      stranger.send({
        version: '0.0',
        name: 'old',
        from: randomUUID(),
        body: { kind: 'beat', count: 0 },
      });
    }
    deliver();
    expect(one.roster.names).toStrictEqual(['two']);
    expect(one.logged).toHaveLength(1);
    expect(one.logged[0]).toContain(`a node speaks version 0.0 and this one ${NODE_VERSION}`);
  });

  it('takes nothing of what it does not understand, and says so', () => {
    bus.open().send({ version: NODE_VERSION, name: 'odd', from: 'nobody', body: {} });
    deliver();
    expect(one.roster.names).toStrictEqual(['two']);
    expect(one.logged.join()).toContain('not understood');
  });
});

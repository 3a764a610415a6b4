import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ErrorCode } from '../protocol/errors.ts';
import { sessionStateSchema } from '../protocol/session-state.ts';
import type { ControlPlane } from './control-plane.ts';
import type { Candidate } from './indexer/candidate.ts';

/** Where a message came in. */
export type Edge = 'http' | 'handshake' | 'player' | 'container';

const CONTAINER_STATES: readonly Candidate['state'][] = [
  'joining',
  'standby',
  'busy',
  'draining',
  'quarantined',
];

/** What signaling counts, in the text format of Prometheus. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #rejected: Counter<'edge' | 'code'>;
  readonly #pairing: Histogram;

  constructor() {
    const registers = [this.#registry];
    this.#rejected = new Counter({
      name: 'rockpool_rejected_messages_total',
      help: 'Requests and messages answered with an error, or dropped, by edge and error code.',
      labelNames: ['edge', 'code'],
      registers,
    });
    this.#pairing = new Histogram({
      name: 'rockpool_pairing_seconds',
      help: 'From a request to play until a container has accepted the session.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
  }

  /** Counts what there is whenever it is asked for. */
  watch({
    sessions,
    index,
    line,
    nodes,
  }: Pick<ControlPlane, 'sessions' | 'index' | 'line' | 'nodes'>): void {
    const registers = [this.#registry];
    new Gauge({
      name: 'rockpool_sessions',
      help: 'Sessions by state.',
      labelNames: ['state'],
      registers,
      collect() {
        for (const state of sessionStateSchema.options) this.set({ state }, 0);
        for (const { state } of sessions.all()) this.inc({ state });
      },
    });
    new Gauge({
      name: 'rockpool_containers',
      help: 'Joined containers by state.',
      labelNames: ['state'],
      registers,
      collect() {
        for (const state of CONTAINER_STATES) this.set({ state }, 0);
        for (const { state } of index.candidates()) this.inc({ state });
      },
    });
    new Gauge({
      name: 'rockpool_waiting_players',
      help: 'Players who wait for a free place at this node.',
      registers,
      collect() {
        this.set(line.tickets.length);
      },
    });
    if (!nodes) return;
    new Gauge({
      name: 'rockpool_other_nodes',
      help: 'Other nodes of signaling that are heard now; -1 while none could be.',
      registers,
      collect() {
        this.set(nodes.connected ? nodes.names.length : -1);
      },
    });
  }

  countRejected(edge: Edge, code: ErrorCode): void {
    this.#rejected.inc({ edge, code });
  }

  observePairing(seconds: number): void {
    this.#pairing.observe(seconds);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  render(): Promise<string> {
    return this.#registry.metrics();
  }
}

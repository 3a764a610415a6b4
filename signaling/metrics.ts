import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ErrorCode } from '../protocol/errors.ts';
import { sessionStateSchema } from '../protocol/session-state.ts';
import type { SessionRegistry } from './session-registry.ts';

/** Where a message came in. */
export type Edge = 'http' | 'handshake' | 'player' | 'container';

/** What signaling counts, in the text format of Prometheus. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #rejected: Counter<'edge' | 'code'>;
  readonly #pairing: Histogram;

  constructor(sessions: SessionRegistry) {
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

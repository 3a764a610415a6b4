import type { Counters } from '../page-report.ts';
import { followConnections } from './opened-connections.ts';
import type { OwnCost } from './own-cost.ts';

const INTERVAL_MS = 500;

interface Stats {
  readonly type: string;
}

function isInbound(stats: Stats): stats is RTCInboundRtpStreamStats {
  return stats.type === 'inbound-rtp';
}

/** Samples what the browser counts of the page's newest connection. */
export class ConnectionWatch {
  readonly #cost: OwnCost;
  #connection: RTCPeerConnection | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #startMs = 0;
  #counters: Counters[] = [];

  /** To be made before the page's own scripts run: it follows every connection that they open. */
  constructor(cost: OwnCost) {
    this.#cost = cost;
    followConnections((connection) => {
      this.#connection = connection;
    });
  }

  /** Oldest first. */
  get counters(): readonly Counters[] {
    return this.#counters;
  }

  /** @param startMs `performance.now()` of the moment that counters are told from. */
  async start(startMs: number): Promise<void> {
    this.stop();
    this.#startMs = startMs;
    this.#counters = [];
    this.#timer = setInterval(() => void this.sample(), INTERVAL_MS);
    await this.sample();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async sample(): Promise<void> {
    const report = await this.#connection?.getStats();
    if (report) this.#cost.charge(() => this.#read(report));
  }

  #read(report: RTCStatsReport): void {
    let video: RTCInboundRtpStreamStats | undefined;
    let sound: RTCInboundRtpStreamStats | undefined;
    report.forEach((stats: Stats) => {
      if (!isInbound(stats)) return;
      if (stats.kind === 'video') video = stats;
      else sound = stats;
    });
    if (!video) return;
    this.#counters.push({
      atMs: performance.now() - this.#startMs,
      bytesReceived: video.bytesReceived ?? 0,
      packetsReceived: video.packetsReceived ?? 0,
      packetsLost: video.packetsLost ?? 0,
      soundBytesReceived: sound?.bytesReceived ?? 0,
      soundGaps: sound?.concealmentEvents ?? 0,
      soundDelayMs: (sound?.jitterBufferDelay ?? 0) * 1000,
      soundDelays: sound?.jitterBufferEmittedCount ?? 0,
    });
  }
}

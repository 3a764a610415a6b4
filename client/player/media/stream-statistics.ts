/** What the browser counted of the picture, from `getStats()`. */
export interface StreamFigures {
  /** Decoded over the last second. */
  readonly framesPerSecond: number;
  readonly bitrateBps: number;
  /** Since the connection began. */
  readonly packetsLost: number;
  readonly freezes: number;
  readonly droppedFrames: number;
}

interface Reading {
  readonly atMs: number;
  readonly frames: number;
  readonly bytes: number;
}

const WINDOW_MS = 1000;

function isInboundVideo(stats: { type: string }): stats is RTCInboundRtpStreamStats {
  return stats.type === 'inbound-rtp' && 'kind' in stats && stats.kind === 'video';
}

/** Turns the counters of one connection into rates over the last second. */
export class StreamStatistics {
  #readings: Reading[] = [];

  /** Undefined where the report has no picture yet. Fields a browser lacks count as 0. */
  handleReport(report: Iterable<readonly [string, { type: string }]>): StreamFigures | undefined {
    for (const [, stats] of report) {
      if (!isInboundVideo(stats)) continue;
      const reading = {
        atMs: stats.timestamp,
        frames: stats.framesDecoded ?? 0,
        bytes: stats.bytesReceived ?? 0,
      };
      const first = this.#first(reading);
      const seconds = (reading.atMs - first.atMs) / 1000;
      return {
        framesPerSecond: seconds > 0 ? (reading.frames - first.frames) / seconds : 0,
        bitrateBps: seconds > 0 ? ((reading.bytes - first.bytes) * 8) / seconds : 0,
        packetsLost: stats.packetsLost ?? 0,
        freezes: stats.freezeCount ?? 0,
        droppedFrames: stats.framesDropped ?? 0,
      };
    }
    return undefined;
  }

  /** A new connection counts from zero. */
  reset(): void {
    this.#readings = [];
  }

  /** The reading a second ago, or the oldest there is. */
  #first(newest: Reading): Reading {
    this.#readings.push(newest);
    while (newest.atMs - (this.#readings[1]?.atMs ?? newest.atMs) >= WINDOW_MS) {
      this.#readings.shift();
    }
    return this.#readings[0] ?? newest;
  }
}

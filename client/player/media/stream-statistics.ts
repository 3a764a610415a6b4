import type { StreamCounters } from './stream-counters.ts';

/** What the browser measured of the picture. */
export interface StreamFigures {
  /** Decoded over the last second. */
  readonly framesPerSecond: number;
  readonly bitrateBps: number;
  /** How long a frame waited in the jitter buffer, mean over the last second; 0 where none left it. */
  readonly jitterBufferMs: number;
  /** Since the connection began. */
  readonly packetsLost: number;
  readonly freezes: number;
  readonly droppedFrames: number;
}

const WINDOW_MS = 1000;

/** Turns the counters of one connection into rates over the last second. */
export class StreamStatistics {
  #readings: StreamCounters[] = [];

  handleCounters(now: StreamCounters): StreamFigures {
    const first = this.#first(now);
    const seconds = (now.atMs - first.atMs) / 1000;
    const perSecond = (count: number) => (seconds > 0 ? count / seconds : 0);
    const buffered = now.bufferedFrames - first.bufferedFrames;
    return {
      framesPerSecond: perSecond(now.framesDecoded - first.framesDecoded),
      bitrateBps: perSecond((now.bytesReceived - first.bytesReceived) * 8),
      jitterBufferMs: buffered > 0 ? (now.bufferDelayMs - first.bufferDelayMs) / buffered : 0,
      packetsLost: now.packetsLost,
      freezes: now.freezes,
      droppedFrames: now.framesDropped,
    };
  }

  /** A new connection counts from zero. */
  reset(): void {
    this.#readings = [];
  }

  /** The reading a second ago, or the oldest there is. */
  #first(newest: StreamCounters): StreamCounters {
    this.#readings.push(newest);
    while (newest.atMs - (this.#readings[1]?.atMs ?? newest.atMs) >= WINDOW_MS) {
      this.#readings.shift();
    }
    return this.#readings[0] ?? newest;
  }
}

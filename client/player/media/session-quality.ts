import type { BrowserKind } from '../../../protocol/browser-kind.ts';
import type { QualityReport } from '../../../protocol/quality-report.ts';
import type { LatencyReport } from '../latency/percentiles.ts';
import type { StreamCounters } from './stream-counters.ts';

/** Readings farther apart have a pause between them: a hidden page, a connection that was away. */
const LONGEST_STEP_MS = 2_000;

/** Adds up what the browser counted of all connections of one session. */
export class SessionQuality {
  #last: StreamCounters | undefined;
  #frames = 0;
  #freezes = 0;
  #frozenMs = 0;
  #playedMs = 0;
  #bytes = 0;

  /** What is counted from now on is another connection's, which begins at 0. */
  handleConnection(): void {
    this.#last = undefined;
  }

  handleCounters(now: StreamCounters): void {
    const last = this.#last;
    this.#last = now;
    if (!last) return;
    const stepMs = now.atMs - last.atMs;
    if (stepMs <= 0 || stepMs > LONGEST_STEP_MS) return;
    this.#playedMs += stepMs;
    this.#frames += Math.max(0, now.framesDecoded - last.framesDecoded);
    this.#freezes += Math.max(0, now.freezes - last.freezes);
    this.#frozenMs += Math.max(0, now.frozenMs - last.frozenMs);
    this.#bytes += Math.max(0, now.bytesReceived - last.bytesReceived);
  }

  /** @returns undefined where nothing was played. */
  report(latency: LatencyReport, browser: BrowserKind): QualityReport | undefined {
    if (this.#playedMs === 0) return undefined;
    const { width = 0, height = 0 } = this.#last?.decodedSize ?? {};
    const seconds = this.#playedMs / 1000;
    return {
      ...latency,
      frames: this.#frames,
      freezes: this.#freezes,
      frozenMs: this.#frozenMs,
      playedMs: this.#playedMs,
      bitrateBps: (this.#bytes * 8) / seconds,
      width,
      height,
      frameRate: Math.min(this.#frames / seconds, 1000),
      browser,
    };
  }
}

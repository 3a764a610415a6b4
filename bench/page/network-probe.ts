import { followConnections } from '../../gate/page/opened-connections.ts';
import '../../gate/page/pixel-probe.ts';

/** What the browser has counted since its connection began; times since {@link NetworkProbe.start}. */
export interface StatisticsSample {
  readonly atMs: number;
  readonly bytesReceived: number;
  readonly packetsLost: number;
  readonly framesDecoded: number;
  readonly freezeCount: number;
  readonly nackCount: number;
  readonly pliCount: number;
  readonly frameWidth: number;
  /** Time that all frames together spent in the jitter buffer. */
  readonly jitterBufferDelayMs: number;
  /** How many frames that were. */
  readonly jitterBufferFrames: number;
  /** Round trip of the connection's checks; undefined before the first. */
  readonly roundTripMs: number | undefined;
}

export interface NetworkReport {
  /** How long this went on. */
  readonly durationMs: number;
  /** When each frame was displayed, since the start. */
  readonly framesMs: readonly number[];
  /** Mean over the displayed frames, pixels; undefined without any. */
  readonly meanFrameWidth: number | undefined;
  readonly codec: string;
  readonly statistics: readonly StatisticsSample[];
}

const STATISTICS_INTERVAL_MS = 500;

function isInboundVideo(stats: { type: string }): stats is RTCInboundRtpStreamStats {
  return stats.type === 'inbound-rtp' && 'kind' in stats && stats.kind === 'video';
}

function isNominatedPair(stats: { type: string }): stats is RTCIceCandidatePairStats {
  return stats.type === 'candidate-pair' && 'nominated' in stats && stats.nominated === true;
}

/** Follows what a network does to the page's only video: its frames, and what the browser counts. */
class NetworkProbe {
  /** The newest, and so the one in use. */
  #connection: RTCPeerConnection | undefined;
  #video: HTMLVideoElement | undefined;
  #startMs = 0;
  #framesMs: number[] = [];
  #widthSum = 0;
  #codec = '';
  #statistics: StatisticsSample[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor() {
    followConnections((connection) => {
      this.#connection = connection;
    });
  }

  /** Counts from now on. @returns `performance.now()` of that moment. */
  start(): number {
    const video = document.querySelector('video');
    if (!video) throw new Error('This page shows no video.');
    this.#startMs = performance.now();
    this.#framesMs = [];
    this.#widthSum = 0;
    this.#statistics = [];
    if (this.#video !== video) this.#follow(video);
    clearInterval(this.#timer);
    this.#timer = setInterval(() => void this.#sample(), STATISTICS_INTERVAL_MS);
    void this.#sample();
    return this.#startMs;
  }

  take(): NetworkReport {
    clearInterval(this.#timer);
    const framesMs = this.#framesMs;
    return {
      durationMs: performance.now() - this.#startMs,
      framesMs,
      meanFrameWidth: framesMs.length === 0 ? undefined : this.#widthSum / framesMs.length,
      codec: this.#codec,
      statistics: this.#statistics,
    };
  }

  #follow(video: HTMLVideoElement): void {
    this.#video = video;
    // `now` is the moment of the page's frame: whoever reads pixels before this does not delay it.
    const follow: VideoFrameRequestCallback = (now, { width }) => {
      if (this.#video !== video) return;
      video.requestVideoFrameCallback(follow);
      this.#framesMs.push(now - this.#startMs);
      this.#widthSum += width;
    };
    video.requestVideoFrameCallback(follow);
  }

  async #sample(): Promise<void> {
    const report = await this.#connection?.getStats();
    if (!report) return;
    const all: { type: string }[] = [];
    report.forEach((stats) => {
      all.push(stats);
    });
    const video = all.find(isInboundVideo);
    if (!video) return;
    const pair = all.find(isNominatedPair);
    const roundTripS = pair?.currentRoundTripTime;
    const codec = video.codecId && report.get(video.codecId);
    this.#codec = codec ? `${codec.mimeType}` : '';
    this.#statistics.push({
      atMs: performance.now() - this.#startMs,
      bytesReceived: video.bytesReceived ?? 0,
      packetsLost: video.packetsLost ?? 0,
      framesDecoded: video.framesDecoded ?? 0,
      freezeCount: video.freezeCount ?? 0,
      nackCount: video.nackCount ?? 0,
      pliCount: video.pliCount ?? 0,
      frameWidth: video.frameWidth ?? 0,
      jitterBufferDelayMs: (video.jitterBufferDelay ?? 0) * 1000,
      jitterBufferFrames: video.jitterBufferEmittedCount ?? 0,
      roundTripMs: roundTripS === undefined ? undefined : roundTripS * 1000,
    });
  }
}

declare global {
  interface Window {
    networkProbe?: NetworkProbe;
  }
}

window.networkProbe = new NetworkProbe();

import type { Resolution } from '../../../protocol/stream-settings.ts';

/** What the browser counted of one connection, from `getStats()`. Fields a browser lacks are 0. */
export interface StreamCounters {
  /** Of the report, milliseconds. */
  readonly atMs: number;
  /** Whatever arrived on the connection; only its growth means something. */
  readonly pathBytes: number;
  /** Of the picture, as all that follows. */
  readonly bytesReceived: number;
  readonly packetsLost: number;
  /** NACK messages sent (RFC 4585 §6.2.1): losses also where they were made good. */
  readonly nacks: number;
  /** Smoothed variation of the packets' travel time (RFC 3550 §6.4.1); undefined where unknown. */
  readonly jitterMs: number | undefined;
  readonly framesReceived: number;
  readonly framesDecoded: number;
  /** Of the frame decoded last; undefined where unknown. */
  readonly decodedSize: Resolution | undefined;
  readonly framesDropped: number;
  readonly freezes: number;
  /** Together. */
  readonly frozenMs: number;
  /** Sum over {@link bufferedFrames}. */
  readonly bufferDelayMs: number;
  /** Frames that have left the jitter buffer. */
  readonly bufferedFrames: number;
  /** Sum over {@link framesDecoded}. */
  readonly decodeMs: number;
}

interface Stats {
  readonly type: string;
}

function isInbound(stats: Stats): stats is RTCInboundRtpStreamStats {
  return stats.type === 'inbound-rtp';
}

function isTransport(stats: Stats): stats is RTCTransportStats {
  return stats.type === 'transport';
}

/** Undefined where the report has no picture yet. */
export function readCounters(
  report: Iterable<readonly [string, Stats]>,
): StreamCounters | undefined {
  let video: RTCInboundRtpStreamStats | undefined;
  let transportBytes = 0;
  let mediaBytes = 0;
  for (const [, stats] of report) {
    if (isTransport(stats)) transportBytes += stats.bytesReceived ?? 0;
    if (!isInbound(stats)) continue;
    mediaBytes += stats.bytesReceived ?? 0;
    if (stats.kind === 'video') video = stats;
  }
  if (!video) return undefined;
  const { frameWidth: width, frameHeight: height } = video;
  return {
    atMs: video.timestamp,
    pathBytes: transportBytes || mediaBytes,
    bytesReceived: video.bytesReceived ?? 0,
    packetsLost: video.packetsLost ?? 0,
    nacks: video.nackCount ?? 0,
    jitterMs: video.jitter === undefined ? undefined : video.jitter * 1000,
    framesReceived: video.framesReceived ?? 0,
    framesDecoded: video.framesDecoded ?? 0,
    decodedSize: width && height ? { width, height } : undefined,
    framesDropped: video.framesDropped ?? 0,
    freezes: video.freezeCount ?? 0,
    frozenMs: (video.totalFreezesDuration ?? 0) * 1000,
    bufferDelayMs: (video.jitterBufferDelay ?? 0) * 1000,
    bufferedFrames: video.jitterBufferEmittedCount ?? 0,
    decodeMs: (video.totalDecodeTime ?? 0) * 1000,
  };
}

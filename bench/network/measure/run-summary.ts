import { Distribution } from '../../../gate/distribution.ts';
import { findFreezes, frozenMs, longestMs } from '../../../gate/freezes.ts';
import type { LinkSample } from '../../../gate/network/link-statistics.ts';
import type { RunRecord, SenderName, Statistics } from './run-record.ts';

/** The figures of one {@link RunRecord}; NaN for what was not measured. */
export interface RunSummary {
  readonly profile: string;
  readonly sender: SenderName;
  /** Of all processors' time, what the host gave to others, 0 to 1. */
  readonly stolenShare: number;
  readonly presses: number;
  readonly latencyP50Ms: number;
  readonly latencyP95Ms: number;
  readonly freezes: number;
  readonly frozenMs: number;
  /** Of the measured time, 0 to 1. */
  readonly frozenShare: number;
  readonly longestFreezeMs: number;
  /** Displayed. */
  readonly framesPerSecond: number;
  /** What came through the link: picture, sound, repair and headers. */
  readonly deliveredBps: number;
  /** Pixels. */
  readonly meanFrameWidth: number;
  readonly queueDelayP95Ms: number;
  /** Of all packets the browser was sent, those that never came, 0 to 1. Counts repaired ones too. */
  readonly packetsLost: number;
  readonly keyframeRequests: number;
  /** Mean time a frame spent in the browser's jitter buffer. */
  readonly jitterBufferMs: number;
}

export function summarize(record: RunRecord): RunSummary {
  const { profile, sender } = record;
  return { profile, sender, ...figuresOf(record) };
}

/** Of anything that was measured as the senders are. */
export function figuresOf(
  record: Omit<RunRecord, 'profile' | 'sender'>,
): Omit<RunSummary, 'profile' | 'sender'> {
  const { durationMs, frameRate, framesMs, presses, link, statistics } = record;
  const latency = Distribution.of(presses.map(({ latencyMs }) => latencyMs)).summary();
  const freezes = findFreezes(framesMs, durationMs, frameRate);
  const frozen = frozenMs(freezes, frameRate);
  const grown = (of: (sample: Statistics) => number) => growth(statistics.map(of));
  return {
    stolenShare: record.stolenShare ?? Number.NaN,
    presses: latency.count,
    latencyP50Ms: latency.p50,
    latencyP95Ms: latency.p95,
    freezes: freezes.length,
    frozenMs: frozen,
    frozenShare: frozen / durationMs,
    longestFreezeMs: longestMs(freezes),
    framesPerSecond: (framesMs.length * 1000) / durationMs,
    deliveredBps: meanRateBps(link),
    meanFrameWidth: record.meanFrameWidth ?? Number.NaN,
    queueDelayP95Ms: queueDelayP95(link),
    packetsLost: grown(({ packetsLost }) => packetsLost),
    keyframeRequests: grown(({ pliCount }) => pliCount),
    jitterBufferMs:
      grown(({ jitterBufferDelayMs }) => jitterBufferDelayMs) /
      grown(({ jitterBufferFrames }) => jitterBufferFrames),
  };
}

/**
 * 95th percentile of the wait in the link's queue, of each sample the packet that waited longest:
 * frames come in step with the samples, so that what waits at their ends says little.
 */
export function queueDelayP95(link: readonly LinkSample[]): number {
  return Distribution.of(link.map(({ maxQueueDelayMs }) => maxQueueDelayMs)).percentile(95);
}

export function meanRateBps(link: readonly LinkSample[]): number {
  return link.reduce((sum, { deliveredBps }) => sum + deliveredBps, 0) / link.length;
}

/** How much a counter grew; one that fell belongs to a new connection and counts from 0 again. */
export function growth(counts: readonly number[]): number {
  let sum = 0;
  let last = counts[0] ?? 0;
  for (const count of counts) {
    sum += count >= last ? count - last : count;
    last = count;
  }
  return sum;
}

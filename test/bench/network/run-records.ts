import type { RunRecord, Statistics } from '../../../bench/network/measure/run-record.ts';
import type { LinkSample } from '../../../gate/network/link-statistics.ts';

/** A sample of an idle link of 8 Mbit/s, but for what is given. */
export function linkSample(known: Partial<LinkSample>): LinkSample {
  return {
    atMs: 0,
    capacityBps: 8e6,
    deliveredBps: 0,
    queueDelayMs: 0,
    maxQueueDelayMs: 0,
    lost: 0,
    dropped: 0,
    ...known,
  };
}

/** A measurement of a second in which nothing was seen, but for what is given. */
export function runRecord(known: Partial<RunRecord>): RunRecord {
  return {
    profile: 'cable',
    sender: 'rockpool',
    durationMs: 1000,
    frameRate: 60,
    codec: 'video/H264',
    presses: [],
    outstanding: 0,
    contradictions: 0,
    framesMs: [],
    statistics: [],
    link: [],
    ...known,
  };
}

/** What a browser counts that has received nothing, but for what is given. */
export function statisticsSample(known: Partial<Statistics>): Statistics {
  return {
    atMs: 0,
    bytesReceived: 0,
    packetsLost: 0,
    framesDecoded: 0,
    freezeCount: 0,
    nackCount: 0,
    pliCount: 0,
    frameWidth: 0,
    jitterBufferDelayMs: 0,
    jitterBufferFrames: 0,
    ...known,
  };
}

import type { WorkerControl } from '../../protocol/control-messages.ts';
import type { EncodedVideo } from '../encode/video-pipeline.ts';
import type { MediaSender } from '../transport/media-sender.ts';
import type { EventLoopDelay } from './event-loop-delay.ts';
import type { StreamSecond } from './resolution-governor.ts';

/** What a frame costs is kept of at most this many frames: two seconds at 120 fps. */
const MAX_FRAMES = 240;

/** Frames a second; with fewer the picture stands still, and what is sent of it is a repetition. */
const CALM_BELOW = 2;

type Health = Extract<WorkerControl, { type: 'health' }>;

/** Where the counts come from that others keep. */
export interface StreamCounts {
  readonly video: {
    /** By the game, whatever becomes of them. */
    readonly drawnFrames: number;
    readonly droppedFrames: number;
    readonly skippedFrames: number;
  };
  /** Undefined before there is a path. */
  readonly sender: Pick<MediaSender, 'counters' | 'network'> | undefined;
  readonly rejectedMessages: number;
}

/** Counts what happens in a window of about a second: for the browser, and for the governor. */
export class StreamHealth {
  readonly #eventLoopDelay: Pick<EventLoopDelay, 'takeP99Ms'>;
  readonly #costMs = new Float64Array(MAX_FRAMES);
  #drawnBefore = 0;
  #sent = 0;
  #bytesBefore = 0;
  #droppedBefore = 0;
  #cpu = process.cpuUsage();
  #sinceUs: number;

  constructor(nowUs: number, eventLoopDelay: Pick<EventLoopDelay, 'takeP99Ms'>) {
    this.#sinceUs = nowUs;
    this.#eventLoopDelay = eventLoopDelay;
  }

  handleVideo(video: EncodedVideo): void {
    this.#costMs[this.#sent % MAX_FRAMES] = (video.encodedUs - video.tickUs) / 1000;
    this.#sent++;
  }

  /** Sums the window up and starts a new one. */
  take(nowUs: number, counts: StreamCounts): { message: Health; cost: StreamSecond } {
    const elapsedUs = Math.max(1000, nowUs - this.#sinceUs);
    const seconds = elapsedUs / 1e6;
    const { drawnFrames, droppedFrames, skippedFrames } = counts.video;
    const counters = counts.sender?.counters;
    const network = counts.sender?.network;
    const cpu = process.cpuUsage(this.#cpu);
    const framesPerSecond = this.#sent / seconds;
    const message: Health = {
      type: 'health',
      eventLoopDelayP99Ms: this.#eventLoopDelay.takeP99Ms(framesPerSecond < CALM_BELOW),
      framesPerSecond,
      bitrateBps: (((counters?.bytes ?? 0) - this.#bytesBefore) * 8) / seconds,
      rssBytes: process.memoryUsage.rss(),
      cpuFraction: (cpu.user + cpu.system) / elapsedUs,
      droppedFrames,
      retransmittedPackets: counters?.retransmittedPackets ?? 0,
      rejectedMessages: counts.rejectedMessages + (counters?.malformedRtcp ?? 0),
      network: {
        estimateBps: network?.estimateBps ?? 0,
        fractionLost: network?.fractionLost ?? 0,
        rttMs: network?.rttMs ?? null,
        pacerQueueMs: network?.pacerQueueMs ?? 0,
        repairFraction: network?.repairFraction ?? 0,
        skippedFrames,
      },
    };
    // What the network held back says nothing of the machine: only frames it dropped do.
    const managed = drawnFrames - this.#drawnBefore - (droppedFrames - this.#droppedBefore);
    const cost = {
      framesPerSecond: Math.max(0, managed) / seconds,
      frameCostP95Ms: this.#costP95Ms(),
      eventLoopDelayP99Ms: message.eventLoopDelayP99Ms,
    };
    this.#drawnBefore = drawnFrames;
    this.#sent = 0;
    this.#bytesBefore = counters?.bytes ?? 0;
    this.#droppedBefore = droppedFrames;
    this.#cpu = process.cpuUsage();
    this.#sinceUs = nowUs;
    return { message, cost };
  }

  #costP95Ms(): number {
    const kept = Math.min(this.#sent, MAX_FRAMES);
    const sorted = this.#costMs.slice(0, kept).sort();
    return sorted[Math.floor(kept * 0.95)] ?? 0;
  }
}

import type { BrowserKind } from '../../../protocol/browser-kind.ts';
import type { WorkerControl } from '../../../protocol/control-messages.ts';
import type { StayReason } from '../../../protocol/player-messages.ts';
import type { QualityReport } from '../../../protocol/quality-report.ts';
import type { DisplayedFrame } from '../latency/frame-accounting.ts';
import type { LatencyReport } from '../latency/percentiles.ts';
import type { NetworkSnapshot, StreamShape, StreamSnapshot } from '../player-snapshot.ts';
import type { Scheduler } from '../scheduler.ts';
import { median } from './delay-gauge.ts';
import { LatencyWatchdog, type WatchdogReading, type WatchdogStep } from './latency-watchdog.ts';
import { MachineWatch } from './machine-watch.ts';
import { SessionQuality } from './session-quality.ts';
import { SizeWatch } from './size-watch.ts';
import { readCounters, type StreamCounters } from './stream-counters.ts';
import { type StreamFigures, StreamStatistics } from './stream-statistics.ts';

const INTERVAL_MS = 250;

const NO_FIGURES: StreamFigures = {
  framesPerSecond: 0,
  bitrateBps: 0,
  jitterBufferMs: 0,
  packetsLost: 0,
  freezes: 0,
  droppedFrames: 0,
};

type ShapeMessage = Extract<WorkerControl, { type: 'hello' | 'stream' }>;
type HealthMessage = Extract<WorkerControl, { type: 'health' }>;

export interface StreamMonitorOptions {
  readonly scheduler: Scheduler;
  /** Of the present connection; undefined where there is none. */
  readonly getStats: () => Promise<RTCStatsReport | undefined>;
  /** Whether {@link StreamMonitor.handleDisplayed} is told of frames at all. */
  readonly tellsFrames: () => boolean;
  /** Round trip of the pings; undefined before the first. */
  readonly rttMs: () => number | undefined;
  /** Whether the picture should be moving: somebody looks, and the connection stands. */
  readonly isWatched: () => boolean;
  /** The figures are new. */
  readonly handleFigures: () => void;
  /** Packets have arrived since the figures before. */
  readonly handleArrival: () => void;
  /** See {@link LatencyWatchdog}. */
  readonly takeStep: (step: WatchdogStep) => boolean;
  /** See {@link SizeWatch}. */
  readonly requestKeyframe: () => void;
  /** See {@link MachineWatch}. */
  readonly leaveMachine: () => void;
}

/** Puts together what is known of the stream, four times a second, and has a watchdog look at it. */
export class StreamMonitor {
  readonly #options: StreamMonitorOptions;
  readonly #statistics = new StreamStatistics();
  #watchdog: LatencyWatchdog;
  #sizeWatch = new SizeWatch();
  #machineWatch = new MachineWatch();
  #machineKeepsUp = true;
  #staysBecause: StayReason | undefined;
  #quality = new SessionQuality();
  #shape: StreamShape | undefined;
  #figures = NO_FIGURES;
  #network: NetworkSnapshot | undefined;
  #loopDelayMs = 0;
  #counters: StreamCounters | undefined;
  #framesShown = 0;
  #holdsMs: number[] = [];
  /** Tells reports of the present connection from late ones of the one before. */
  #connection = 0;
  #cancel: (() => void) | undefined;

  constructor(options: StreamMonitorOptions) {
    this.#options = options;
    this.#watchdog = new LatencyWatchdog(options);
  }

  /** Undefined before the worker has said what it sends. */
  get stream(): StreamSnapshot | undefined {
    return (
      this.#shape && {
        ...this.#shape,
        ...this.#figures,
        network: this.#network,
        workerLoopDelayP99Ms: this.#loopDelayMs,
        machineKeepsUp: this.#machineKeepsUp,
        staysBecause: this.#machineKeepsUp ? undefined : this.#staysBecause,
        recoveries: this.#watchdog.recoveries,
      }
    );
  }

  /** Of the session so far; undefined where nothing was played. */
  quality(latency: LatencyReport, browser: BrowserKind): QualityReport | undefined {
    return this.#quality.report(latency, browser);
  }

  /** Nothing that was known belongs to what comes. */
  handleNewSession(): void {
    this.#watchdog = new LatencyWatchdog(this.#options);
    this.#quality = new SessionQuality();
    this.#shape = undefined;
    this.#figures = NO_FIGURES;
    this.#network = undefined;
    this.#loopDelayMs = 0;
    this.#machineWatch = new MachineWatch();
    this.#staysBecause = undefined;
    this.handleConnection();
  }

  /** What is counted from now on is another connection's. */
  handleConnection(): void {
    this.#connection++;
    this.#counters = undefined;
    this.#holdsMs = [];
    this.#statistics.reset();
    this.#quality.handleConnection();
    // A worker whose machine does not keep up says so on each.
    this.#machineKeepsUp = true;
    this.#sizeWatch = new SizeWatch();
    if (this.#shape) this.#sizeWatch.handleSent(this.#shape.sent);
    this.#watchdog.handleConnection();
  }

  start(): void {
    this.stop();
    this.#next();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  handleShape({
    codec,
    encoder,
    resolution,
    frameRate,
    bitrateBps: targetBitrateBps,
    sent,
  }: ShapeMessage): void {
    this.#shape = { codec, encoder, resolution, frameRate, targetBitrateBps, sent };
    this.#sizeWatch.handleSent(sent);
  }

  handleHealth({ eventLoopDelayP99Ms, network }: HealthMessage): void {
    this.#loopDelayMs = eventLoopDelayP99Ms;
    this.#network = { ...network, rttMs: network.rttMs ?? undefined };
  }

  /** What the worker says of its machine. */
  handleMachine(keepsUp: boolean): void {
    this.#machineKeepsUp = keepsUp;
  }

  /** There was no other machine to go to. */
  handleStays(why: StayReason): void {
    this.#staysBecause = why;
  }

  /** @param frame undefined where nothing exact is known of it. */
  handleDisplayed(frame: DisplayedFrame | undefined): void {
    this.#framesShown++;
    if (frame) this.#holdsMs.push(frame.shownMs - (frame.receivedMs ?? frame.presentedMs));
  }

  #next(): void {
    this.#cancel = this.#options.scheduler.after(INTERVAL_MS, () => {
      this.#next();
      this.#measure();
    });
  }

  async #measure(): Promise<void> {
    const connection = this.#connection;
    const report = await this.#options.getStats();
    if (connection !== this.#connection) return;
    const counters = report && readCounters(report);
    if (counters) this.#handleCounters(counters);
    this.#options.handleFigures();
  }

  #handleCounters(counters: StreamCounters): void {
    const last = this.#counters;
    this.#counters = counters;
    this.#figures = this.#statistics.handleCounters(counters);
    this.#quality.handleCounters(counters);
    if (last && counters.pathBytes > last.pathBytes) this.#options.handleArrival();
    if (this.#sizeWatch.handleDecoded(counters.decodedSize, counters.framesDecoded)) {
      this.#options.requestKeyframe();
    }
    const nowMs = this.#options.scheduler.now();
    if (last && this.#options.isWatched()) {
      this.#watchdog.handleReading(this.#reading(nowMs, counters, last));
    } else {
      this.#watchdog.settle(nowMs);
    }
    const { stream } = this;
    if (stream && this.#options.isWatched() && this.#machineWatch.handleStream(nowMs, stream)) {
      this.#options.leaveMachine();
    }
    this.#holdsMs = [];
  }

  #reading(atMs: number, now: StreamCounters, last: StreamCounters): WatchdogReading {
    const buffered = now.bufferedFrames - last.bufferedFrames;
    return {
      atMs,
      framesReceived: now.framesReceived,
      framesShown: this.#options.tellsFrames() ? this.#framesShown : undefined,
      losses: now.packetsLost + now.nacks,
      bufferMs: buffered > 0 ? (now.bufferDelayMs - last.bufferDelayMs) / buffered : undefined,
      holdMs: median(this.#holdsMs),
      decodeMs: now.decodeMs,
      rttMs: this.#options.rttMs(),
      jitterMs: now.jitterMs,
    };
  }
}

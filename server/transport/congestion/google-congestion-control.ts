import { AcknowledgedBitrate } from './acknowledged-bitrate.ts';
import { ApplicationLimit } from './application-limit.ts';
import type {
  CongestionControl,
  PacketResult,
  ProbeCluster,
  ReceiverReport,
  TransportReport,
} from './congestion-control.ts';
import { FeedbackWatch } from './feedback-watch.ts';
import { InterArrival } from './inter-arrival.ts';
import { LossBound } from './loss-bound.ts';
import { OveruseDetector } from './overuse-detector.ts';
import { ProbeController } from './probe-controller.ts';
import { ProbeEstimator, type ProbeResult } from './probe-estimator.ts';
import { QueueDrain } from './queue-drain.ts';
import { QueueingDelay } from './queueing-delay.ts';
import { RateControl } from './rate-control.ts';
import { ReceiverDrivenRate } from './receiver-driven-rate.ts';
import { RoundTrip } from './round-trip.ts';
import { TrendlineEstimator } from './trendline-estimator.ts';

/** The picture of a game below this cannot be played from; sound alone takes a quarter of it. */
const DEFAULT_FLOOR_BPS = 300_000;

/** A frame then leaves in 40 % of its interval, and a keyframe of 2.5 frames in one. */
const PACING_FACTOR = 2.5;

/** Until the first feedback: a distant player's. */
const INITIAL_RTT_MS = 200;

/**
 * What may be in flight beyond a round trip and the time between two reports: a frame or two of
 * burst, and less than the queue that would be felt.
 */
const WINDOW_ALLOWANCE_MS = 100;

/** Ten packets: a small frame and the sound beside it always leave. */
const MIN_WINDOW_BYTES = 12_000;

/** Loss beside a queue longer than this is the queue's. */
const LOSS_QUEUE_MS = 30;

/** While nothing is heard, down by this each step, to a part of what it was. */
const SILENCE_FACTOR = 0.7;
const SILENCE_DEPTH = 0.25;

/** UDP carries no more. */
const MAX_PACKET_BYTES = 65_535;

export interface GoogleCongestionControlOptions {
  /** What to begin with: remembered of this player and network, or a guess. */
  readonly startBitrateBps: number;
  readonly ceilingBps: number;
  /** The target never falls below it. */
  readonly floorBps?: number;
  /** 0 to 1; spreads the probes of flows that share a path. */
  readonly random?: () => number;
}

/**
 * Google congestion control (draft-ietf-rmcat-gcc-02) over transport-wide feedback, tuned for games:
 * starts by probing, drains queues instead of merely not feeding them, tells lossy paths from full
 * ones, and keeps asking a quiet path for more. Without transport-wide feedback it follows receiver
 * reports and REMB.
 */
export class GoogleCongestionControl implements CongestionControl {
  readonly #rate: RateControl;
  readonly #receiverRate: ReceiverDrivenRate;
  readonly #interArrival = new InterArrival();
  readonly #trendline = new TrendlineEstimator();
  readonly #detector = new OveruseDetector();
  readonly #acknowledged = new AcknowledgedBitrate();
  readonly #application = new ApplicationLimit();
  readonly #queue = new QueueingDelay();
  readonly #drain = new QueueDrain();
  readonly #loss = new LossBound();
  readonly #probes: ProbeController;
  readonly #probeEstimator = new ProbeEstimator();
  readonly #roundTrip = new RoundTrip();
  readonly #feedback = new FeedbackWatch();
  readonly #floorBps: number;
  #ceilingBps: number;
  #nowUs = 0;
  #anythingSent = false;
  #loudBps = 0;
  #receiverLoss = 0;

  /** @throws RangeError where a rate is not above zero. */
  constructor(options: GoogleCongestionControlOptions) {
    const { startBitrateBps, ceilingBps, floorBps, random } = options;
    const floor = Math.min(floorBps ?? DEFAULT_FLOOR_BPS, ceilingBps);
    if (!(floor > 0 && startBitrateBps > 0 && ceilingBps > 0)) {
      throw new RangeError('Congestion control needs rates above zero.');
    }
    this.#rate = new RateControl(startBitrateBps, floor, ceilingBps);
    this.#receiverRate = new ReceiverDrivenRate(startBitrateBps, floor, ceilingBps);
    this.#probes = new ProbeController(random ?? Math.random);
    this.#floorBps = floor;
    this.#ceilingBps = ceilingBps;
  }

  get targetBitrateBps(): number {
    if (!this.#feedback.seen) return Math.round(this.#receiverRate.bitrateBps);
    const bitrateBps = this.#rate.bitrateBps * this.#drain.factor;
    const boundedBps = Math.min(bitrateBps, this.#receiverRate.estimateBps);
    return Math.round(Math.max(boundedBps, Math.min(this.#floorBps, this.#ceilingBps)));
  }

  get pacingBitrateBps(): number {
    return this.targetBitrateBps * PACING_FACTOR;
  }

  get windowBytes(): number {
    if (!this.#feedback.seen) return Number.POSITIVE_INFINITY;
    // Beside a flow that keeps the queue filled, packets in that queue are no fault of ours.
    const { minimumMs, smoothedMs } = this.#roundTrip;
    const rttMs = (this.#drain.competing ? smoothedMs : minimumMs) ?? INITIAL_RTT_MS;
    const { intervalMs, untoldMs } = this.#feedback;
    // Where reports get lost, one that does not come says nothing of the way there.
    const windowMs = rttMs + intervalMs + untoldMs + WINDOW_ALLOWANCE_MS;
    const windowBytes = Math.max(MIN_WINDOW_BYTES, (this.targetBitrateBps * windowMs) / 8000);
    return Math.round(windowBytes + this.#feedback.trickleBytes);
  }

  get rttMs(): number | undefined {
    return this.#roundTrip.smoothedMs;
  }

  get fractionLost(): number {
    return this.#feedback.seen ? this.#loss.fraction : this.#receiverLoss;
  }

  /** Rates that are not above zero are ignored. */
  setCeiling(bitrateBps: number): void {
    if (!(bitrateBps > 0)) return;
    this.#ceilingBps = bitrateBps;
    this.#rate.setCeiling(bitrateBps);
    this.#receiverRate.setCeiling(bitrateBps);
  }

  handleSent(bytes: number, nowUs: number, reported: boolean): void {
    if (!(bytes > 0 && bytes <= MAX_PACKET_BYTES && Number.isFinite(nowUs))) return;
    this.#anythingSent = true;
    this.#application.add(bytes, nowUs);
    if (reported) this.#feedback.handleSent(nowUs);
  }

  handleReport({ atUs, packets, untoldUs }: TransportReport): void {
    if (!Number.isFinite(atUs)) return;
    let newestSentUs = Number.NEGATIVE_INFINITY;
    let probed: ProbeResult | undefined;
    for (const packet of packets) {
      if (!isPossible(packet, atUs)) continue;
      this.#loss.add(packet);
      probed = this.#probeEstimator.add(packet) ?? probed;
      if (packet.receivedUs === undefined) continue;
      newestSentUs = Math.max(newestSentUs, packet.sentUs);
      this.#addArrival(packet.bytes, packet.sentUs, packet.receivedUs);
    }
    // Feedback on nothing that is known is no feedback.
    if (newestSentUs === Number.NEGATIVE_INFINITY) return;
    this.#roundTrip.add((atUs - newestSentUs) / 1000, atUs);
    if (this.#feedback.handleReport(atUs, untoldUs)) {
      this.#loss.forgive();
      this.#probes.request();
    }
    this.#adapt(atUs);
    if (probed) this.#handleProbe(probed, atUs);
  }

  handleReceiverReport({ atUs, fractionLost, rttMs }: ReceiverReport): void {
    if (!(Number.isFinite(atUs) && fractionLost >= 0 && fractionLost <= 1)) return;
    this.#receiverLoss = fractionLost;
    if (this.#feedback.seen) return;
    if (rttMs !== undefined) this.#roundTrip.add(rttMs, atUs);
    this.#receiverRate.handleReport(
      { atUs, fractionLost, rttMs },
      this.#application.sentBitrateBps(atUs),
      this.#roundTrip.minimumMs,
    );
  }

  handleReceiverEstimate(bitrateBps: number): void {
    this.#receiverRate.handleEstimate(bitrateBps, this.#nowUs);
  }

  tick(nowUs: number): ProbeCluster | undefined {
    if (!Number.isFinite(nowUs)) return undefined;
    this.#nowUs = nowUs;
    this.#receiverRate.tick(nowUs);
    this.#watchSilence(nowUs);
    if (!this.#anythingSent) return undefined;
    const cluster = this.#probes.tick(nowUs, {
      targetBps: this.#rate.bitrateBps,
      ceilingBps: Math.min(this.#ceilingBps, this.#receiverRate.estimateBps),
      queueMs: this.#queue.delayMs,
      lastDecreaseUs: this.#rate.lastDecreaseUs,
      calm: this.#detector.usage !== 'overuse' && !this.#loss.holds,
      reporting: this.#feedback.seen ? !this.#feedback.silent : undefined,
    });
    if (cluster) this.#probeEstimator.expect(cluster);
    return cluster;
  }

  #addArrival(bytes: number, sentUs: number, receivedUs: number): void {
    this.#acknowledged.add(bytes, receivedUs);
    this.#queue.add(sentUs, receivedUs);
    if (!this.#interArrival.add(sentUs, receivedUs)) return;
    const { sendDeltaUs, arrivalDeltaUs, arrivalUs } = this.#interArrival;
    this.#trendline.add(sendDeltaUs, arrivalDeltaUs, arrivalUs);
    const { trend, samples } = this.#trendline;
    this.#detector.update(trend, samples, sendDeltaUs / 1000, arrivalUs / 1000);
  }

  #adapt(atUs: number): void {
    const queueMs = this.#queue.delayMs;
    const rttMs = this.#roundTrip.smoothedMs ?? INITIAL_RTT_MS;
    const acknowledgedBps = this.#acknowledged.bitrateBps;
    const verdict = this.#drain.update({
      nowUs: atUs,
      queueMs,
      rttMs,
      bitrateBps: this.#rate.bitrateBps,
      sentBps: this.#application.sentBitrateBps(atUs),
      acknowledgedBps,
    });
    if (verdict) this.#rate.restore(this.#drain.restoredBps);
    if (verdict === 'rerouted') {
      this.#queue.rebase();
      this.#roundTrip.rebase(atUs);
    }
    const { competing } = this.#drain;
    this.#application.update(this.targetBitrateBps, atUs);
    const factor = this.#loss.update(queueMs > LOSS_QUEUE_MS, competing, rttMs);
    if (factor < 1) this.#rate.reduce(factor, atUs);
    this.#rate.update({
      nowUs: atUs,
      usage: this.#detector.usage,
      acknowledgedBps,
      recentBps: this.#acknowledged.recentBitrateBps,
      rttMs,
      queueMs,
      applicationLimited: this.#application.limited,
      competing,
      probing: this.#probes.isProbing(atUs),
      mayIncrease: this.#drain.factor === 1 && !this.#loss.holds,
    });
  }

  #handleProbe(result: ProbeResult, atUs: number): void {
    const before = this.#rate.bitrateBps;
    if (result.bitrateBps > before) {
      if (this.#detector.usage !== 'overuse') this.#rate.setProbed(result.bitrateBps);
    } else if (result.outcome === 'exceeded') {
      // The target was never tried; what the path was seen to carry since is worth more.
      const knownBps = Math.max(result.bitrateBps, this.#acknowledged.bitrateBps ?? 0);
      if (knownBps < before) this.#rate.setProbed(knownBps);
    }
    this.#probes.handleResult(result, atUs);
  }

  #watchSilence(nowUs: number): void {
    const rttMs = this.#roundTrip.smoothedMs ?? INITIAL_RTT_MS;
    const wasSilent = this.#feedback.silent;
    if (!this.#feedback.tick(nowUs, rttMs, this.targetBitrateBps)) return;
    if (!wasSilent) this.#loudBps = this.#rate.bitrateBps;
    if (this.#rate.bitrateBps * SILENCE_FACTOR < this.#loudBps * SILENCE_DEPTH) return;
    this.#rate.reduce(SILENCE_FACTOR, nowUs);
  }
}

/** Keeps what cannot be out of every sum. */
function isPossible({ seq, sentUs, bytes, receivedUs }: PacketResult, atUs: number): boolean {
  return (
    Number.isSafeInteger(seq) &&
    seq >= 0 &&
    Number.isFinite(sentUs) &&
    sentUs <= atUs &&
    bytes > 0 &&
    bytes <= MAX_PACKET_BYTES &&
    (receivedUs === undefined || Number.isFinite(receivedUs))
  );
}

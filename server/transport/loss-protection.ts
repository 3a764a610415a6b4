import type { TransportReport } from './congestion/congestion-control.ts';
import { RateWindow } from './congestion/rate-window.ts';

/** Losses are believed quickly: half a second is 30 frames, and as many freezes. */
const RISE_US = 500_000;

/** And forgotten slowly, because they come in bursts with seconds between them. */
const FALL_US = 2_500_000;

/**
 * Share of the time that pictures would wait for retransmissions, above which error correction is worth
 * its bits, and below which not: at a twentieth it is what a player feels as the stream's delay.
 */
const STALLED_ON = 0.03;
const STALLED_OFF = 0.015;

/** Until packets were counted: 6 Mbit/s. */
const USUAL_PACKETS_PER_SECOND = 600;

/** Over so long packets are counted; less tells more of one frame than of the stream. */
const COUNT_US = 1_000_000;
const MIN_COUNT_US = 250_000;

/**
 * Share of packets lost above which a path is lossy, and below which not: gaps of 10 ms in sound are
 * concealed well.
 */
const LOSSY_ON = 0.01;
const LOSSY_OFF = 0.005;

/**
 * A picture that waits for a retransmission is a visible stall when it takes longer than three
 * frames, or 50 ms at high rates.
 */
const MIN_STALL_MS = 50;
const STALL_FRAMES = 3;

/** What a receiver waits for reordered packets, and both sides' timers, on top of the round trip. */
const NACK_MS = 10;

/** Once used, error correction stays until the round trip is clearly short enough. */
const STALL_OFF = 0.8;

/** Runs of lost packets until their length is believed. */
const BURST_GAIN = 0.05;

/**
 * Repair packets beyond the mean, in standard deviations. Runs of a geometric length have a long tail:
 * with two, four in ten bursts of four packets were longer than what mends them.
 */
const DEVIATIONS = 3;

/**
 * Of a frame's packets: beyond this the picture would lose more by the bits than by the losses. On a
 * path of 10 Mbit/s that loses 5 % in bursts, 0.4 left twice as many pictures waiting.
 */
const MAX_RATIO = 0.6;

/** Losses come one by one, or in runs that meet a frame's end and what repairs it together. */
const BURST_PACKETS = 1.5;

/**
 * Decides what is sent twice before anybody asks. Retransmission costs only what was lost, so error
 * correction is for paths where it comes too late to be seen as nothing.
 */
export class LossProtection {
  /** Packets, counted as bytes. */
  readonly #told = new RateWindow();
  #frameIntervalMs: number;
  #fractionLost = 0;
  /** Mean length of a run of losses, at least 1. */
  #burstPackets = 1;
  #updatedUs: number | undefined;
  #repairs = false;
  #lossy = false;

  /** @param frameRate frames a second, above 0. */
  constructor(frameRate: number) {
    this.#frameIntervalMs = 1000 / frameRate;
  }

  setFrameRate(frameRate: number): void {
    this.#frameIntervalMs = 1000 / frameRate;
  }

  /** Whether frames get error correction. */
  get repairs(): boolean {
    return this.#repairs;
  }

  /** Whether losses come in runs: what repairs a frame should not follow it closely. */
  get bursty(): boolean {
    return this.#burstPackets > BURST_PACKETS;
  }

  /** Whether so much gets lost that sound repeats its last packet, and video does with less of them. */
  get lossy(): boolean {
    return this.#lossy;
  }

  /**
   * @param fractionLost over about the last second, 0 to 1.
   * @param repairMs what a retransmission takes, at least a round trip; undefined where that is not
   * known: it is then taken to be quick.
   */
  update(fractionLost: number, repairMs: number | undefined, nowUs: number): void {
    const elapsedUs = Math.max(0, nowUs - (this.#updatedUs ?? nowUs));
    this.#updatedUs = nowUs;
    const timeUs = fractionLost > this.#fractionLost ? RISE_US : FALL_US;
    const weight = 1 - Math.exp(-elapsedUs / timeUs);
    this.#fractionLost += (fractionLost - this.#fractionLost) * weight;
    const lost = this.#fractionLost;
    this.#lossy = lost > (this.#lossy ? LOSSY_OFF : LOSSY_ON);
    const stallMs = Math.max(MIN_STALL_MS, STALL_FRAMES * this.#frameIntervalMs);
    const limitMs = this.#repairs ? stallMs * STALL_OFF : stallMs;
    const tooSlow = repairMs !== undefined && repairMs + NACK_MS > limitMs;
    const stalledLimit = this.#repairs ? STALLED_OFF : STALLED_ON;
    this.#repairs = tooSlow && this.#stalledShare(repairMs, nowUs) > stalledLimit;
  }

  /** Of the time, that a picture would wait for a retransmission: one wait for a run of losses. */
  #stalledShare(repairMs: number, nowUs: number): number {
    const toldBps = this.#told.bitrateBps(COUNT_US, MIN_COUNT_US, nowUs);
    const packetsPerSecond = toldBps === undefined ? USUAL_PACKETS_PER_SECOND : toldBps / 8;
    const runsPerSecond = (this.#fractionLost * packetsPerSecond) / this.#burstPackets;
    return (runsPerSecond * repairMs) / 1000;
  }

  /** Learns how many packets there are, and how many get lost in a row. */
  handleReport({ packets, atUs }: TransportReport): void {
    this.#told.add(packets.length, atUs);
    let run = 0;
    for (const { receivedUs } of packets) {
      if (receivedUs === undefined) {
        run++;
      } else if (run > 0) {
        this.#burstPackets += (run - this.#burstPackets) * BURST_GAIN;
        run = 0;
      }
    }
  }

  /**
   * So many that all losses of a frame but the rarest are recovered. They protect interleaved
   * packets, so that a burst as long as their number is recovered too.
   * @returns packets of error correction for a frame of so many packets.
   */
  repairPackets(packets: number): number {
    if (!this.#repairs || packets < 1) return 0;
    const lost = packets * this.#fractionLost;
    // Losses in runs of a geometric length vary that much more than single ones.
    const variance = lost * (2 * this.#burstPackets - 1);
    const wanted = Math.ceil(lost + DEVIATIONS * Math.sqrt(variance));
    return Math.max(1, Math.min(wanted, Math.floor(packets * MAX_RATIO)));
  }
}

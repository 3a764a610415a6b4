import type { ReceiverReport } from './congestion-control.ts';

/** draft-ietf-rmcat-gcc-02 §6: below the first, grow; above the second, give way. */
const LOW_LOSS = 0.02;
const HIGH_LOSS = 0.1;
const GROWTH_PER_SECOND = 1.08;

/** Nothing else tells of a queue here: a round trip so much above the least one is one. */
const QUEUE_MS = 150;
const QUEUE_FACTOR = 0.85;

/** The rate may grow to this much of what is sent, as nothing more has been tried. */
const UNPROVEN_RATIO = 1.5;
const UNPROVEN_BPS = 10_000;

const MAX_STEP_S = 2;

/** REMB comes every second at least; one so old is of another time. */
const ESTIMATE_LIFE_US = 10_000_000;

/** The rate for a far side that sends receiver reports and perhaps REMB, but no transport-wide feedback. */
export class ReceiverDrivenRate {
  readonly #floorBps: number;
  #ceilingBps: number;
  #bitrateBps: number;
  #estimateBps = Number.POSITIVE_INFINITY;
  #estimateUs = Number.NEGATIVE_INFINITY;
  #lastReportUs: number | undefined;

  constructor(startBps: number, floorBps: number, ceilingBps: number) {
    this.#floorBps = floorBps;
    this.#ceilingBps = Math.max(ceilingBps, floorBps);
    this.#bitrateBps = this.#clamp(startBps);
  }

  get bitrateBps(): number {
    return this.#clamp(Math.min(this.#bitrateBps, this.#estimateBps));
  }

  /** The far side's own estimate; infinite where there is none of late. */
  get estimateBps(): number {
    return this.#estimateBps;
  }

  setCeiling(bitrateBps: number): void {
    this.#ceilingBps = Math.max(bitrateBps, this.#floorBps);
    this.#bitrateBps = this.#clamp(this.#bitrateBps);
  }

  /** REMB (draft-alvestrand-rmcat-remb-03). */
  handleEstimate(bitrateBps: number, nowUs: number): void {
    if (!(bitrateBps > 0)) return;
    this.#estimateBps = bitrateBps;
    this.#estimateUs = nowUs;
  }

  /**
   * @param sentBps undefined where little was sent yet
   * @param minRttMs the least one seen.
   */
  handleReport(report: ReceiverReport, sentBps: number | undefined, minRttMs?: number): void {
    const { atUs, fractionLost, rttMs } = report;
    const elapsedUs = atUs - (this.#lastReportUs ?? atUs);
    this.#lastReportUs = atUs;
    const queued = rttMs !== undefined && minRttMs !== undefined && rttMs - minRttMs > QUEUE_MS;
    const before = this.bitrateBps;
    if (fractionLost > HIGH_LOSS) {
      this.#bitrateBps = this.#clamp(before * (1 - 0.5 * fractionLost));
    } else if (queued) {
      this.#bitrateBps = this.#clamp(before * QUEUE_FACTOR);
    } else if (fractionLost < LOW_LOSS) {
      const elapsedS = Math.min(Math.max(elapsedUs / 1e6, 0), MAX_STEP_S);
      const provenBps = (sentBps ?? before) * UNPROVEN_RATIO + UNPROVEN_BPS;
      const grown = Math.min(before * GROWTH_PER_SECOND ** elapsedS, provenBps);
      this.#bitrateBps = this.#clamp(Math.max(before, grown));
    }
  }

  tick(nowUs: number): void {
    if (nowUs - this.#estimateUs > ESTIMATE_LIFE_US) {
      this.#estimateBps = Number.POSITIVE_INFINITY;
    }
  }

  #clamp(bitrateBps: number): number {
    return Math.min(Math.max(bitrateBps, this.#floorBps), this.#ceilingBps);
  }
}

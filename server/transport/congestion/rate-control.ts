import { LinkCapacity } from './link-capacity.ts';
import type { Usage } from './overuse-detector.ts';

/** Growth a second far from the link's capacity (draft-ietf-rmcat-gcc-02 §5.5, eta). */
const GROWTH_PER_SECOND = 1.08;

/** Decrease on overuse, of the acknowledged rate (§5.5, beta). */
const DECREASE = 0.85;

/** A large packet: half of one per response time is what the rate grows by near capacity (§5.5). */
const PACKET_BITS = 1200 * 8;
const MIN_ADDITIVE_BPS = 4000;

/** Response time is a round trip and the time the detector takes (§5.5). */
const DETECTION_MS = 100;

/** The rate may grow to this much of what is known to arrive (§5.5). */
const UNPROVEN_RATIO = 1.5;
const UNPROVEN_BPS = 10_000;

/**
 * Between two decreases the first one must have had time to show: in the delay of packets where the
 * queue is long, else in the slope of a third of a second of them.
 */
const MIN_DECREASE_INTERVAL_US = 100_000;
const MAX_DECREASE_INTERVAL_US = 200_000;
const SHORT_QUEUE_DECREASE_INTERVAL_US = 500_000;

/** A probe, or a still picture's few packets, wait no longer than this unless the path is really full. */
const REAL_QUEUE_MS = 50;

/**
 * Growth a second beside a flow that fills the queue. With 0.85 on each loss it balances CUBIC, which
 * regains its 0.3 W in ∛(0.75 W) s (RFC 9438), at 2.5 to 5 of 10 Mbit/s for queues of 100 to 500 ms,
 * and leaves NewReno, with W/2 round trips, its quarter up to 300 ms.
 */
const COMPETING_BPS = 100_000;

/** With less of a queue than this nobody competes at the moment. */
const COMPETING_QUEUE_MS = 25;

const MAX_STEP_S = 1;

/** What the estimate is made from after each report. */
export interface PathState {
  readonly nowUs: number;
  readonly usage: Usage;
  /** Over about half a second; undefined before there is enough to tell. */
  readonly acknowledgedBps: number | undefined;
  /** Over about a fifth of a second. */
  readonly recentBps: number | undefined;
  readonly rttMs: number;
  readonly queueMs: number;
  readonly applicationLimited: boolean;
  /** Another flow fills the queue: its delay is not ours to reduce. */
  readonly competing: boolean;
  /** A probe of ours was there a moment ago, and its queue is still to be seen. */
  readonly probing: boolean;
  /** False where something else says that more would be too much. */
  readonly mayIncrease: boolean;
}

/** Additive increase, multiplicative decrease (draft-ietf-rmcat-gcc-02 §5.5). */
export class RateControl {
  readonly #floorBps: number;
  readonly #capacity = new LinkCapacity();
  #ceilingBps: number;
  #bitrateBps: number;
  #increasing = true;
  #lastUpdateUs: number | undefined;
  #lastDecreaseUs = Number.NEGATIVE_INFINITY;

  constructor(startBps: number, floorBps: number, ceilingBps: number) {
    this.#floorBps = floorBps;
    this.#ceilingBps = Math.max(ceilingBps, floorBps);
    this.#bitrateBps = this.#clamp(startBps);
  }

  get bitrateBps(): number {
    return this.#bitrateBps;
  }

  /** Minus infinity before the first one. */
  get lastDecreaseUs(): number {
    return this.#lastDecreaseUs;
  }

  setCeiling(bitrateBps: number): void {
    this.#ceilingBps = Math.max(bitrateBps, this.#floorBps);
    this.#bitrateBps = this.#clamp(this.#bitrateBps);
  }

  update(path: PathState): void {
    const elapsedUs = path.nowUs - (this.#lastUpdateUs ?? path.nowUs);
    this.#lastUpdateUs = path.nowUs;
    const overused = path.usage === 'overuse' && !path.competing;
    const probed = path.probing && path.queueMs < REAL_QUEUE_MS;
    if (overused && !probed) {
      this.#increasing = false;
      this.#decrease(path);
    } else if (overused || path.usage === 'underuse' || !path.mayIncrease) {
      // A queue drains: let it (§5.5, hold).
      this.#increasing = false;
    } else if (!this.#increasing) {
      this.#increasing = true;
    } else {
      this.#increase(path, Math.min(Math.max(elapsedUs / 1e6, 0), MAX_STEP_S));
    }
  }

  /** Goes down to a part of the rate. */
  reduce(factor: number, nowUs: number): void {
    this.#bitrateBps = this.#clamp(this.#bitrateBps * factor);
    this.#lastDecreaseUs = nowUs;
    this.#increasing = false;
  }

  /** Another flow was found to fill the queue: what it was given by mistake is taken back. */
  restore(bitrateBps: number): void {
    this.#bitrateBps = this.#clamp(Math.max(this.#bitrateBps, bitrateBps));
  }

  /** A probe measured that the path carries this much. */
  setProbed(bitrateBps: number): void {
    this.#capacity.addProbe(bitrateBps);
    this.#bitrateBps = this.#clamp(bitrateBps);
  }

  #decrease(path: PathState): void {
    const { nowUs, acknowledgedBps, queueMs, rttMs } = path;
    const intervalUs = Math.min(
      Math.max(rttMs * 1000, MIN_DECREASE_INTERVAL_US),
      MAX_DECREASE_INTERVAL_US,
    );
    const shortQueue = queueMs < REAL_QUEUE_MS;
    const waitUs = shortQueue ? SHORT_QUEUE_DECREASE_INTERVAL_US : intervalUs;
    if (nowUs - this.#lastDecreaseUs < waitUs) return;
    this.#lastDecreaseUs = nowUs;
    if (acknowledgedBps === undefined || (path.applicationLimited && shortQueue)) {
      // What arrives is what was sent, and tells nothing of what the path carries.
      this.#bitrateBps = this.#clamp(this.#bitrateBps * DECREASE);
      return;
    }
    const carriedBps = Math.min(acknowledgedBps, path.recentBps ?? acknowledgedBps);
    if (carriedBps < this.#capacity.lowerBps) this.#capacity.reset();
    this.#capacity.addOveruse(carriedBps);
    this.#bitrateBps = this.#clamp(Math.min(this.#bitrateBps, carriedBps * DECREASE));
  }

  #increase(path: PathState, elapsedS: number): void {
    const { acknowledgedBps, rttMs } = path;
    if (acknowledgedBps === undefined) return;
    if (acknowledgedBps > this.#capacity.upperBps) this.#capacity.reset();
    const before = this.#bitrateBps;
    let grown = before + additiveBps(rttMs) * elapsedS;
    if (path.competing && path.queueMs > COMPETING_QUEUE_MS) {
      grown = before + COMPETING_BPS * elapsedS;
    } else if (this.#capacity.bitrateBps === undefined) {
      grown = before * GROWTH_PER_SECOND ** elapsedS;
    }
    const provenBps = acknowledgedBps * UNPROVEN_RATIO + UNPROVEN_BPS;
    this.#bitrateBps = this.#clamp(Math.max(before, Math.min(grown, provenBps)));
  }

  #clamp(bitrateBps: number): number {
    return Math.min(Math.max(bitrateBps, this.#floorBps), this.#ceilingBps);
  }
}

/** Growth a second near the capacity of the link. */
function additiveBps(rttMs: number): number {
  return Math.max(MIN_ADDITIVE_BPS, (PACKET_BITS / 2 / (rttMs + DETECTION_MS)) * 1000);
}

import type { ProbeCluster } from './congestion-control.ts';
import type { ProbeResult } from './probe-estimator.ts';

/** The least that a line of arrivals can be drawn through. */
const MIN_PACKETS = 5;

/** A probe twice as fast as the link leaves a queue as long as itself. */
const DURATION_MS = 15;

/** Where jitter hid the answer, twice as long, and again: 60 ms see through 30 ms of jitter. */
const MAX_DURATION_MS = 60;

/** How much faster than the target to begin, and to go on after a success. */
const FIRST_FACTOR = 3;
const FACTOR = 2;
const FURTHER_FACTOR = 3;

/** Costs 0.6 % of the link, and finds one that has become faster in half of this on average. */
const INTERVAL_US = 2_500_000;

/** Spread of the interval: flows that start together must not go on probing in the same order. */
const INTERVAL_SPREAD = 0.4;

/** Feedback comes every 50 to 250 ms; after this a probe is lost. */
const TIMEOUT_US = 1_000_000;

/** After a decrease the queue drains first. */
const QUIET_AFTER_DECREASE_US = 1_000_000;

/** A longer queue would swallow the probe. */
const QUIET_QUEUE_MS = 20;

/** How long the queue that a probe left is to be seen: it is as long as the probe. */
const AFTERMATH_US = 300_000;

/** A gain of less is not worth a probe. */
const WORTHWHILE = 1.05;

/** What a probe depends on. */
export interface ProbeConditions {
  readonly targetBps: number;
  readonly ceilingBps: number;
  readonly queueMs: number;
  readonly lastDecreaseUs: number;
  /** Neither overused nor losing more than it should. */
  readonly calm: boolean;
  /** The far side reports on packets; undefined: not known yet. */
  readonly reporting: boolean | undefined;
}

/** Decides when to ask the path for more, and for how much. */
export class ProbeController {
  readonly #random: () => number;
  #nextId = 1;
  #active: ProbeCluster | undefined;
  #activeSinceUs = 0;
  #durationMs = DURATION_MS;
  /** Next factor, where a success calls for another probe at once. */
  #atOnce: number | undefined = FIRST_FACTOR;
  #dueUs = Number.NEGATIVE_INFINITY;
  #endedUs = Number.NEGATIVE_INFINITY;

  /** @param random 0 to 1. */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** The probe whose answer is awaited. */
  get active(): ProbeCluster | undefined {
    return this.#active;
  }

  /** Whether a probe's own queue may still be seen. */
  isProbing(nowUs: number): boolean {
    return this.#active !== undefined || nowUs - this.#endedUs < AFTERMATH_US;
  }

  /** Something happened after which the path may carry much more than is known. */
  request(): void {
    this.#atOnce ??= FACTOR;
  }

  handleResult({ outcome }: ProbeResult, nowUs: number): void {
    this.#active = undefined;
    this.#endedUs = nowUs;
    this.#dueUs = nowUs + this.#nextIntervalUs();
    if (outcome === 'carried') {
      this.#atOnce = FURTHER_FACTOR;
    } else if (outcome === 'unclear' && this.#durationMs < MAX_DURATION_MS) {
      this.#durationMs *= 2;
      this.#atOnce = FACTOR;
    }
  }

  tick(nowUs: number, conditions: ProbeConditions): ProbeCluster | undefined {
    if (this.#active) {
      if (nowUs - this.#activeSinceUs < TIMEOUT_US) return undefined;
      this.#active = undefined;
      this.#atOnce = undefined;
      this.#dueUs = nowUs + this.#nextIntervalUs();
    }
    const { targetBps, ceilingBps, reporting } = conditions;
    if (reporting === false || targetBps * WORTHWHILE > ceilingBps) return undefined;
    const first = reporting === undefined;
    if (first ? this.#atOnce === undefined : !this.#quiet(nowUs, conditions)) return undefined;
    if (this.#atOnce === undefined && nowUs < this.#dueUs) return undefined;
    const bitrateBps = Math.min(targetBps * (this.#atOnce ?? FACTOR), ceilingBps);
    // Only an unclear answer calls for longer ones; a clear one proves that they are no longer needed.
    if (this.#atOnce === undefined) this.#durationMs = Math.max(DURATION_MS, this.#durationMs / 2);
    this.#atOnce = undefined;
    this.#active = {
      id: this.#nextId++,
      bitrateBps,
      minPackets: MIN_PACKETS,
      minBytes: Math.round((bitrateBps * this.#durationMs) / 8000),
    };
    this.#activeSinceUs = nowUs;
    return this.#active;
  }

  #nextIntervalUs(): number {
    return INTERVAL_US * (1 + INTERVAL_SPREAD * (this.#random() - 0.5));
  }

  #quiet(nowUs: number, { calm, queueMs, lastDecreaseUs }: ProbeConditions): boolean {
    return calm && queueMs < QUIET_QUEUE_MS && nowUs - lastDecreaseUs > QUIET_AFTER_DECREASE_US;
  }
}

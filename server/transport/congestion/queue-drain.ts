/** A queue this long is a frame that is just passing. */
const TOLERATED_MS = 25;

/**
 * The rate falls by a part that is proportional to the queue: 100 ms of it cost a fifth, and drain in
 * about a third of a second. Never by more than half: the picture has to go on.
 */
const FULL_STOP_MS = 400;
const MIN_FACTOR = 0.5;

/**
 * A queue of our own is gone, or shrinks by the part below, within this time and a few round trips,
 * the first of which passes before anything can be seen.
 */
const PATIENCE_US = 2_000_000;
const PATIENCE_RTTS = 3;
const PROGRESS = 0.7;

/** What stays so steady for the second half of that time is no queue: the route has become longer. */
const STEADY_MS = 8;

/** No other route is longer by more; a full queue beside TCP is steady, too. */
const MAX_DETOUR_MS = 150;

/**
 * Who believes in another flow no longer looks at the delay; so the belief has to prove itself again
 * and again, after a time that doubles as long as it does.
 */
const MIN_BELIEF_US = 10_000_000;
const MAX_BELIEF_US = 80_000_000;

/** TCP over a short queue leaves it empty for a part of each cycle, and for no longer than this. */
const EMPTY_US = 2_000_000;

/** A flow found so soon after the last one is the same one. */
const AGAIN_US = 20_000_000;

/**
 * Sending this much more than arrives, for this long, fills the queue ourselves; seen only after the
 * rate that was just taken back has made its way.
 */
const OWN_QUEUE_RATIO = 0.9;
const OWN_QUEUE_US = 1_000_000;

/** Sending so much more than arrives fills it whatever else is there. */
const FLOOD_RATIO = 0.5;

/** How fast the memory of the rate without a queue fades, a call of 50 ms at a time: in about 5 s. */
const CALM_FADE = 0.01;

/** The flow that was there first gives half of the path, as one that lost a packet would (RFC 5681). */
const SHARE = 0.5;

/** What has just been found out about the queue. */
export type QueueVerdict = 'competing' | 'rerouted';

/** What the queue is judged by. */
export interface QueueState {
  readonly nowUs: number;
  readonly queueMs: number;
  readonly rttMs: number;
  /** The estimate, before any draining. */
  readonly bitrateBps: number;
  readonly sentBps: number | undefined;
  readonly acknowledgedBps: number | undefined;
}

/**
 * Sends below the estimate until the standing queue is gone. Beyond draft-ietf-rmcat-gcc-02, whose
 * 0.85 × the acknowledged rate drains 200 ms of queue in 1.1 s: for a game that is too long. A queue
 * that does not shrink is another flow's, and yielding to it would only starve us: then we compete.
 */
export class QueueDrain {
  #factor = 1;
  #sinceUs: number | undefined;
  #peakMs = 0;
  #leastMs = 0;
  #mostMs = 0;
  #believedUs = Number.NEGATIVE_INFINITY;
  #believeUntilUs = Number.NEGATIVE_INFINITY;
  #beliefUs = MIN_BELIEF_US;
  #competing = false;
  #emptySinceUs: number | undefined;
  #fillingSinceUs: number | undefined;
  #calmBps = 0;
  #restoredBps = 0;

  /** What part of the estimate may be sent; 0.5 to 1. */
  get factor(): number {
    return this.#factor;
  }

  /** Another flow keeps the queue filled. */
  get competing(): boolean {
    return this.#competing;
  }

  /** What to go on with after a verdict: what was given away for nothing. */
  get restoredBps(): number {
    return this.#restoredBps;
  }

  /** To be called after each report. */
  update(state: QueueState): QueueVerdict | undefined {
    const { queueMs, bitrateBps, nowUs } = state;
    this.#factor = 1;
    const patienceUs = PATIENCE_US + PATIENCE_RTTS * state.rttMs * 1000;
    if (this.#competing) this.#doubt(state, patienceUs);
    if (this.#competing || queueMs <= TOLERATED_MS) {
      const faded = this.#calmBps + (bitrateBps - this.#calmBps) * CALM_FADE;
      this.#calmBps = Math.max(bitrateBps, faded);
      this.#sinceUs = undefined;
      return undefined;
    }
    if (this.#sinceUs === undefined || queueMs < this.#peakMs * PROGRESS) {
      this.#sinceUs = nowUs;
      this.#peakMs = queueMs;
    }
    this.#peakMs = Math.max(this.#peakMs, queueMs);
    if (nowUs - this.#sinceUs < patienceUs / 2) {
      this.#leastMs = queueMs;
      this.#mostMs = queueMs;
    }
    this.#leastMs = Math.min(this.#leastMs, queueMs);
    this.#mostMs = Math.max(this.#mostMs, queueMs);
    if (nowUs - this.#sinceUs > patienceUs) return this.#judge(nowUs);
    this.#factor = Math.max(MIN_FACTOR, 1 - (queueMs - TOLERATED_MS) / FULL_STOP_MS);
    return undefined;
  }

  /** Ends the belief in another flow where it is refuted, or has to prove itself again. */
  #doubt(
    { nowUs, queueMs, bitrateBps, sentBps, acknowledgedBps }: QueueState,
    patienceUs: number,
  ): void {
    const empty = queueMs <= TOLERATED_MS;
    this.#emptySinceUs = empty ? (this.#emptySinceUs ?? nowUs) : undefined;
    const arriving = (acknowledgedBps ?? 0) / (sentBps ?? Number.POSITIVE_INFINITY);
    const ageUs = nowUs - this.#believedUs;
    const filling =
      arriving < OWN_QUEUE_RATIO &&
      (ageUs > patienceUs || (arriving < FLOOD_RATIO && ageUs > OWN_QUEUE_US));
    this.#fillingSinceUs = filling ? (this.#fillingSinceUs ?? nowUs) : undefined;
    if (nowUs - (this.#fillingSinceUs ?? nowUs) >= OWN_QUEUE_US) {
      this.#competing = false;
      this.#calmBps = bitrateBps;
      this.#believeUntilUs = Number.NEGATIVE_INFINITY;
    } else if (nowUs >= this.#believeUntilUs || nowUs - (this.#emptySinceUs ?? nowUs) >= EMPTY_US) {
      this.#competing = false;
      this.#believeUntilUs = nowUs;
    }
  }

  #judge(nowUs: number): QueueVerdict {
    this.#sinceUs = undefined;
    const steady = this.#mostMs - this.#leastMs < STEADY_MS;
    if (steady && this.#mostMs < MAX_DETOUR_MS) {
      this.#restoredBps = this.#calmBps;
      return 'rerouted';
    }
    const again = nowUs - this.#believeUntilUs < AGAIN_US;
    this.#restoredBps = again ? this.#calmBps : this.#calmBps * SHARE;
    this.#beliefUs = again ? Math.min(this.#beliefUs * 2, MAX_BELIEF_US) : MIN_BELIEF_US;
    this.#believedUs = nowUs;
    this.#believeUntilUs = nowUs + this.#beliefUs;
    this.#competing = true;
    this.#emptySinceUs = undefined;
    this.#fillingSinceUs = undefined;
    return 'competing';
  }
}

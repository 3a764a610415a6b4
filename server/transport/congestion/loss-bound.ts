import type { PacketResult } from './congestion-control.ts';
import { LOSS_STEP_US, LossHistory } from './loss-history.ts';

/** Of {@link LossBound.fraction}. */
const FRACTION_STEPS = 10;

/** Loss beside a queue is looked for in half a second: a full queue drops a part of every frame. */
const QUICK_STEPS = 5;

/** Fewer packets than this make a single loss look like congestion. */
const QUICK_PACKETS = 40;

/**
 * Loss beyond what the path always has: 2 % is where draft-ietf-rmcat-gcc-02 §6 stops increasing,
 * the half again allows for the spread of bursts.
 */
const QUEUE_EXCESS = 0.02;
const QUEUE_EXCESS_RATIO = 0.5;

/** Beside a flow that gives way on a single loss, to be as polite: one packet of two hundred. */
const COMPETING_EXCESS = 0.005;

/** As on overuse (§5.5): a queue that overflows is one. */
const QUEUE_FACTOR = 0.85;

/** Where §6 starts to decrease. */
const PERSISTENT_LOSS = 0.1;

/**
 * Loss without a queue must last: of 300 packets with 5 % loss in bursts of 5, a standard deviation
 * is 2.8 %, so 10 % is rare; and bursts of Wi-Fi are over within 2 s.
 */
const PERSISTENT_STEPS = 20;
const PERSISTENT_PACKETS = 300;
const MAX_PERSISTENT_STEPS = 80;

/**
 * A quarter gone in most tenths of a second is a policer or a slower link whatever the delay says; a
 * path that was away for a moment is not.
 */
const SEVERE_LOSS = 0.25;
const SEVERE_STEPS = 10;
const SEVERE_HEAVY_STEPS = 6;

/** Steps to wait after a decrease, beside the round trip, before its effect shows. */
const EFFECT_STEPS = 4;

/**
 * A policer that carries C of a rate r loses 1 − C/r. Where less than this part of the fall that a
 * decrease would then bring about came true, the loss is not of our making.
 */
const HELPED = 0.3;

/** Loss that sending less did help against is ours: then on until next to nothing is left of it. */
const OWN_LOSS = 0.03;

/** Loss that no decrease helped against is put up with, up to this much more of it. */
const IMMOVABLE_MARGIN = 1.25;
const MAX_IMMOVABLE = 0.2;

/** How fast the estimate of inherent loss follows, per step: in about 5 s, as bursts are rare. */
const INHERENT_GAIN = 0.02;
const MAX_INHERENT = 0.1;

/**
 * Loss-based part (draft-ietf-rmcat-gcc-02 §6), made to tell congestion from a lossy path: loss
 * counts at once where packets queue as well, without a queue only where it is heavy and lasts, and
 * not at all where sending less does not help.
 */
export class LossBound {
  readonly #history = new LossHistory();
  #evaluated = Number.NEGATIVE_INFINITY;
  /** First step whose losses the last decrease could have avoided. */
  #from = Number.NEGATIVE_INFINITY;
  #inherent = 0;
  #tolerated = PERSISTENT_LOSS;
  /** Loss to expect after the last decrease if it was a policer's, and the loss before it. */
  #expected: { readonly before: number; readonly after: number } | undefined;
  #congested = false;

  /** Of the packets sent in about the last second, 0 to 1. */
  get fraction(): number {
    const { packets, lost } = this.#history.count(
      (this.#history.settled ?? 0) - FRACTION_STEPS + 1,
    );
    return packets > 0 ? lost / packets : 0;
  }

  /** What the path loses without our doing, 0 to 0.1. */
  get inherentFraction(): number {
    return this.#inherent;
  }

  /** Losing more than it should, or about to learn whether a decrease helped: no time to increase. */
  get holds(): boolean {
    return this.#congested || this.#expected !== undefined;
  }

  add(result: PacketResult): void {
    this.#history.add(result);
  }

  /**
   * To be called after each report.
   * @param queueing whether packets wait in the path
   * @param competing whether another flow keeps them waiting
   * @returns what part of the rate to go on with; 1: all of it.
   */
  update(queueing: boolean, competing: boolean, rttMs: number): number {
    const settled = this.#history.settled;
    if (settled === undefined || settled <= this.#evaluated) return 1;
    this.#evaluated = settled;
    const quick = this.#since(settled - QUICK_STEPS + 1, QUICK_PACKETS);
    if (!queueing) this.#learnInherent(quick);
    const excess = competing ? COMPETING_EXCESS : QUEUE_EXCESS;
    const allowed = this.#inherent * (1 + QUEUE_EXCESS_RATIO) + excess;
    this.#congested = queueing && quick !== undefined && quick > allowed;
    const severe = this.#severeLoss(settled);
    const persistent = this.#persistentLoss(settled);
    let factor = 1;
    if (severe !== undefined) {
      factor = this.#lighten(severe);
    } else if (this.#congested) {
      factor = QUEUE_FACTOR;
    } else if (persistent !== undefined && !((quick ?? 0) > SEVERE_LOSS)) {
      // Loss that has only begun, and is severe, is measured in full first.
      this.#judgeLast(persistent);
      if (persistent > this.#tolerated) factor = this.#lighten(persistent);
    }
    if (factor < 1) {
      this.#from = settled + 1 + EFFECT_STEPS + Math.ceil((rttMs * 1000) / LOSS_STEP_US);
    }
    return factor;
  }

  #learnInherent(quick: number | undefined): void {
    if (quick === undefined) return;
    const followed = this.#inherent + (quick - this.#inherent) * INHERENT_GAIN;
    this.#inherent = Math.min(followed, MAX_INHERENT);
  }

  /** The decrease of §6. */
  #lighten(loss: number): number {
    const factor = 1 - 0.5 * loss;
    this.#expected = { before: loss, after: Math.max(0, 1 - (1 - loss) / factor) };
    return factor;
  }

  #judgeLast(loss: number): void {
    const expected = this.#expected;
    if (!expected) return;
    this.#expected = undefined;
    const helped = expected.before - loss >= HELPED * (expected.before - expected.after);
    if (helped) {
      this.#tolerated = OWN_LOSS;
    } else if (loss <= MAX_IMMOVABLE) {
      this.#tolerated = Math.max(PERSISTENT_LOSS, loss * IMMOVABLE_MARGIN);
    }
  }

  /** Losses so far are forgiven: the path was away, and what it carries is to be found out anew. */
  forgive(): void {
    this.#from = (this.#history.newest ?? 0) + 1;
    this.#expected = undefined;
    this.#congested = false;
  }

  #severeLoss(settled: number): number | undefined {
    const from = settled - SEVERE_STEPS + 1;
    const loss = this.#since(from, QUICK_PACKETS);
    if (loss === undefined || loss < SEVERE_LOSS) return undefined;
    return this.#history.count(from).heavySteps >= SEVERE_HEAVY_STEPS ? loss : undefined;
  }

  /** Of so many packets that it means something; undefined where there are not so many. */
  #persistentLoss(settled: number): number | undefined {
    for (let steps = PERSISTENT_STEPS; steps <= MAX_PERSISTENT_STEPS; steps *= 2) {
      const loss = this.#since(settled - steps + 1, PERSISTENT_PACKETS);
      if (loss !== undefined) return loss;
    }
    return undefined;
  }

  /** Undefined with fewer packets, or where the last decrease has not shown over all the steps. */
  #since(from: number, minPackets: number): number | undefined {
    if (from < this.#from) return undefined;
    const { packets, lost } = this.#history.count(from);
    return packets < minPackets ? undefined : lost / packets;
  }
}

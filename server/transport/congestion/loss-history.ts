import type { PacketResult } from './congestion-control.ts';

/** Losses are counted by the time of sending, in steps of this. */
export const LOSS_STEP_US = 100_000;

/** 12.8 s. */
const STEPS = 128;

/** Longer than a packet reported lost may take to be reported received after all. */
const REMEMBERED_LOSSES = 4096;

/**
 * A packet that is only late is reported lost, and received by the next feedback, 50 to 100 ms on:
 * losses younger than that are not believed.
 */
const SETTLING_STEPS = 2;

/**
 * Steps in which next to nothing arrived are a path that was away, not a rate that was too high; more
 * of them than half a second are the business of who watches for silence.
 */
const OUTAGE_LOSS = 0.9;
const OUTAGE_PACKETS = 5;
const MAX_OUTAGE_STEPS = 5;

/** What became of the packets of some steps. */
export interface LossCount {
  readonly packets: number;
  readonly lost: number;
  /** Steps that lost at least a quarter. */
  readonly heavySteps: number;
}

const HEAVY_LOSS = 0.25;

/** Received and lost packets by the time they were sent; a loss that proves late is taken back. */
export class LossHistory {
  readonly #received = new Int32Array(STEPS);
  readonly #lost = new Int32Array(STEPS);
  readonly #lostSeqs = new Float64Array(REMEMBERED_LOSSES).fill(-1);
  /** Newest step reported on, counted from time zero. */
  #newest: number | undefined;

  /** Newest step whose losses are believed; undefined before any. */
  get settled(): number | undefined {
    return this.#newest === undefined ? undefined : this.#newest - SETTLING_STEPS;
  }

  add({ seq, sentUs, receivedUs }: PacketResult): void {
    const step = Math.floor(sentUs / LOSS_STEP_US);
    this.#advance(step);
    if (this.#newest === undefined || step <= this.#newest - STEPS) return;
    const slot = slotOf(step);
    const mark = seq % REMEMBERED_LOSSES;
    if (receivedUs === undefined) {
      this.#lostSeqs[mark] = seq;
      this.#lost[slot] = (this.#lost[slot] ?? 0) + 1;
      return;
    }
    this.#received[slot] = (this.#received[slot] ?? 0) + 1;
    if (this.#lostSeqs[mark] !== seq) return;
    this.#lostSeqs[mark] = -1;
    this.#lost[slot] = Math.max(0, (this.#lost[slot] ?? 0) - 1);
  }

  /** Newest step reported on, settled or not; undefined before any. */
  get newest(): number | undefined {
    return this.#newest;
  }

  /** Over the settled steps from `from` on, outages left out. */
  count(from: number): LossCount {
    let packets = 0;
    let lost = 0;
    let heavySteps = 0;
    let outages = 0;
    const to = this.settled ?? from - 1;
    for (let step = Math.max(from, to - STEPS + SETTLING_STEPS + 1); step <= to; step++) {
      const slot = slotOf(step);
      const lostHere = this.#lost[slot] ?? 0;
      const sentHere = lostHere + (this.#received[slot] ?? 0);
      const away = sentHere >= OUTAGE_PACKETS && lostHere >= OUTAGE_LOSS * sentHere;
      if (away && outages < MAX_OUTAGE_STEPS) {
        outages++;
        continue;
      }
      packets += sentHere;
      lost += lostHere;
      if (sentHere > 0 && lostHere >= HEAVY_LOSS * sentHere) heavySteps++;
    }
    return { packets, lost, heavySteps };
  }

  #advance(step: number): void {
    if (this.#newest === undefined || step - this.#newest >= STEPS) {
      this.#received.fill(0);
      this.#lost.fill(0);
      this.#newest = step;
    }
    while (this.#newest < step) {
      this.#newest++;
      this.#received[slotOf(this.#newest)] = 0;
      this.#lost[slotOf(this.#newest)] = 0;
    }
  }
}

function slotOf(step: number): number {
  return ((step % STEPS) + STEPS) % STEPS;
}

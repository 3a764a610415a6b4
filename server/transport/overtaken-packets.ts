import type { TransportReport } from './congestion/congestion-control.ts';

/** Of the packets asked for that arrived all the same: above this, being asked says little. */
const FREQUENT = 0.5;

/**
 * Packets asked for until the share is believed; and after so many older ones count half. News of
 * arrivals come a round trip later and in clumps: many more must be asked for in the meantime.
 */
const MIN_ASKED = 16;
const MAX_ASKED = 512;

/** The delay that 95 of 100 overtaken packets stay below, found by steps of this. */
const STEP_US = 1000;
const QUANTILE = 0.95;

/** More is no overtaking but an outage. */
const MAX_DELAY_US = 100_000;

/**
 * Watches how far packets overtake one another. A receiver asks for a packet as soon as a later one
 * arrives; on a network that reorders, as radio does, most of what it asks for is still on its way.
 */
export class OvertakenPackets {
  #asked = 0;
  #overtaken = 0;
  #delayUs = 0;

  /** Most of what is asked for arrives by itself. */
  get frequent(): boolean {
    return this.#asked >= MIN_ASKED && this.#overtaken > this.#asked * FREQUENT;
  }

  /** How much later than its successor a packet may arrive. */
  get delayUs(): number {
    return this.#delayUs;
  }

  /** A packet is asked for, for the first time. */
  handleNack(): void {
    if (++this.#asked < MAX_ASKED) return;
    this.#asked /= 2;
    this.#overtaken /= 2;
  }

  /** A packet that was asked for has arrived by itself. */
  handleArrival(): void {
    this.#overtaken = Math.min(this.#overtaken + 1, this.#asked);
  }

  handleReport({ packets }: TransportReport): void {
    let earliestLaterUs = Number.POSITIVE_INFINITY;
    for (let i = packets.length - 1; i >= 0; i--) {
      const receivedUs = packets[i]?.receivedUs;
      if (receivedUs === undefined) continue;
      const lateUs = receivedUs - earliestLaterUs;
      if (lateUs > 0) this.#learn(lateUs);
      else earliestLaterUs = receivedUs;
    }
  }

  /** Steps towards the quantile, from either side in proportion to how often it is passed. */
  #learn(lateUs: number): void {
    const step = lateUs > this.#delayUs ? STEP_US * QUANTILE : -STEP_US * (1 - QUANTILE);
    this.#delayUs = Math.min(Math.max(0, this.#delayUs + step), MAX_DELAY_US);
  }
}

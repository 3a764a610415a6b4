import type { Clock, Scheduler } from '../../renderer/clock.ts';
import { decodeAcknowledgement, encodeData, REPEATED } from './bulk-packets.ts';
import { CubicWindow } from './cubic.ts';

/** A packet is lost when three later ones have arrived (RFC 5681 §3.2: three duplicates). */
const LOSS_THRESHOLD = 3;

/** Until a round trip is known (RFC 6298 §2.1), and the least: Linux's, for RFC 6298 §2.4's second. */
const INITIAL_TIMEOUT_US = 1_000_000;
const MIN_TIMEOUT_US = 200_000;
const MAX_TIMEOUT_US = 60_000_000;

/**
 * A source of bulk data with the congestion control of TCP: a window of packets clocked by
 * acknowledgements, cut once for each window that had losses (RFC 6675), with a timer for when none
 * come (RFC 6298). The data mean nothing, so what is lost is not sent again but replaced by the next
 * packet: the load on the network is the same.
 */
export class BulkSender {
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #send: (packet: Uint8Array) => void;
  readonly #window = new CubicWindow();
  /** When each packet under way was sent, oldest first. */
  readonly #underWay = new Map<number, number>();
  #next = 0;
  /** Losses up to here belong to a cut that was made. */
  #recovered = -1;
  #newest = -1;
  #roundTripUs: number | undefined;
  #deviationUs = 0;
  #backOff = 1;
  #cancelTimeout: (() => void) | undefined;

  constructor(clock: Clock, scheduler: Scheduler, send: (packet: Uint8Array) => void) {
    this.#clock = clock;
    this.#scheduler = scheduler;
    this.#send = send;
  }

  /** Smoothed; undefined before the first acknowledgement. */
  get roundTripMs(): number | undefined {
    return this.#roundTripUs === undefined ? undefined : this.#roundTripUs / 1000;
  }

  /** Sends for as long as it is not closed. */
  start(): void {
    this.#fill();
  }

  /** @param packet ignored unless it is an acknowledgement of something sent. */
  handlePacket(packet: Uint8Array): void {
    const acknowledgement = decodeAcknowledgement(packet);
    if (!acknowledgement || acknowledgement.newest >= this.#next) return;
    const { newest, before } = acknowledgement;
    const nowUs = this.#clock.nowUs();
    const sentUs = this.#underWay.get(newest);
    if (sentUs !== undefined) this.#measureRoundTrip(nowUs - sentUs);
    let count = this.#underWay.delete(newest) ? 1 : 0;
    for (let i = 0; i < REPEATED; i++) {
      const arrived = (before >> BigInt(i)) & 1n;
      if (arrived && this.#underWay.delete(newest - 1 - i)) count++;
    }
    this.#newest = Math.max(this.#newest, newest);
    this.#giveUpLost();
    if (count === 0) return;
    // In recovery the window stays as the loss has left it (RFC 5681 §3.2).
    if (newest > this.#recovered) {
      this.#window.handleAcknowledged(count, nowUs, this.#roundTripUs ?? 0);
    }
    this.#backOff = 1;
    this.#setTimeout();
    this.#fill();
  }

  close(): void {
    this.#cancelTimeout?.();
    this.#cancelTimeout = undefined;
  }

  #fill(): void {
    while (this.#underWay.size + 1 <= this.#window.packets) {
      const number = this.#next++;
      this.#underWay.set(number, this.#clock.nowUs());
      this.#send(encodeData(number));
    }
    if (!this.#cancelTimeout) this.#setTimeout();
  }

  #giveUpLost(): void {
    let lost = -1;
    for (const number of this.#underWay.keys()) {
      if (number > this.#newest - LOSS_THRESHOLD) break;
      this.#underWay.delete(number);
      lost = number;
    }
    if (lost <= this.#recovered) return;
    this.#window.handleLoss();
    this.#recovered = this.#next - 1;
  }

  /** RFC 6298 §2. */
  #measureRoundTrip(us: number): void {
    if (this.#roundTripUs === undefined) {
      this.#roundTripUs = us;
      this.#deviationUs = us / 2;
      return;
    }
    this.#deviationUs += (Math.abs(us - this.#roundTripUs) - this.#deviationUs) / 4;
    this.#roundTripUs += (us - this.#roundTripUs) / 8;
  }

  #setTimeout(): void {
    this.#cancelTimeout?.();
    const measuredUs =
      this.#roundTripUs === undefined
        ? INITIAL_TIMEOUT_US
        : Math.max(this.#roundTripUs + 4 * this.#deviationUs, MIN_TIMEOUT_US);
    const timeoutUs = Math.min(measuredUs * this.#backOff, MAX_TIMEOUT_US);
    this.#cancelTimeout = this.#scheduler.after(timeoutUs / 1000, this.#handleTimeout);
  }

  readonly #handleTimeout = (): void => {
    this.#cancelTimeout = undefined;
    this.#underWay.clear();
    this.#window.handleTimeout();
    this.#recovered = this.#next - 1;
    this.#backOff *= 2;
    this.#fill();
  };
}

import { HEADER_BYTES } from '../../gate/network/link.ts';
import type { Clock, Scheduler } from '../../renderer/clock.ts';
import { decodeData, encodeAcknowledgement, REPEATED } from './bulk-packets.ts';

/** At least every second packet is acknowledged, and none later than this (RFC 5681 §4.2). */
const ACKNOWLEDGED_AT_ONCE = 2;
const LONGEST_WAIT_MS = 40;

const SECOND_US = 1_000_000;
const ALL_REPEATED = (1n << BigInt(REPEATED)) - 1n;

/** The far end of a bulk flow: acknowledges what arrives, and counts it second by second. */
export class BulkReceiver {
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #send: (packet: Uint8Array) => void;
  #startUs: number;
  #bytes: number[] = [];
  #newest = -1;
  #before = 0n;
  #unacknowledged = 0;
  #cancelWait: (() => void) | undefined;

  constructor(clock: Clock, scheduler: Scheduler, send: (packet: Uint8Array) => void) {
    this.#clock = clock;
    this.#scheduler = scheduler;
    this.#send = send;
    this.#startUs = clock.nowUs();
  }

  get hasReceived(): boolean {
    return this.#newest >= 0;
  }

  /** Counts from now on. */
  markStart(): void {
    this.#startUs = this.#clock.nowUs();
    this.#bytes = [];
  }

  /** Bits of IP that arrived in each whole second since the start. */
  throughputBps(): number[] {
    const seconds = Math.floor((this.#clock.nowUs() - this.#startUs) / SECOND_US);
    return Array.from({ length: seconds }, (_, second) => (this.#bytes[second] ?? 0) * 8);
  }

  /** @param packet ignored unless it carries data. */
  handlePacket(packet: Uint8Array): void {
    const number = decodeData(packet);
    if (number === undefined) return;
    const second = Math.floor((this.#clock.nowUs() - this.#startUs) / SECOND_US);
    this.#bytes[second] = (this.#bytes[second] ?? 0) + packet.byteLength + HEADER_BYTES;
    const inOrder = number === this.#newest + 1;
    this.#note(number);
    this.#unacknowledged++;
    // A gap is told at once (RFC 5681 §4.2): the sender learns of losses by it.
    if (!inOrder || this.#unacknowledged >= ACKNOWLEDGED_AT_ONCE) this.#acknowledge();
    else this.#cancelWait ??= this.#scheduler.after(LONGEST_WAIT_MS, this.#acknowledge);
  }

  close(): void {
    this.#cancelWait?.();
    this.#cancelWait = undefined;
  }

  #note(number: number): void {
    const ahead = number - this.#newest;
    if (ahead > 0) {
      this.#before = (((this.#before << 1n) | 1n) << BigInt(ahead - 1)) & ALL_REPEATED;
      this.#newest = number;
    } else if (-ahead <= REPEATED && ahead < 0) {
      this.#before |= 1n << BigInt(-ahead - 1);
    }
  }

  readonly #acknowledge = (): void => {
    this.#cancelWait?.();
    this.#cancelWait = undefined;
    this.#unacknowledged = 0;
    this.#send(encodeAcknowledgement({ newest: this.#newest, before: this.#before }));
  };
}

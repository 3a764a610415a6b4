import { sequenceDistance } from './rtp-packet.ts';

/** A retransmission later than this cannot be shown any more: a keyframe is quicker. */
const HISTORY_US = 1_000_000;

/** A second at 50 Mbit/s is 5,700 packets. */
const CAPACITY = 8192;

/** A sent packet that may be asked for again. */
export interface SentPacket {
  readonly packet: Buffer;
  readonly seq: number;
  readonly sentUs: number;
  /** When it was last retransmitted. */
  resentUs: number;
}

/** The packets of the last second, by RTP sequence number. */
export class PacketHistory {
  readonly #entries: (SentPacket | undefined)[] = new Array(CAPACITY);
  #oldest: number | undefined;
  #newest = 0;

  /** @param seq one more than the last one added. */
  add(seq: number, packet: Buffer, nowUs: number): void {
    this.#entries[seq % CAPACITY] = {
      packet,
      seq,
      sentUs: nowUs,
      resentUs: Number.NEGATIVE_INFINITY,
    };
    this.#newest = seq;
    this.#oldest ??= seq;
    this.#forget(nowUs);
  }

  /** @returns undefined where the packet has left history, or never was in it. */
  find(seq: number, nowUs: number): SentPacket | undefined {
    const entry = this.#entries[seq % CAPACITY];
    if (entry?.seq !== seq || nowUs - entry.sentUs > HISTORY_US) return undefined;
    return entry;
  }

  /** Lets go of the memory of old packets, one or two for each one added. */
  #forget(nowUs: number): void {
    let oldest = this.#oldest ?? this.#newest;
    while (oldest !== this.#newest) {
      const entry = this.#entries[oldest % CAPACITY];
      const overwritten = entry?.seq !== oldest;
      if (!overwritten && nowUs - entry.sentUs <= HISTORY_US) break;
      if (!overwritten) this.#entries[oldest % CAPACITY] = undefined;
      if (sequenceDistance(this.#newest, oldest) <= 0) break;
      oldest = (oldest + 1) & 0xffff;
    }
    this.#oldest = oldest;
  }
}

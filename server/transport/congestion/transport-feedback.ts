/*
 * One RTCP transport-wide feedback packet
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).
 */

/** RTCP header, two SSRCs, base sequence number, status count, reference time, feedback count. */
const HEADER_BYTES = 20;

/** More than half of the sequence space cannot be told from older packets. */
const MAX_STATUSES = 0x8000;

/** Covers 100 ms at 50 Mbit/s; grows where a packet tells of more. */
const INITIAL_STATUSES = 512;

const DELTA_US = 250;
const REFERENCE_US = 64_000;

const NOT_RECEIVED = 0;
const SMALL_DELTA = 1;
const LARGE_DELTA = 2;

/** Below every sum of deltas: 2¹⁵ statuses of at most 2¹⁵ ticks. */
const NO_ARRIVAL = -(2 ** 31);

/** The packet parsed last; reused, so that parsing allocates nothing. */
export class TransportFeedback {
  /** Ticks after the reference time of each status; while parsing, its symbol. */
  #arrivals = new Int32Array(INITIAL_STATUSES);
  #baseSeq = 0;
  #statusCount = 0;
  #referenceTime = 0;

  /** Of the first packet told of; 16 bits. */
  get baseSeq(): number {
    return this.#baseSeq;
  }

  /** How many packets, from the first on, it tells of. */
  get statusCount(): number {
    return this.#statusCount;
  }

  /** Of the receiver's clock, in units of 64 ms; 24 bits, wraps. */
  get referenceTime(): number {
    return this.#referenceTime;
  }

  /** The reference time, which wraps with its 24 bits, in microseconds. */
  static unitsToUs(referenceTime: number): number {
    return referenceTime * REFERENCE_US;
  }

  /**
   * Microseconds after the reference time.
   * @param index 0 is the packet {@link baseSeq}
   * @returns undefined where that packet was not received, or is not told of.
   */
  arrivalUs(index: number): number | undefined {
    if (index < 0 || index >= this.#statusCount) return undefined;
    const ticks = this.#arrivals[index];
    return ticks === undefined || ticks === NO_ARRIVAL ? undefined : ticks * DELTA_US;
  }

  /**
   * @param packet from the RTCP common header on, RTCP padding removed.
   * @returns false where it is malformed: then it tells of nothing.
   */
  parse(packet: Uint8Array): boolean {
    this.#statusCount = 0;
    if (packet.length < HEADER_BYTES) return false;
    const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
    const count = view.getUint16(14);
    if (count === 0 || count > MAX_STATUSES) return false;
    // The least that can carry so many statuses; so a few bytes never claim much memory.
    if (HEADER_BYTES + Math.ceil(count / 0x1fff) * 2 > packet.length) return false;
    this.#reserve(count);
    const deltas = this.#readSymbols(view, count);
    if (deltas < 0 || !this.#readDeltas(view, deltas, count)) return false;
    this.#baseSeq = view.getUint16(12);
    this.#referenceTime = view.getUint32(16) >>> 8;
    this.#statusCount = count;
    return true;
  }

  #reserve(count: number): void {
    if (count <= this.#arrivals.length) return;
    this.#arrivals = new Int32Array(2 ** Math.ceil(Math.log2(count)));
  }

  /** @returns where the deltas begin; negative where chunks are missing. */
  #readSymbols(view: DataView, count: number): number {
    let offset = HEADER_BYTES;
    let done = 0;
    while (done < count) {
      if (offset + 2 > view.byteLength) return -1;
      const chunk = view.getUint16(offset);
      offset += 2;
      if (chunk & 0x8000) {
        const bits = chunk & 0x4000 ? 2 : 1;
        const mask = bits === 2 ? 3 : 1;
        for (let shift = 14 - bits; shift >= 0 && done < count; shift -= bits) {
          this.#arrivals[done++] = (chunk >> shift) & mask;
        }
      } else {
        const end = Math.min(count, done + (chunk & 0x1fff));
        if (end === done) return -1;
        this.#arrivals.fill((chunk >> 13) & 3, done, end);
        done = end;
      }
    }
    return offset;
  }

  /** Turns symbols into sums of deltas. */
  #readDeltas(view: DataView, start: number, count: number): boolean {
    let offset = start;
    let ticks = 0;
    for (let i = 0; i < count; i++) {
      const symbol = this.#arrivals[i];
      if (symbol === NOT_RECEIVED) {
        this.#arrivals[i] = NO_ARRIVAL;
        continue;
      }
      if (symbol === SMALL_DELTA) {
        if (offset + 1 > view.byteLength) return false;
        ticks += view.getUint8(offset);
        offset += 1;
      } else if (symbol === LARGE_DELTA) {
        if (offset + 2 > view.byteLength) return false;
        ticks += view.getInt16(offset);
        offset += 2;
      } else {
        return false;
      }
      this.#arrivals[i] = ticks;
    }
    return true;
  }
}

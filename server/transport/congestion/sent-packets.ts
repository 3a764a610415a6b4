import type { PacketResult, TransportReport } from './congestion-control.ts';
import { TransportFeedback } from './transport-feedback.ts';

/** 10 s at 7 Mbit/s, 2 s at 50 Mbit/s; a power of two, so that the ring survives every wrap. */
const CAPACITY = 8192;

/** What is told of a packet so late helps nobody. */
const HISTORY_US = 10_000_000;

/**
 * A packet not told of for this long is no longer counted as in flight, or a path that lost a whole
 * window would stay shut for good. Longer than any round trip a game can be played over.
 */
const FLIGHT_US = 1_000_000;

const REFERENCE_BITS = 24;

const SENT = 0;
const REPORTED_LOST = 1;
const REPORTED_RECEIVED = 2;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Feedback that was of no use. */
export interface SentPacketsCounters {
  readonly malformedFeedback: number;
  /** Packets told of that were never sent, or so long ago that they are forgotten. */
  readonly unknownPackets: number;
}

/**
 * Every packet of the last seconds by transport-wide sequence number, and what became of it
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01).
 */
export class SentPackets {
  readonly #sentUs = new Float64Array(CAPACITY);
  readonly #bytes = new Int32Array(CAPACITY);
  /** All bytes sent before this packet. */
  readonly #bytesBefore = new Float64Array(CAPACITY);
  /** Probe of the packet, or -1. */
  readonly #probeIds = new Int32Array(CAPACITY);
  /** RTP sequence number of a packet of video, or -1. */
  readonly #videoSeqs = new Int32Array(CAPACITY);
  readonly #states = new Uint8Array(CAPACITY);
  readonly #feedback = new TransportFeedback();
  readonly #results: Mutable<PacketResult>[] = [];
  readonly #report: Mutable<TransportReport> & { packets: PacketResult[] };
  readonly #firstSeq: number;
  /** Unwrapped sequence number of the next packet. */
  #nextSeq: number;
  /** Of the oldest packet that may be in flight. */
  #flightSeq: number;
  #totalBytes = 0;
  #lastReference: number | undefined;
  #unwrappedReference = 0;
  #malformedFeedback = 0;
  #unknownPackets = 0;

  /** @param firstSeq sequence number of the first packet; 16 bits. */
  constructor(firstSeq = 0) {
    this.#firstSeq = firstSeq;
    this.#nextSeq = firstSeq;
    this.#flightSeq = firstSeq;
    this.#report = { atUs: 0, packets: [], inFlightBytes: 0, untoldUs: 0 };
  }

  get counters(): SentPacketsCounters {
    return { malformedFeedback: this.#malformedFeedback, unknownPackets: this.#unknownPackets };
  }

  /**
   * Notes a packet that leaves now.
   * @param bytes on the wire above IP
   * @param probeId of the probe it is part of; not negative
   * @param videoSeq RTP sequence number of a packet of video, sent for the first time or again
   * @returns the sequence number to stamp on it; 16 bits.
   */
  add(bytes: number, nowUs: number, probeId?: number, videoSeq?: number): number {
    const seq = this.#nextSeq++;
    const slot = seq % CAPACITY;
    this.#sentUs[slot] = nowUs;
    this.#bytes[slot] = bytes;
    this.#bytesBefore[slot] = this.#totalBytes;
    this.#probeIds[slot] = probeId ?? -1;
    this.#videoSeqs[slot] = videoSeq ?? -1;
    this.#states[slot] = SENT;
    this.#totalBytes += bytes;
    this.#flightSeq = Math.max(this.#flightSeq, this.#nextSeq - CAPACITY);
    return seq & 0xffff;
  }

  /** Sent, not yet reported on, and young enough to be still under way. */
  inFlightBytes(nowUs: number): number {
    while (this.#flightSeq < this.#nextSeq) {
      const slot = this.#flightSeq % CAPACITY;
      if (nowUs - (this.#sentUs[slot] ?? 0) <= FLIGHT_US) {
        return this.#totalBytes - (this.#bytesBefore[slot] ?? 0);
      }
      this.#flightSeq++;
    }
    return 0;
  }

  /**
   * Resolves transport-wide feedback to the packets it tells news of: received ones that were not
   * reported as received before, missing ones that were not reported before. So a packet reported
   * lost and then received comes a second time, as received.
   *
   * @param packet from the RTCP common header on.
   * @returns undefined where it is malformed. The report, its array and the results in it are
   * reused: they hold until the next call.
   */
  resolve(packet: Uint8Array, nowUs: number): TransportReport | undefined {
    const feedback = this.#feedback;
    if (!feedback.parse(packet)) {
      this.#malformedFeedback++;
      return undefined;
    }
    const referenceUs = this.#unwrapReference(feedback.referenceTime);
    const { packets } = this.#report;
    packets.length = 0;
    const newest = this.#nextSeq - 1;
    const baseSeq = newest - ((newest - feedback.baseSeq) & 0xffff);
    const oldest = Math.max(this.#firstSeq, this.#nextSeq - CAPACITY);
    const end = baseSeq + feedback.statusCount;
    const from = Math.max(baseSeq, oldest);
    const to = Math.min(end, this.#nextSeq);
    this.#unknownPackets += feedback.statusCount - Math.max(0, to - from);
    for (let seq = from; seq < to; seq++) {
      const arrivalUs = feedback.arrivalUs(seq - baseSeq);
      this.#settle(seq, arrivalUs === undefined ? undefined : referenceUs + arrivalUs, nowUs);
    }
    // What was sent before a packet told of has arrived or never will: one feedback packet that is
    // lost must not keep its packets in flight.
    this.#report.untoldUs = to > from ? this.#stretchUs(this.#flightSeq, from) : 0;
    if (to > from) this.#flightSeq = Math.max(this.#flightSeq, to);
    this.#report.atUs = nowUs;
    this.#report.inFlightBytes = this.inFlightBytes(nowUs);
    return this.#report;
  }

  /** How long it took to send the packets from one to before another. */
  #stretchUs(from: number, to: number): number {
    if (to <= from) return 0;
    return (this.#sentUs[to % CAPACITY] ?? 0) - (this.#sentUs[from % CAPACITY] ?? 0);
  }

  #settle(seq: number, receivedUs: number | undefined, nowUs: number): void {
    const slot = seq % CAPACITY;
    const sentUs = this.#sentUs[slot] ?? 0;
    if (nowUs - sentUs > HISTORY_US) {
      this.#unknownPackets++;
      return;
    }
    const state = receivedUs === undefined ? REPORTED_LOST : REPORTED_RECEIVED;
    if ((this.#states[slot] ?? SENT) >= state) return;
    this.#states[slot] = state;
    const { packets } = this.#report;
    const probeId = this.#probeIds[slot] ?? -1;
    const videoSeq = this.#videoSeqs[slot] ?? -1;
    const result = this.#result(packets.length);
    result.seq = seq;
    result.sentUs = sentUs;
    result.bytes = this.#bytes[slot] ?? 0;
    result.receivedUs = receivedUs;
    result.probeId = probeId < 0 ? undefined : probeId;
    result.videoSeq = videoSeq < 0 ? undefined : videoSeq;
    packets.push(result);
  }

  /** One of the pool, which grows to the longest report and no further. */
  #result(index: number): Mutable<PacketResult> {
    const pooled = this.#results[index];
    if (pooled) return pooled;
    const made: PacketResult = {
      seq: 0,
      sentUs: 0,
      bytes: 0,
      receivedUs: undefined,
      probeId: undefined,
      videoSeq: undefined,
    };
    this.#results.push(made);
    return made;
  }

  /** Microseconds; feedback that was overtaken lies before the one seen last. */
  #unwrapReference(reference: number): number {
    const shift = 32 - REFERENCE_BITS;
    const step = ((reference - (this.#lastReference ?? reference)) << shift) >> shift;
    this.#lastReference = reference;
    this.#unwrappedReference += step;
    return TransportFeedback.unitsToUs(this.#unwrappedReference);
  }
}

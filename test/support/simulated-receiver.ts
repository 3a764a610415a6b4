import type { VirtualTime } from '../../renderer/virtual-time.ts';
import { parseRtp } from '../server/transport/depacketizers.ts';
import { parseRepair, recover } from '../server/transport/flexfec-decoder.ts';
import { writeTransportFeedback } from './transport-feedback-writer.ts';

/** As libwebrtc sends it at the rates of games. */
const FEEDBACK_MS = 50;
const FEEDBACK_TICK_US = 250;
const REFERENCE_TICK_US = 64_000;

/** How often libwebrtc looks for what it has to ask for again. */
const NACK_PROCESS_MS = 20;

/** libwebrtc's round trip of a stream that it only receives: it never measures it. */
const NACK_REPEAT_US = 100_000;
const MAX_NACKS = 10;

/** So many are remembered, to recover others. */
const MEMORY_PACKETS = 4000;
const MEMORY_REPAIRS = 64;

export interface ReceiverStreams {
  readonly videoSsrc: number;
  readonly rtxSsrc: number;
  readonly fecSsrc: number;
  /** Id of the transport-wide sequence number's extension. */
  readonly transportSeqId: number;
}

interface Missing {
  nackedUs: number;
  nacks: number;
}

/** The number near `reference` that has these 16 bits. */
function unwrap(seq: number, reference: number): number {
  const distance = (seq - reference) & 0xffff;
  return reference + (distance < 0x8000 ? distance : distance - 0x10000);
}

/**
 * The receiving side of a browser as far as it matters to a sender: transport-wide feedback, NACKs in
 * libwebrtc's rhythm, FlexFEC, and frames that are shown in order.
 */
export class SimulatedReceiver {
  readonly #time: VirtualTime;
  readonly #streams: ReceiverStreams;
  readonly #sendRtcp: (compound: Buffer) => void;
  readonly #handleFrame: (timestamp: number) => void;
  readonly #arrivals = new Map<number, number>();
  #highestTransport: number | undefined;
  #nextBase: number | undefined;
  #feedbacks = 0;
  readonly #packets = new Map<number, Buffer>();
  readonly #repairs: Buffer[] = [];
  readonly #missing = new Map<number, Missing>();
  #highest: number | undefined;
  /** The next packet that the decoder needs. */
  #next: number | undefined;

  /** @param handleFrame a frame is complete, as are all before it; told its RTP timestamp. */
  constructor(
    time: VirtualTime,
    streams: ReceiverStreams,
    sendRtcp: (compound: Buffer) => void,
    handleFrame: (timestamp: number) => void,
  ) {
    this.#time = time;
    this.#streams = streams;
    this.#sendRtcp = sendRtcp;
    this.#handleFrame = handleFrame;
    const every = (ms: number, task: () => void): void => {
      time.after(ms, () => {
        task();
        every(ms, task);
      });
    };
    every(FEEDBACK_MS, () => this.#feedBack());
    every(NACK_PROCESS_MS, () => this.#askAgain());
  }

  handleRtp(packet: Buffer): void {
    const { ssrc, payload, extensions } = parseRtp(packet);
    const { videoSsrc, rtxSsrc, fecSsrc, transportSeqId } = this.#streams;
    const transport = extensions.get(transportSeqId)?.readUInt16BE();
    if (transport !== undefined) this.#note(transport);
    if (ssrc === videoSsrc) {
      this.#handleMedia(packet, packet.readUInt16BE(2), true);
    } else if (ssrc === rtxSsrc) {
      const seq = payload.readUInt16BE(0);
      const header = packet.subarray(0, packet.length - payload.length);
      const original = Buffer.concat([header, payload.subarray(2)]);
      original.writeUInt16BE(seq, 2);
      original.writeUInt32BE(videoSsrc, 8);
      this.#handleMedia(original, seq, false);
    } else if (ssrc === fecSsrc) {
      this.#repairs.push(packet);
      if (this.#repairs.length > MEMORY_REPAIRS) this.#repairs.shift();
      this.#recover(packet);
    }
  }

  #note(transport: number): void {
    const seq = unwrap(transport, this.#highestTransport ?? transport);
    this.#arrivals.set(seq, this.#time.nowUs());
    this.#highestTransport = Math.max(this.#highestTransport ?? seq, seq);
    this.#nextBase = Math.min(this.#nextBase ?? seq, seq);
    this.#arrivals.delete(seq - 2000);
  }

  #handleMedia(packet: Buffer, seq16: number, inStream: boolean): void {
    const seq = unwrap(seq16, this.#highest ?? seq16);
    this.#next ??= seq;
    if (this.#packets.has(seq) || seq < this.#next) {
      this.#missing.delete(seq);
      return;
    }
    this.#packets.set(seq, packet);
    this.#packets.delete(seq - MEMORY_PACKETS);
    this.#missing.delete(seq);
    const highest = this.#highest ?? seq;
    if (inStream && seq > highest) {
      const lost: number[] = [];
      for (let at = highest + 1; at < seq; at++) {
        if (!this.#packets.has(at)) lost.push(at);
      }
      this.#ask(lost);
      this.#highest = seq;
    }
    this.#highest ??= seq;
    for (const repair of this.#repairs) this.#recover(repair);
    this.#assemble();
  }

  #recover(repair: Buffer): void {
    const { protectedSeqs } = parseRepair(repair);
    const last = protectedSeqs.at(-1);
    if (last === undefined || unwrap(last, this.#highest ?? last) < (this.#next ?? 0)) return;
    const known: Buffer[] = [];
    let missing = 0;
    for (const seq16 of protectedSeqs) {
      const packet = this.#packets.get(unwrap(seq16, this.#highest ?? seq16));
      if (packet) known.push(packet);
      else missing++;
    }
    if (missing !== 1) return;
    for (const [seq, packet] of recover(known, [repair])) {
      this.#handleMedia(packet, seq, false);
    }
  }

  #assemble(): void {
    for (;;) {
      if (this.#next === undefined) return;
      const packet = this.#packets.get(this.#next);
      if (!packet) return;
      this.#next++;
      if (packet.readUInt8(1) & 0x80) this.#handleFrame(packet.readUInt32BE(4));
    }
  }

  #ask(seqs: readonly number[]): void {
    const nowUs = this.#time.nowUs();
    for (const seq of seqs) {
      const missing = this.#missing.get(seq) ?? { nackedUs: 0, nacks: 0 };
      missing.nackedUs = nowUs;
      missing.nacks++;
      this.#missing.set(seq, missing);
    }
    if (seqs.length > 0) this.#sendRtcp(nackCompound(seqs, this.#streams.videoSsrc));
  }

  #askAgain(): void {
    const nowUs = this.#time.nowUs();
    const due: number[] = [];
    for (const [seq, { nackedUs, nacks }] of this.#missing) {
      if (nacks >= MAX_NACKS) this.#missing.delete(seq);
      else if (nowUs - nackedUs >= NACK_REPEAT_US) due.push(seq);
    }
    this.#ask(due);
  }

  #feedBack(): void {
    const base = this.#nextBase;
    const highest = this.#highestTransport;
    if (base === undefined || highest === undefined || base > highest) return;
    let first = base;
    while (!this.#arrivals.has(first)) first++;
    const referenceTime = Math.floor((this.#arrivals.get(first) ?? 0) / REFERENCE_TICK_US);
    const arrivals: (number | undefined)[] = [];
    for (let seq = base; seq <= highest; seq++) {
      const atUs = this.#arrivals.get(seq);
      arrivals.push(
        atUs === undefined
          ? undefined
          : Math.round((atUs - referenceTime * REFERENCE_TICK_US) / FEEDBACK_TICK_US),
      );
    }
    this.#nextBase = highest + 1;
    this.#sendRtcp(
      writeTransportFeedback({
        baseSeq: base & 0xffff,
        referenceTime,
        feedbackCount: this.#feedbacks++,
        arrivals,
      }),
    );
  }
}

/** A generic NACK (RFC 4585 §6.2.1). */
function nackCompound(seqs: readonly number[], ssrc: number): Buffer {
  const items: [number, number][] = [];
  for (const seq of seqs) {
    const last = items.at(-1);
    const ahead = last && (seq - last[0]) & 0xffff;
    if (last && ahead !== undefined && ahead >= 1 && ahead <= 16) last[1] |= 1 << (ahead - 1);
    else items.push([seq & 0xffff, 0]);
  }
  const packet = Buffer.alloc(12 + items.length * 4);
  packet.writeUInt8(0x81, 0);
  packet.writeUInt8(205, 1);
  packet.writeUInt16BE(packet.length / 4 - 1, 2);
  packet.writeUInt32BE(1, 4);
  packet.writeUInt32BE(ssrc, 8);
  for (const [i, [seq, mask]] of items.entries()) {
    packet.writeUInt16BE(seq, 12 + i * 4);
    packet.writeUInt16BE(mask, 14 + i * 4);
  }
  return packet;
}

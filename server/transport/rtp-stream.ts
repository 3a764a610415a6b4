import type { Packetizer, PayloadSink } from './payload-sink.ts';
import type { NegotiatedStream } from './peer.ts';
import { writeSenderReport } from './rtcp.ts';
import {
  type FixedExtension,
  MAX_RTP_BYTES,
  MID_URI,
  RtpHeaderTemplate,
  setRtpSequence,
  TRANSPORT_CC_URI,
} from './rtp-packet.ts';

/** One outgoing RTP stream: numbers and stamps its packets and keeps the counts of its reports. */
export class RtpStream implements PayloadSink {
  readonly ssrc: number;
  readonly clockRate: number;
  readonly payloadOffset: number;
  readonly maxPayloadBytes: number;
  readonly #packetizer: Packetizer;
  readonly #template: RtpHeaderTemplate;
  readonly #packets: Buffer[] = [];
  #seq: number;
  #timestamp = 0;
  #timestampUs: number | undefined;
  #packetCount = 0;
  #octetCount = 0;

  /** @param firstSeq should be random (RFC 3550 §5.1). */
  constructor(
    negotiated: NegotiatedStream,
    clockRate: number,
    packetizer: Packetizer,
    firstSeq: number,
    ownExtensions: readonly FixedExtension[] = [],
  ) {
    const midId = negotiated.extensions.get(MID_URI);
    const extensions = [...ownExtensions];
    if (midId !== undefined) extensions.push({ id: midId, payload: Buffer.from(negotiated.mid) });
    this.#template = new RtpHeaderTemplate(
      negotiated.ssrc,
      negotiated.payloadType,
      extensions,
      negotiated.extensions.get(TRANSPORT_CC_URI),
    );
    this.ssrc = negotiated.ssrc;
    this.clockRate = clockRate;
    this.payloadOffset = this.#template.length;
    this.maxPayloadBytes = MAX_RTP_BYTES - this.#template.length;
    this.#packetizer = packetizer;
    this.#seq = firstSeq & 0xffff;
  }

  /**
   * @param us when the frame was captured; links the RTP clock to the worker's.
   * @returns the frame's packets in order, in an array that the next call reuses.
   */
  packetize(frame: Uint8Array, timestamp: number, us: number): readonly Buffer[] {
    this.#packets.length = 0;
    this.#timestamp = timestamp;
    this.#timestampUs = us;
    this.#packetizer.packetize(frame, this);
    return this.#packets;
  }

  createPacket(payloadBytes: number, last: boolean): Buffer {
    const packet = this.#template.createPacket(payloadBytes, this.#timestamp, last);
    setRtpSequence(packet, this.#seq);
    this.#seq = (this.#seq + 1) & 0xffff;
    this.#packetCount++;
    this.#octetCount += payloadBytes;
    this.#packets.push(packet);
    return packet;
  }

  get carriesTransportSeq(): boolean {
    return this.#template.carriesTransportSeq;
  }

  stampTransportSeq(packet: Buffer, seq: number): void {
    this.#template.stampTransportSeq(packet, seq);
  }

  /** @returns undefined until something was sent: a report needs a link between the clocks. */
  senderReport(nowUs: number, cname: string): Buffer | undefined {
    if (this.#timestampUs === undefined) return undefined;
    const elapsed = ((nowUs - this.#timestampUs) * this.clockRate) / 1e6;
    return writeSenderReport({
      ssrc: this.ssrc,
      cname,
      nowUs,
      rtpTimestamp: Math.round(this.#timestamp + elapsed) >>> 0,
      packets: this.#packetCount,
      octets: this.#octetCount,
    });
  }
}

/** Retransmissions as a stream of their own (RFC 4588). */
export class RtxStream {
  readonly #ssrc: number;
  readonly #payloadType: number;
  #seq: number;

  constructor(rtx: { readonly ssrc: number; readonly payloadType: number }, firstSeq: number) {
    this.#ssrc = rtx.ssrc;
    this.#payloadType = rtx.payloadType;
    this.#seq = firstSeq & 0xffff;
  }

  /** @returns the packet again: its header with the stream's own numbers, then the old number. */
  wrap(packet: Buffer, headerLength: number): Buffer {
    const rtx = Buffer.allocUnsafe(packet.length + 2);
    packet.copy(rtx, 0, 0, headerLength);
    rtx[1] = ((packet[1] ?? 0) & 0x80) | this.#payloadType;
    setRtpSequence(rtx, this.#seq);
    rtx.writeUInt32BE(this.#ssrc, 8);
    packet.copy(rtx, headerLength, 2, 4);
    packet.copy(rtx, headerLength + 2, headerLength);
    this.#seq = (this.#seq + 1) & 0xffff;
    return rtx;
  }
}

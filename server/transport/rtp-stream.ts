import type { Packetizer, PayloadSink } from './payload-sink.ts';
import type { NegotiatedStream } from './peer.ts';
import { writeSenderReport } from './rtcp.ts';
import {
  type FixedExtension,
  MAX_RTP_BYTES,
  MID_URI,
  RtpHeaderTemplate,
  setPayloadType,
  setRtpSequence,
  TRANSPORT_CC_URI,
} from './rtp-packet.ts';

/** The original sequence number in front of the payload (RFC 4588 §4). */
export const RTX_BYTES = 2;

/** How frames become payloads, and the payload type that says so. */
export interface PayloadFormat {
  readonly payloadType: number;
  readonly packetizer: Packetizer;
}

export interface RtpStreamOptions {
  /** Ticks a second of its timestamps. */
  readonly clockRate: number;
  /** Should be random (RFC 3550 §5.1). */
  readonly firstSeq: number;
  /** Beside MID and the transport-wide sequence number. */
  readonly extensions?: readonly FixedExtension[];
}

/**
 * One outgoing RTP stream: cuts frames into packets, numbers them, and keeps the counts of its
 * reports. The payload format may change with every frame.
 */
export class RtpStream implements PayloadSink {
  readonly ssrc: number;
  readonly clockRate: number;
  readonly payloadOffset: number;
  readonly #template: RtpHeaderTemplate;
  readonly #packets: Buffer[] = [];
  #maxPayloadBytes: number;
  #payloadType = 0;
  #seq: number;
  #timestamp = 0;
  #timestampUs: number | undefined;
  #packetCount = 0;
  #octetCount = 0;

  constructor(negotiated: NegotiatedStream, options: RtpStreamOptions) {
    const midId = negotiated.extensions.get(MID_URI);
    const extensions = [...(options.extensions ?? [])];
    if (midId !== undefined) extensions.push({ id: midId, payload: Buffer.from(negotiated.mid) });
    this.#template = new RtpHeaderTemplate(
      negotiated.ssrc,
      0,
      extensions,
      negotiated.extensions.get(TRANSPORT_CC_URI),
    );
    this.ssrc = negotiated.ssrc;
    this.clockRate = options.clockRate;
    this.payloadOffset = this.#template.length;
    this.#maxPayloadBytes = MAX_RTP_BYTES - this.#template.length;
    this.#seq = options.firstSeq & 0xffff;
  }

  get maxPayloadBytes(): number {
    return this.#maxPayloadBytes;
  }

  /** Leaves bytes of each packet free: what protects a packet carries all of it and more. */
  reserve(bytes: number): void {
    this.#maxPayloadBytes = MAX_RTP_BYTES - this.#template.length - bytes;
  }

  /**
   * @param us when the frame was captured; links the RTP clock to the worker's.
   * @returns the frame's packets in order, in an array that the next call reuses.
   */
  packetize(
    format: PayloadFormat,
    frame: Uint8Array,
    timestamp: number,
    us: number,
  ): readonly Buffer[] {
    this.#packets.length = 0;
    this.#payloadType = format.payloadType;
    this.#timestamp = timestamp;
    this.#timestampUs = us;
    format.packetizer.packetize(frame, this, timestamp);
    return this.#packets;
  }

  createPacket(payloadBytes: number, last: boolean): Buffer {
    const packet = this.#template.createPacket(payloadBytes, this.#timestamp, last);
    setPayloadType(packet, this.#payloadType);
    setRtpSequence(packet, this.#seq);
    this.#seq = (this.#seq + 1) & 0xffff;
    this.#packets.push(packet);
    return packet;
  }

  /**
   * Gives numbers back: the next packet gets `seq`. For packets that will never be sent, so that
   * the far side does not miss them.
   */
  rewind(seq: number): void {
    this.#seq = seq;
  }

  get carriesTransportSeq(): boolean {
    return this.#template.carriesTransportSeq;
  }

  stampTransportSeq(packet: Buffer, seq: number): void {
    this.#template.stampTransportSeq(packet, seq);
  }

  /** Counts a packet of this stream that has left; retransmissions are another stream's. */
  handleSent(packet: Buffer): void {
    this.#packetCount++;
    this.#octetCount += packet.length - this.payloadOffset;
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
  #seq: number;

  /** @param firstSeq should be random. */
  constructor(ssrc: number, firstSeq: number) {
    this.#ssrc = ssrc;
    this.#seq = firstSeq & 0xffff;
  }

  /**
   * @param payloadType of retransmissions of the packet's own payload type.
   * @returns the packet again: its header with the stream's own numbers, then the old number.
   */
  wrap(packet: Buffer, headerLength: number, payloadType: number): Buffer {
    const rtx = Buffer.allocUnsafe(packet.length + RTX_BYTES);
    packet.copy(rtx, 0, 0, headerLength);
    setPayloadType(rtx, payloadType);
    setRtpSequence(rtx, this.#seq);
    rtx.writeUInt32BE(this.#ssrc, 8);
    packet.copy(rtx, headerLength, 2, 4);
    packet.copy(rtx, headerLength + RTX_BYTES, headerLength);
    this.#seq = (this.#seq + 1) & 0xffff;
    return rtx;
  }
}

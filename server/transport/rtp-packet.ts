/*
 * One RTP packet is one Buffer, written once and sent as it is (RFC 3550 §5.1).
 */

const FIXED_HEADER_BYTES = 12;

/** Profile of one-byte header extensions (RFC 8285 §4.2). */
const ONE_BYTE_PROFILE = 0xbede;

/**
 * Largest RTP packet, header included, that a path of 1200 bytes carries: less 40 for IPv6, 8 for
 * UDP, 4 for a TURN channel (RFC 8656 §12.4), 16 for the SRTP tag (RFC 7714 §5) and 2 for the
 * original sequence number of a retransmission (RFC 4588 §4).
 */
export const MAX_RTP_BYTES = 1200 - 40 - 8 - 4 - 16 - 2;

export const MID_URI = 'urn:ietf:params:rtp-hdrext:sdes:mid';
export const TRANSPORT_CC_URI =
  'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';

/** A header extension that every packet of a stream carries alike. */
export interface FixedExtension {
  /** 1 to 14. */
  readonly id: number;
  /** 1 to 16 bytes. */
  readonly payload: Uint8Array;
}

/** The header of one stream: everything that is the same in each of its packets, laid out once. */
export class RtpHeaderTemplate {
  /** Bytes from the start of a packet to its payload. */
  readonly length: number;
  readonly #bytes: Buffer;
  readonly #transportSeqOffset: number;

  /**
   * @param transportCcId id of the transport-wide sequence number where it was negotiated
   * (draft-holmer-rmcat-transport-wide-cc-extensions-01); {@link stampTransportSeq} writes it.
   */
  constructor(
    ssrc: number,
    payloadType: number,
    extensions: readonly FixedExtension[],
    transportCcId: number | undefined,
  ) {
    const words = extensions.reduce((sum, { payload }) => sum + 1 + payload.length, 0);
    const extensionBytes = words + (transportCcId === undefined ? 0 : 3);
    const padded = (extensionBytes + 3) & ~3;
    this.length = FIXED_HEADER_BYTES + (extensionBytes > 0 ? 4 + padded : 0);
    this.#bytes = Buffer.alloc(this.length);
    this.#bytes[0] = extensionBytes > 0 ? 0x90 : 0x80;
    this.#bytes[1] = payloadType;
    this.#bytes.writeUInt32BE(ssrc, 8);
    this.#transportSeqOffset = -1;
    if (extensionBytes === 0) return;
    this.#bytes.writeUInt16BE(ONE_BYTE_PROFILE, 12);
    this.#bytes.writeUInt16BE(padded / 4, 14);
    let offset = 16;
    for (const { id, payload } of extensions) {
      this.#bytes[offset] = (id << 4) | (payload.length - 1);
      this.#bytes.set(payload, offset + 1);
      offset += 1 + payload.length;
    }
    if (transportCcId !== undefined) {
      this.#bytes[offset] = (transportCcId << 4) | 1;
      this.#transportSeqOffset = offset + 1;
    }
  }

  /** @returns a packet with this header and room for the payload, which the caller writes. */
  createPacket(payloadBytes: number, timestamp: number, marker: boolean): Buffer {
    // allocUnsafe: every byte is written, the header here and the payload by the caller.
    const packet = Buffer.allocUnsafe(this.length + payloadBytes);
    packet.set(this.#bytes, 0);
    if (marker) packet[1] = (packet[1] ?? 0) | 0x80;
    packet.writeUInt32BE(timestamp, 4);
    return packet;
  }

  /** @param seq 16 bits, one count for all streams of a connection. */
  stampTransportSeq(packet: Buffer, seq: number): void {
    if (this.#transportSeqOffset >= 0) packet.writeUInt16BE(seq, this.#transportSeqOffset);
  }

  get carriesTransportSeq(): boolean {
    return this.#transportSeqOffset >= 0;
  }
}

/** What encryption and UDP add to an RTP packet: SRTP tag (RFC 7714 §5) and UDP header. */
const SRTP_AND_UDP_BYTES = 16 + 8;

/** The same of RTCP, which carries its index besides (RFC 3711 §3.4). */
const SRTCP_AND_UDP_BYTES = SRTP_AND_UDP_BYTES + 4;

/** @returns bytes above IP, as congestion control counts them. */
export function rtpWireBytes(packetBytes: number): number {
  return packetBytes + SRTP_AND_UDP_BYTES;
}

/** @returns bytes above IP, as congestion control counts them. */
export function rtcpWireBytes(compoundBytes: number): number {
  return compoundBytes + SRTCP_AND_UDP_BYTES;
}

/** Keeps the marker bit (RFC 3550 §5.1). */
export function setPayloadType(packet: Buffer, payloadType: number): void {
  packet[1] = ((packet[1] ?? 0) & 0x80) | payloadType;
}

export function payloadTypeOf(packet: Buffer): number {
  return (packet[1] ?? 0) & 0x7f;
}

/** Set where padding follows the payload; its last byte says how much (RFC 3550 §5.1). */
const PADDING_BIT = 0x20;
const MAX_PADDING_BYTES = 255;

/**
 * @param bytes what the packet should have.
 * @returns a longer packet that says the same, of as many bytes as one byte of padding length allows;
 * the packet itself where it is long enough.
 */
export function padRtp(packet: Buffer, bytes: number): Buffer {
  const padding = Math.min(bytes - packet.length, MAX_PADDING_BYTES);
  if (padding <= 0) return packet;
  const padded = Buffer.alloc(packet.length + padding);
  packet.copy(padded);
  padded[0] = (padded[0] ?? 0) | PADDING_BIT;
  padded[padded.length - 1] = padding;
  return padded;
}

export function setRtpSequence(packet: Buffer, seq: number): void {
  packet.writeUInt16BE(seq, 2);
}

/** @returns a − b on the circle of 16-bit sequence numbers, −32768 to 32767. */
export function sequenceDistance(a: number, b: number): number {
  return ((a - b) << 16) >> 16;
}

/**
 * Length of an RTP header, extensions and CSRCs included.
 * @returns undefined where the bytes are no RTP packet.
 */
export function rtpHeaderLength(packet: Uint8Array): number | undefined {
  const first = packet[0] ?? 0;
  if (packet.length < FIXED_HEADER_BYTES || first >> 6 !== 2) return undefined;
  let length = FIXED_HEADER_BYTES + (first & 0x0f) * 4;
  if (first & 0x10) {
    if (packet.length < length + 4) return undefined;
    length += 4 + (((packet[length + 2] ?? 0) << 8) | (packet[length + 3] ?? 0)) * 4;
  }
  return length <= packet.length ? length : undefined;
}

import { RtpHeader } from 'werift';
import { rtpHeaderLength } from './rtp-packet.ts';

/**
 * A finished RTP packet as werift's SRTP wants to see it: payload apart from a header that serializes
 * to the very bytes it was read from. One instance serves all packets, one after another.
 */
export class RawRtpHeader extends RtpHeader {
  #bytes: Buffer<ArrayBufferLike> = Buffer.alloc(0);

  /** @returns the payload, undefined where the bytes are no RTP packet. */
  read(packet: Buffer): Buffer | undefined {
    const length = rtpHeaderLength(packet);
    if (length === undefined) return undefined;
    this.#bytes = packet.subarray(0, length);
    this.sequenceNumber = packet.readUInt16BE(2);
    this.ssrc = packet.readUInt32BE(8);
    return packet.subarray(length);
  }

  override get serializeSize(): number {
    return this.#bytes.length;
  }

  override serialize(): Buffer<ArrayBuffer> {
    // werift only reads it, whatever memory lies behind it.
    return this.#bytes as Buffer<ArrayBuffer>;
  }
}

import type { Packetizer, PayloadSink } from './payload-sink.ts';

/** Headers of a redundant block and of the last one, which is the frame itself (RFC 2198 §3). */
const REDUNDANT_HEADER_BYTES = 4;
const PRIMARY_HEADER_BYTES = 1;
const MORE_FOLLOW = 0x80;

/** Its header counts the bytes of a redundant block in 10 bits (RFC 2198 §3). */
const MAX_REDUNDANT_BYTES = 0x3ff;

/**
 * Samples at 48 kHz that the longest Opus packet lasts (120 ms, RFC 6716 §2.1.4): what is further
 * back than that does not come right before this frame, and has been concealed long ago. It also
 * keeps the offset within its 14 bits.
 */
const MAX_OFFSET = 5760;

/**
 * Opus with the frame before repeated in each packet (RFC 2198): a single lost packet costs nothing
 * but the wait for the next one.
 */
export class RedPacketizer implements Packetizer {
  readonly #payloadType: number;
  readonly #previous = Buffer.alloc(MAX_REDUNDANT_BYTES);
  /** 0 where there is nothing to repeat. */
  #previousBytes = 0;
  #previousTimestamp = 0;

  /** @param opusPayloadType what each block is labelled as, 0 to 127. */
  constructor(opusPayloadType: number) {
    this.#payloadType = opusPayloadType;
  }

  packetize(frame: Uint8Array, sink: PayloadSink, timestamp: number): void {
    const offset = (timestamp - this.#previousTimestamp) >>> 0;
    const plainBytes = PRIMARY_HEADER_BYTES + frame.length;
    const repeatedBytes = REDUNDANT_HEADER_BYTES + this.#previousBytes;
    const repeats =
      this.#previousBytes > 0 &&
      offset > 0 &&
      offset <= MAX_OFFSET &&
      plainBytes + repeatedBytes <= sink.maxPayloadBytes;
    // No marker, as for plain Opus: what follows a silence continues it, and needs no new start.
    const packet = sink.createPacket(plainBytes + (repeats ? repeatedBytes : 0), false);
    let at = sink.payloadOffset;
    if (repeats) {
      packet[at] = MORE_FOLLOW | this.#payloadType;
      const position = (offset << 10) | this.#previousBytes;
      at = packet.writeUIntBE(position, at + 1, REDUNDANT_HEADER_BYTES - 1);
    }
    packet[at++] = this.#payloadType;
    if (repeats) at += this.#previous.copy(packet, at, 0, this.#previousBytes);
    packet.set(frame, at);
    this.#keep(frame, timestamp);
  }

  #keep(frame: Uint8Array, timestamp: number): void {
    this.#previousTimestamp = timestamp;
    this.#previousBytes = frame.length <= MAX_REDUNDANT_BYTES ? frame.length : 0;
    if (this.#previousBytes > 0) this.#previous.set(frame);
  }
}

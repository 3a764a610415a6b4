import type { Packetizer, PayloadSink } from './payload-sink.ts';

/** X, then I, then 15 bits of picture ID with their M bit (RFC 7741 §4.2). */
const DESCRIPTOR_BYTES = 4;
const EXTENDED = 0x80;
const START_OF_PARTITION = 0x10;
const PICTURE_ID_PRESENT = 0x80;
const LONG_PICTURE_ID = 0x8000;

/** VP8 in RTP (RFC 7741), with a 15-bit picture ID so that a receiver sees whole frames missing. */
export class Vp8Packetizer implements Packetizer {
  #pictureId: number;

  /** @param pictureId that of the first frame, 0 to 32767; should be random. */
  constructor(pictureId: number) {
    this.#pictureId = pictureId & 0x7fff;
  }

  packetize(frame: Uint8Array, sink: PayloadSink): void {
    const room = sink.maxPayloadBytes - DESCRIPTOR_BYTES;
    const size = Math.ceil(frame.length / Math.ceil(frame.length / room));
    for (let offset = 0; offset < frame.length; offset += size) {
      const end = Math.min(offset + size, frame.length);
      const packet = sink.createPacket(DESCRIPTOR_BYTES + end - offset, end === frame.length);
      const at = sink.payloadOffset;
      packet[at] = EXTENDED | (offset === 0 ? START_OF_PARTITION : 0);
      packet[at + 1] = PICTURE_ID_PRESENT;
      packet.writeUInt16BE(LONG_PICTURE_ID | this.#pictureId, at + 2);
      packet.set(frame.subarray(offset, end), at + DESCRIPTOR_BYTES);
    }
    this.#pictureId = (this.#pictureId + 1) & 0x7fff;
  }
}

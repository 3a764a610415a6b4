import type { Packetizer, PayloadSink } from '../../../server/transport/payload-sink.ts';

/** What stands in the bytes that a packetizer left unwritten. */
const UNWRITTEN = 0xee;

/** Keeps what a packetizer makes, and refuses a payload larger than allowed. */
export class RecordingSink implements PayloadSink {
  readonly maxPayloadBytes: number;
  readonly payloadOffset = 20;
  readonly markers: boolean[] = [];
  readonly #packets: Buffer[] = [];

  constructor(maxPayloadBytes: number) {
    this.maxPayloadBytes = maxPayloadBytes;
  }

  createPacket(payloadBytes: number, last: boolean): Buffer {
    if (payloadBytes < 1 || payloadBytes > this.maxPayloadBytes) {
      throw new Error(`a payload of ${payloadBytes} bytes of ${this.maxPayloadBytes}`);
    }
    const packet = Buffer.alloc(this.payloadOffset + payloadBytes, UNWRITTEN);
    this.#packets.push(packet);
    this.markers.push(last);
    return packet;
  }

  /** @throws where a packetizer wrote before the payload. */
  get payloads(): Buffer[] {
    return this.#packets.map((packet) => {
      const header = packet.subarray(0, this.payloadOffset);
      if (!header.every((byte) => byte === UNWRITTEN)) throw new Error('wrote into the header');
      return packet.subarray(this.payloadOffset);
    });
  }

  /** Whether the last packet alone has the marker, as a frame's should. */
  get marksOnlyTheLast(): boolean {
    return this.markers.every((marker, i) => marker === (i === this.markers.length - 1));
  }
}

/** @returns what the packetizer made of one frame. */
export function packetize(
  packetizer: Packetizer,
  frame: Uint8Array,
  maxPayloadBytes = 1100,
  timestamp = 0,
): RecordingSink {
  const sink = new RecordingSink(maxPayloadBytes);
  packetizer.packetize(frame, sink, timestamp);
  return sink;
}

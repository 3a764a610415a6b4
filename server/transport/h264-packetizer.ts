import type { NalUnit } from './annex-b.ts';
import { type NalPayloadFormat, packetizeNals } from './nal-units.ts';
import type { Packetizer, PayloadSink } from './payload-sink.ts';

const STAP_A = 24;
const FU_A = 28;

/** Recovery hints, delimiters and filler: a WebRTC decoder uses none of them. */
const SEI = 6;
const ACCESS_UNIT_DELIMITER = 9;
const FILLER = 12;

function nalType(byte: number): number {
  return byte & 0x1f;
}

function isUseful(firstByte: number): boolean {
  const type = nalType(firstByte);
  return type !== SEI && type !== ACCESS_UNIT_DELIMITER && type !== FILLER;
}

function writeAggregate(
  unit: Buffer,
  nals: readonly NalUnit[],
  bytes: number,
  sink: PayloadSink,
  last: boolean,
): void {
  const packet = sink.createPacket(bytes, last);
  let offset = sink.payloadOffset;
  // NRI is the highest, F the bit-wise or of all aggregated (RFC 6184 §5.7).
  let forbidden = 0;
  let importance = 0;
  const header = offset++;
  for (const nal of nals) {
    const first = unit[nal.start] ?? 0;
    forbidden |= first & 0x80;
    importance = Math.max(importance, first & 0x60);
    offset = packet.writeUInt16BE(nal.end - nal.start, offset);
    offset += unit.copy(packet, offset, nal.start, nal.end);
  }
  packet[header] = forbidden | importance | STAP_A;
}

function writeFragments(unit: Buffer, nal: NalUnit, sink: PayloadSink, last: boolean): void {
  const header = unit[nal.start] ?? 0;
  const bytes = nal.end - nal.start - 1;
  const room = sink.maxPayloadBytes - 2;
  const fragments = Math.ceil(bytes / room);
  // Equal parts: the last packet of a frame is as likely to be lost as any, whatever its size.
  const size = Math.ceil(bytes / fragments);
  for (let offset = 0; offset < bytes; offset += size) {
    const end = Math.min(offset + size, bytes);
    const packet = sink.createPacket(2 + end - offset, last && end === bytes);
    packet[sink.payloadOffset] = (header & 0xe0) | FU_A;
    packet[sink.payloadOffset + 1] =
      (offset === 0 ? 0x80 : 0) | (end === bytes ? 0x40 : 0) | nalType(header);
    const from = nal.start + 1;
    unit.copy(packet, sink.payloadOffset + 2, from + offset, from + end);
  }
}

const H264: NalPayloadFormat = { headerBytes: 1, isUseful, writeAggregate, writeFragments };

/**
 * H.264 in RTP, packetization mode 1 (RFC 6184 §6.3): NAL units that fit together travel as one
 * STAP-A (§5.7.1), one that fits alone as it is (§5.6), and larger ones as FU-A (§5.8).
 */
export class H264Packetizer implements Packetizer {
  packetize(frame: Uint8Array, sink: PayloadSink): void {
    packetizeNals(frame, sink, H264);
  }
}

import { type NalUnit, splitAnnexB } from './annex-b.ts';
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

/** Finds the NAL units of an H.264 byte stream, without those of no use. */
export function findNalUnits(accessUnit: Buffer): NalUnit[] {
  return splitAnnexB(accessUnit, isUseful);
}

/**
 * H.264 in RTP, packetization mode 1 (RFC 6184 §6.3): NAL units that fit together travel as one
 * STAP-A (§5.7.1), one that fits alone as it is (§5.6), and larger ones as FU-A (§5.8).
 */
export class H264Packetizer implements Packetizer {
  packetize(frame: Uint8Array, sink: PayloadSink): void {
    const unit = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
    const nals = findNalUnits(unit);
    for (let first = 0; first < nals.length; ) {
      const count = countAggregated(nals, first, sink.maxPayloadBytes);
      const last = first + count === nals.length;
      const nal = nals[first];
      if (!nal) return;
      if (count > 1) {
        writeAggregate(unit, nals.slice(first, first + count), sink, last);
      } else if (nal.end - nal.start <= sink.maxPayloadBytes) {
        const packet = sink.createPacket(nal.end - nal.start, last);
        unit.copy(packet, sink.payloadOffset, nal.start, nal.end);
      } else {
        writeFragments(unit, nal, sink, last);
      }
      first += count;
    }
  }
}

/** How many NAL units from `first` on fit one STAP-A; at least 1. */
function countAggregated(nals: readonly NalUnit[], first: number, maxBytes: number): number {
  let bytes = 1;
  let count = 0;
  for (let i = first; i < nals.length; i++) {
    const nal = nals[i];
    if (!nal) break;
    bytes += 2 + nal.end - nal.start;
    if (bytes > maxBytes) break;
    count++;
  }
  return Math.max(1, count);
}

function writeAggregate(
  unit: Buffer,
  nals: readonly NalUnit[],
  sink: PayloadSink,
  last: boolean,
): void {
  const bytes = nals.reduce((sum, nal) => sum + 2 + nal.end - nal.start, 1);
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

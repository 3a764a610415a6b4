import type { NalUnit } from './annex-b.ts';
import { type NalPayloadFormat, packetizeNals } from './nal-units.ts';
import type { Packetizer, PayloadSink } from './payload-sink.ts';

const AGGREGATION_PACKET = 48;
const FRAGMENTATION_UNIT = 49;

/** Recovery hints, delimiters and filler: a WebRTC decoder uses none of them. */
const ACCESS_UNIT_DELIMITER = 35;
const FILLER = 38;
const PREFIX_SEI = 39;
const SUFFIX_SEI = 40;

/** Of a NAL unit and, laid out alike, of a payload: F, 6 bits type, 6 bits layer, 3 bits TID + 1. */
const HEADER_BYTES = 2;

const TYPE_MASK = 0x7e00;
const LAYER_MASK = 0x01f8;
const TEMPORAL_ID_MASK = 0x0007;
const FORBIDDEN = 0x8000;

/** Added to {@link HEADER_BYTES} in a fragment: S, E and the type of the NAL unit (§4.4.3). */
const FRAGMENT_HEADER_BYTES = 1;
const FRAGMENT_START = 0x80;
const FRAGMENT_END = 0x40;

function isUseful(firstByte: number): boolean {
  const type = (firstByte >> 1) & 0x3f;
  return (
    type !== ACCESS_UNIT_DELIMITER && type !== FILLER && type !== PREFIX_SEI && type !== SUFFIX_SEI
  );
}

function writeAggregate(
  unit: Buffer,
  nals: readonly NalUnit[],
  bytes: number,
  sink: PayloadSink,
  last: boolean,
): void {
  const packet = sink.createPacket(bytes, last);
  let offset = sink.payloadOffset + HEADER_BYTES;
  // F is the bit-wise or, layer and temporal id the lowest of all aggregated (§4.4.2).
  let forbidden = 0;
  let layer = LAYER_MASK;
  let temporalId = TEMPORAL_ID_MASK;
  for (const nal of nals) {
    const header = unit.readUInt16BE(nal.start);
    forbidden |= header & FORBIDDEN;
    layer = Math.min(layer, header & LAYER_MASK);
    temporalId = Math.min(temporalId, header & TEMPORAL_ID_MASK);
    offset = packet.writeUInt16BE(nal.end - nal.start, offset);
    offset += unit.copy(packet, offset, nal.start, nal.end);
  }
  packet.writeUInt16BE(
    forbidden | (AGGREGATION_PACKET << 9) | layer | temporalId,
    sink.payloadOffset,
  );
}

function writeFragments(unit: Buffer, nal: NalUnit, sink: PayloadSink, last: boolean): void {
  const header = unit.readUInt16BE(nal.start);
  const from = nal.start + HEADER_BYTES;
  const bytes = nal.end - from;
  const overhead = HEADER_BYTES + FRAGMENT_HEADER_BYTES;
  const fragments = Math.ceil(bytes / (sink.maxPayloadBytes - overhead));
  // Equal parts: the last packet of a frame is as likely to be lost as any, whatever its size.
  const size = Math.ceil(bytes / fragments);
  for (let offset = 0; offset < bytes; offset += size) {
    const end = Math.min(offset + size, bytes);
    const packet = sink.createPacket(overhead + end - offset, last && end === bytes);
    const at = packet.writeUInt16BE(
      (header & ~TYPE_MASK) | (FRAGMENTATION_UNIT << 9),
      sink.payloadOffset,
    );
    packet[at] =
      (offset === 0 ? FRAGMENT_START : 0) |
      (end === bytes ? FRAGMENT_END : 0) |
      ((header & TYPE_MASK) >> 9);
    unit.copy(packet, at + FRAGMENT_HEADER_BYTES, from + offset, from + end);
  }
}

const H265: NalPayloadFormat = {
  headerBytes: HEADER_BYTES,
  isUseful,
  writeAggregate,
  writeFragments,
};

/**
 * H.265 in RTP without decoding order numbers (RFC 7798): NAL units that fit together travel as one
 * aggregation packet (§4.4.2), one that fits alone as it is (§4.4.1), larger ones as fragmentation
 * units (§4.4.3).
 */
export class H265Packetizer implements Packetizer {
  packetize(frame: Uint8Array, sink: PayloadSink): void {
    packetizeNals(frame, sink, H265);
  }
}

import { type NalUnit, splitAnnexB } from './annex-b.ts';
import type { PayloadSink } from './payload-sink.ts';

/** How a codec of NAL units lays out its RTP payloads. */
export interface NalPayloadFormat {
  /** Of a NAL unit, and of the payload that aggregates several. */
  readonly headerBytes: number;
  /** @param firstByte of a NAL unit; what a decoder has no use for is left out. */
  isUseful(firstByte: number): boolean;
  /** @param bytes of the payload. */
  writeAggregate(
    unit: Buffer,
    nals: readonly NalUnit[],
    bytes: number,
    sink: PayloadSink,
    last: boolean,
  ): void;
  writeFragments(unit: Buffer, nal: NalUnit, sink: PayloadSink, last: boolean): void;
}

/** Before each NAL unit of an aggregate, in H.264 (RFC 6184 §5.7.1) and H.265 (RFC 7798 §4.4.2). */
const LENGTH_BYTES = 2;

/** NAL units that fit together travel as one, one that fits alone as it is, larger ones in fragments. */
export function packetizeNals(
  frame: Uint8Array,
  sink: PayloadSink,
  format: NalPayloadFormat,
): void {
  const { headerBytes, isUseful } = format;
  const unit = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
  const nals = splitAnnexB(unit, isUseful).filter(({ start, end }) => end - start >= headerBytes);
  for (let first = 0; first < nals.length; ) {
    const { count, bytes } = aggregateFrom(nals, first, headerBytes, sink.maxPayloadBytes);
    const last = first + count === nals.length;
    const nal = nals[first];
    if (!nal) return;
    if (count > 1) {
      format.writeAggregate(unit, nals.slice(first, first + count), bytes, sink, last);
    } else if (nal.end - nal.start <= sink.maxPayloadBytes) {
      const packet = sink.createPacket(nal.end - nal.start, last);
      unit.copy(packet, sink.payloadOffset, nal.start, nal.end);
    } else {
      format.writeFragments(unit, nal, sink, last);
    }
    first += count;
  }
}

/** How many NAL units from `first` on fit one payload, at least 1, and the size of that payload. */
function aggregateFrom(
  nals: readonly NalUnit[],
  first: number,
  headerBytes: number,
  maxBytes: number,
): { count: number; bytes: number } {
  let bytes = headerBytes;
  let count = 0;
  for (let i = first; i < nals.length; i++) {
    const nal = nals[i];
    if (!nal) break;
    const grown = bytes + LENGTH_BYTES + nal.end - nal.start;
    if (grown > maxBytes) break;
    bytes = grown;
    count++;
  }
  return { count: Math.max(1, count), bytes };
}

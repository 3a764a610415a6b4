import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { H265Packetizer } from '../../../server/transport/h265-packetizer.ts';
import { depacketizeH265 } from './depacketizers.ts';
import { encodeStream } from './real-bitstreams.ts';
import { packetize } from './recording-sink.ts';

const IDR_W_RADL = 19;
const TRAIL_R = 1;
const VPS = 32;
const SPS = 33;
const PPS = 34;

interface NalFields {
  readonly type: number;
  readonly length: number;
  readonly layer?: number;
  readonly temporalId?: number;
}

/** A NAL unit (H.265 §7.3.1.2) in which no start code can appear. */
function nal({ type, length, layer = 0, temporalId = 1 }: NalFields): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) bytes[i] = 1 + ((i * 31 + type) % 255);
  bytes.writeUInt16BE((type << 9) | (layer << 3) | temporalId, 0);
  return bytes;
}

/** Joins NAL units with start codes of both lengths (H.265 Annex B). */
function annexB(nals: readonly Buffer[]): Buffer {
  return Buffer.concat(
    nals.flatMap((unit, i) => [Buffer.from(i % 2 ? [0, 0, 1] : [0, 0, 0, 1]), unit]),
  );
}

describe('H265Packetizer', () => {
  it('carries any NAL units unchanged in packets of any size and marks only the last', () => {
    const unit = fc.record({
      type: fc.constantFrom(TRAIL_R, IDR_W_RADL, VPS, SPS, PPS),
      length: fc.oneof(fc.integer({ min: 3, max: 60 }), fc.integer({ min: 3, max: 5000 })),
      layer: fc.integer({ min: 0, max: 62 }),
      temporalId: fc.integer({ min: 1, max: 7 }),
    });
    const units = fc.array(unit, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(units, fc.integer({ min: 8, max: 1400 }), (fields, maxPayloadBytes) => {
        const nals = fields.map(nal);
        const sink = packetize(new H265Packetizer(), annexB(nals), maxPayloadBytes);
        expect(depacketizeH265(sink.payloads)).toEqual(nals);
        expect(sink.marksOnlyTheLast).toBe(true);
      }),
    );
  });

  it('carries every size around the limits of a packet', () => {
    for (let length = 1090; length < 1110; length++) {
      const nals = [nal({ type: TRAIL_R, length })];
      const { payloads } = packetize(new H265Packetizer(), annexB(nals));
      expect(payloads).toHaveLength(length > 1100 ? 2 : 1);
      expect(depacketizeH265(payloads)).toEqual(nals);
    }
  });

  it('aggregates small units under the lowest layer and temporal id of them', () => {
    const nals = [
      nal({ type: VPS, length: 24, layer: 3, temporalId: 2 }),
      nal({ type: SPS, length: 40, layer: 40, temporalId: 1 }),
      nal({ type: PPS, length: 8, layer: 2, temporalId: 5 }),
      nal({ type: IDR_W_RADL, length: 300, layer: 7, temporalId: 3 }),
    ];
    const { payloads } = packetize(new H265Packetizer(), annexB(nals));
    expect(payloads).toHaveLength(1);
    expect(payloads[0]?.readUInt16BE(0)).toBe((48 << 9) | (2 << 3) | 1);
    expect(depacketizeH265(payloads)).toEqual(nals);
  });

  it('says in an aggregate that one of its units is broken', () => {
    const nals = [nal({ type: SPS, length: 40 }), nal({ type: TRAIL_R, length: 30 })];
    for (const broken of nals) {
      broken.writeUInt8(broken.readUInt8(0) | 0x80, 0);
      const [aggregate] = packetize(new H265Packetizer(), annexB(nals)).payloads;
      expect(aggregate?.readUInt16BE(0)).toBe(0x8000 | (48 << 9) | 1);
      broken.writeUInt8(broken.readUInt8(0) & 0x7f, 0);
    }
  });

  it('cuts a large unit into parts that differ by less than their number', () => {
    const nals = [nal({ type: IDR_W_RADL, length: 5003 })];
    const sizes = packetize(new H265Packetizer(), annexB(nals)).payloads.map((p) => p.length);
    expect(sizes).toHaveLength(5);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(sizes.length);
  });

  it('leaves out delimiters, supplemental information and filler', () => {
    const slice = nal({ type: TRAIL_R, length: 50 });
    const refused = [35, 38, 39, 40].map((type) => nal({ type, length: 20 }));
    const sink = packetize(new H265Packetizer(), annexB([...refused, slice, ...refused]));
    expect(depacketizeH265(sink.payloads)).toEqual([slice]);
    expect(sink.markers).toEqual([true]);
  });

  it('survives bytes that are no access unit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
        const { payloads } = packetize(new H265Packetizer(), bytes, 100);
        const total = payloads.reduce((sum, { length }) => sum + length, 0);
        expect(total).toBeLessThanOrEqual(bytes.length + 3 * payloads.length);
      }),
    );
  });

  it('carries what a real encoder makes to a real decoder', async () => {
    const stream = await encodeStream('h265', 6);
    const received = stream.frames.map((frame) => {
      const nals = depacketizeH265(packetize(new H265Packetizer(), frame).payloads);
      return annexB(nals);
    });
    expect(Math.max(...stream.frames.map(({ length }) => length))).toBeGreaterThan(2200);
    expect(await stream.countDecoded(received)).toBe(6);
  });
});

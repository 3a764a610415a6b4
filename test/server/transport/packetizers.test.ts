import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { H264Packetizer } from '../../../server/transport/h264-packetizer.ts';
import { OpusPacketizer } from '../../../server/transport/opus-packetizer.ts';
import { Vp8Packetizer } from '../../../server/transport/vp8-packetizer.ts';
import { depacketizeH264, depacketizeVp8 } from './depacketizers.ts';
import { packetize } from './recording-sink.ts';

/** Joins NAL units with start codes of both lengths. */
function annexB(nals: readonly Buffer[]): Buffer {
  return Buffer.concat(
    nals.flatMap((nal, i) => [Buffer.from(i % 2 ? [0, 0, 1] : [0, 0, 0, 1]), nal]),
  );
}

function nal(type: number, length: number, importance = 0x60): Buffer {
  // No byte is 0, so no start code can appear inside.
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) bytes[i] = 1 + ((i * 31 + type) % 255);
  bytes[0] = importance | type;
  return bytes;
}

describe('H264Packetizer', () => {
  it('carries any NAL units unchanged in packets of any size and marks only the last', () => {
    const unit = fc.record({
      type: fc.constantFrom(1, 5, 7, 8),
      length: fc.oneof(fc.integer({ min: 2, max: 60 }), fc.integer({ min: 2, max: 5000 })),
    });
    fc.assert(
      fc.property(
        fc.array(unit, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 8, max: 1400 }),
        (units, maxPayloadBytes) => {
          const nals = units.map(({ type, length }) => nal(type, length));
          const sink = packetize(new H264Packetizer(), annexB(nals), maxPayloadBytes);
          expect(depacketizeH264(sink.payloads)).toEqual(nals);
          expect(sink.marksOnlyTheLast).toBe(true);
        },
      ),
    );
  });

  it('carries every size around the limits of a packet', () => {
    for (let length = 1090; length < 1110; length++) {
      const nals = [nal(5, length)];
      const { payloads } = packetize(new H264Packetizer(), annexB(nals));
      expect(payloads).toHaveLength(length > 1100 ? 2 : 1);
      expect(depacketizeH264(payloads)).toEqual(nals);
    }
  });

  it('puts parameter sets and a small slice into one STAP-A of the highest importance', () => {
    const nals = [nal(7, 20, 0x20), nal(8, 5, 0x60), nal(5, 200, 0x40)];
    const { payloads } = packetize(new H264Packetizer(), annexB(nals));
    expect(payloads).toHaveLength(1);
    expect(payloads[0]?.[0]).toBe(0x60 | 24);
    expect(depacketizeH264(payloads)).toEqual(nals);
  });

  it('leaves out delimiters, supplemental information and filler', () => {
    const slice = nal(1, 50);
    const unit = annexB([nal(9, 2), nal(6, 30), slice, nal(12, 400)]);
    const { payloads, markers } = packetize(new H264Packetizer(), unit);
    expect(depacketizeH264(payloads)).toEqual([slice]);
    expect(markers).toEqual([true]);
  });

  it('survives bytes that are no access unit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
        const { payloads } = packetize(new H264Packetizer(), bytes, 100);
        const total = payloads.reduce((sum, { length }) => sum + length, 0);
        expect(total).toBeLessThanOrEqual(bytes.length + 2 * payloads.length);
      }),
    );
  });
});

describe('Vp8Packetizer', () => {
  it('carries any frame unchanged, under picture IDs that count and wrap at 15 bits', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 8000 }),
        fc.integer({ min: 0, max: 0x7fff }),
        fc.integer({ min: 5, max: 1400 }),
        (frame, firstId, maxPayloadBytes) => {
          const packetizer = new Vp8Packetizer(firstId);
          for (const id of [firstId, (firstId + 1) % 0x8000]) {
            const sink = packetize(packetizer, frame, maxPayloadBytes);
            const received = depacketizeVp8(sink.payloads);
            expect(received.frame.equals(frame)).toBe(true);
            expect(received.pictureId).toBe(id);
            expect(sink.marksOnlyTheLast).toBe(true);
          }
        },
      ),
    );
  });
});

describe('OpusPacketizer', () => {
  it('makes one packet of one frame, without a marker', () => {
    const frame = Buffer.from([0xf4, 1, 2, 3]);
    const { payloads, markers } = packetize(new OpusPacketizer(), frame);
    expect(payloads).toEqual([frame]);
    expect(markers).toEqual([false]);
  });
});

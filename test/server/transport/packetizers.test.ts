import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { H264Packetizer } from '../../../server/transport/h264-packetizer.ts';
import { OpusPacketizer } from '../../../server/transport/opus-packetizer.ts';
import type { Packetizer } from '../../../server/transport/payload-sink.ts';
import { MAX_RTP_BYTES, MID_URI, TRANSPORT_CC_URI } from '../../../server/transport/rtp-packet.ts';
import { RtpStream } from '../../../server/transport/rtp-stream.ts';
import { Vp8Packetizer } from '../../../server/transport/vp8-packetizer.ts';
import { depacketizeH264, depacketizeVp8, type ParsedRtp, parseRtp } from './depacketizers.ts';

const NEGOTIATED = {
  mid: '0',
  ssrc: 0xdead_beef,
  payloadType: 96,
  rtx: undefined,
  extensions: new Map([
    [MID_URI, 1],
    [TRANSPORT_CC_URI, 2],
  ]),
};

function send(packetizer: Packetizer, frame: Uint8Array, firstSeq = 0): ParsedRtp[] {
  const stream = new RtpStream(NEGOTIATED, 90_000, packetizer, firstSeq);
  const packets = stream.packetize(frame, 1234, 0);
  for (const packet of packets) expect(packet.length).toBeLessThanOrEqual(MAX_RTP_BYTES);
  return packets.map(parseRtp);
}

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

const payloads = (packets: readonly ParsedRtp[]): Buffer[] => packets.map(({ payload }) => payload);

describe('H264Packetizer', () => {
  it('carries any NAL units unchanged and marks only the last packet', () => {
    const unit = fc.record({
      type: fc.constantFrom(1, 5, 7, 8),
      length: fc.oneof(fc.integer({ min: 2, max: 60 }), fc.integer({ min: 2, max: 5000 })),
    });
    fc.assert(
      fc.property(fc.array(unit, { minLength: 1, maxLength: 8 }), (units) => {
        const nals = units.map(({ type, length }) => nal(type, length));
        const packets = send(new H264Packetizer(), annexB(nals));
        expect(depacketizeH264(payloads(packets))).toEqual(nals);
        expect(packets.map(({ marker }) => marker)).toEqual(
          packets.map((_, i) => i === packets.length - 1),
        );
      }),
    );
  });

  it('carries every size around the limits of a packet', () => {
    for (let length = MAX_RTP_BYTES - 40; length < MAX_RTP_BYTES + 4; length++) {
      const nals = [nal(5, length)];
      expect(depacketizeH264(payloads(send(new H264Packetizer(), annexB(nals))))).toEqual(nals);
    }
  });

  it('puts parameter sets and a small slice into one STAP-A of the highest importance', () => {
    const nals = [nal(7, 20, 0x20), nal(8, 5, 0x60), nal(5, 200, 0x40)];
    const packets = send(new H264Packetizer(), annexB(nals));
    expect(packets).toHaveLength(1);
    expect(packets[0]?.payload[0]).toBe(0x60 | 24);
    expect(depacketizeH264(payloads(packets))).toEqual(nals);
  });

  it('leaves out delimiters, supplemental information and filler', () => {
    const slice = nal(1, 50);
    const unit = annexB([nal(9, 2), nal(6, 30), slice, nal(12, 400)]);
    const packets = send(new H264Packetizer(), unit);
    expect(depacketizeH264(payloads(packets))).toEqual([slice]);
    expect(packets.map(({ marker }) => marker)).toEqual([true]);
  });

  it('survives bytes that are no access unit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
        const sent = send(new H264Packetizer(), bytes);
        const total = payloads(sent).reduce((sum, { length }) => sum + length, 0);
        expect(total).toBeLessThanOrEqual(bytes.length + 2 * sent.length);
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
        (frame, firstId) => {
          const packetizer = new Vp8Packetizer(firstId);
          for (const id of [firstId, (firstId + 1) % 0x8000]) {
            const packets = send(packetizer, frame);
            const received = depacketizeVp8(payloads(packets));
            expect(received.frame.equals(frame)).toBe(true);
            expect(received.pictureId).toBe(id);
            expect(packets.filter(({ marker }) => marker)).toEqual([packets.at(-1)]);
          }
        },
      ),
    );
  });
});

describe('OpusPacketizer', () => {
  it('makes one packet of one frame, without a marker', () => {
    const frame = Buffer.from([0xf4, 1, 2, 3]);
    const packets = send(new OpusPacketizer(), frame);
    expect(packets).toHaveLength(1);
    expect(packets[0]).toMatchObject({ marker: false, payload: frame });
  });
});

describe('RtpStream', () => {
  it('numbers packets without a gap across the wrap of the sequence number', () => {
    const packets = send(new Vp8Packetizer(0), Buffer.alloc(5000, 1), 65_534);
    expect(packets.map(({ seq }) => seq)).toEqual([65_534, 65_535, 0, 1, 2]);
    for (const packet of packets) {
      expect(packet).toMatchObject({ ssrc: 0xdead_beef, payloadType: 96, timestamp: 1234 });
      expect(packet.extensions.get(1)).toEqual(Buffer.from('0'));
    }
  });

  it('stamps the transport-wide sequence number in place', () => {
    const stream = new RtpStream(NEGOTIATED, 90_000, new OpusPacketizer(), 0);
    const [packet] = stream.packetize(Buffer.from([1, 2, 3]), 0, 0);
    if (!packet) throw new Error('no packet');
    stream.stampTransportSeq(packet, 0xabcd);
    expect(parseRtp(packet).extensions.get(2)).toEqual(Buffer.from([0xab, 0xcd]));
    expect(parseRtp(packet).payload).toEqual(Buffer.from([1, 2, 3]));
  });
});

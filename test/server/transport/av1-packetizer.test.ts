import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Av1Packetizer } from '../../../server/transport/av1-packetizer.ts';
import { depacketizeAv1, leb128, withSizes } from './av1-depacketizer.ts';
import { encodeStream } from './real-bitstreams.ts';
import { packetize, type RecordingSink } from './recording-sink.ts';

const SEQUENCE_HEADER = 1;
const TEMPORAL_DELIMITER = 2;
const FRAME_HEADER = 3;
const TILE_GROUP = 4;
const METADATA = 5;
const FRAME = 6;
const TILE_LIST = 8;
const PADDING = 15;

/** An OBU without a size field (AV1 §5.3.2); `spatialId` adds the extension. */
function obu(type: number, payloadBytes: number, spatialId?: number): Buffer {
  const header = [(type << 3) | (spatialId === undefined ? 0 : 0x04)];
  if (spatialId !== undefined) header.push(spatialId << 3);
  const payload = Buffer.alloc(payloadBytes);
  for (let i = 0; i < payloadBytes; i++) payload[i] = (i * 31 + type) % 256;
  return Buffer.concat([Buffer.from(header), payload]);
}

function send(obus: readonly Buffer[], maxPayloadBytes = 1100): RecordingSink {
  return packetize(new Av1Packetizer(), withSizes(obus), maxPayloadBytes);
}

/** Fields of the aggregation headers, as `Z Y W N`. */
function headers(sink: RecordingSink): string[] {
  return sink.payloads.map((payload) => {
    const byte = payload.readUInt8(0);
    return `${byte >> 7} ${(byte >> 6) & 1} ${(byte >> 4) & 3} ${(byte >> 3) & 1}`;
  });
}

describe('Av1Packetizer', () => {
  it('carries any OBUs unchanged in packets of any size and marks only the last', () => {
    const one = fc.record({
      type: fc.constantFrom(SEQUENCE_HEADER, FRAME_HEADER, TILE_GROUP, METADATA, FRAME),
      bytes: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 5000 })),
      spatialId: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
    });
    const units = fc.array(one, { minLength: 1, maxLength: 8 });
    const sizes = fc.oneof(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 41, max: 1400 }));
    fc.assert(
      fc.property(units, sizes, (fields, maxPayloadBytes) => {
        const obus = fields.map(({ type, bytes, spatialId }) => obu(type, bytes, spatialId));
        const sink = send(obus, maxPayloadBytes);
        const received = depacketizeAv1(sink.payloads);
        expect(received.obus).toEqual(obus);
        expect(received.newSequence).toBe(fields.some(({ type }) => type === SEQUENCE_HEADER));
        expect(sink.marksOnlyTheLast).toBe(true);
      }),
    );
  });

  it('carries every size around the limits of one and of two packets', () => {
    for (const packets of [1, 2]) {
      const most = packets * (1100 - 1);
      for (let length = most - 3; length <= most + 3; length++) {
        const obus = [obu(FRAME, length - 1)];
        const { payloads } = send(obus);
        expect(payloads).toHaveLength(length <= most ? packets : packets + 1);
        expect(depacketizeAv1(payloads).obus).toEqual(obus);
      }
    }
  });

  it('sends one OBU that fits as one element without a length', () => {
    const sink = send([obu(FRAME, 50)]);
    expect(headers(sink)).toEqual(['0 0 1 0']);
    expect(sink.payloads[0]).toHaveLength(1 + 1 + 50);
  });

  it('begins a coded sequence with its sequence header, in the first packet only', () => {
    const sink = send([obu(SEQUENCE_HEADER, 11), obu(FRAME, 2500)]);
    expect(headers(sink)).toEqual(['0 1 2 1', '1 1 1 0', '1 0 1 0']);
  });

  it('counts up to three elements, and gives each of more its length', () => {
    const tiles = [1, 2, 3, 4].map((bytes) => obu(TILE_GROUP, bytes));
    expect(headers(send(tiles.slice(0, 3)))).toEqual(['0 0 3 0']);
    const sink = send(tiles);
    expect(headers(sink)).toEqual(['0 0 0 0']);
    expect(sink.payloads[0]).toHaveLength(1 + 4 * 2 + 1 + 2 + 3 + 4);
  });

  it('makes packets of a large frame that differ by less than their number', () => {
    for (const obus of [[obu(FRAME, 20_000)], [obu(SEQUENCE_HEADER, 11), obu(FRAME, 20_000)]]) {
      const sizes = send(obus).payloads.map(({ length }) => length);
      expect(sizes).toHaveLength(19);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(sizes.length);
    }
  });

  it('ends no packet but the last where an OBU ends', () => {
    const sizes = fc.array(fc.integer({ min: 10, max: 300 }), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 40, max: 200 }), (bytes, maxPayloadBytes) => {
        const tiles = bytes.map((size) => obu(TILE_GROUP, size));
        const goesOn = headers(send(tiles, maxPayloadBytes)).map((fields) => fields[2] === '1');
        expect(goesOn).toEqual(goesOn.map((_, i) => i < goesOn.length - 1));
      }),
    );
  });

  it('leaves out temporal delimiters, tile lists and padding', () => {
    const frame = obu(FRAME, 60);
    const refused = [TEMPORAL_DELIMITER, TILE_LIST, PADDING].map((type) => obu(type, 5));
    const sink = send([obu(TEMPORAL_DELIMITER, 0), ...refused, frame, ...refused]);
    expect(depacketizeAv1(sink.payloads).obus).toEqual([frame]);
    expect(sink.markers).toEqual([true]);
  });

  it('reads sizes written longer than they need be, and a last OBU without one', () => {
    const frame = obu(FRAME, 60);
    const padded = Buffer.concat([
      Buffer.from([(SEQUENCE_HEADER << 3) | 0x02, 0x83, 0x80, 0x00, 1, 2, 3]),
      frame,
    ]);
    const { payloads } = packetize(new Av1Packetizer(), padded);
    const header = Buffer.from([SEQUENCE_HEADER << 3, 1, 2, 3]);
    expect(depacketizeAv1(payloads).obus).toEqual([header, frame]);
  });

  it('sends what comes before an OBU that is longer than the frame', () => {
    const frame = obu(FRAME, 60);
    for (const size of [leb128(61), leb128(2 ** 40), Buffer.alloc(8, 0xff)]) {
      const broken = Buffer.concat([Buffer.from([(FRAME << 3) | 0x02]), size, Buffer.alloc(60)]);
      const { payloads } = packetize(
        new Av1Packetizer(),
        Buffer.concat([withSizes([frame]), broken]),
      );
      expect(depacketizeAv1(payloads).obus).toEqual([frame]);
    }
  });

  it('survives bytes that are no temporal unit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
        const { payloads } = packetize(new Av1Packetizer(), bytes, 100);
        const carried = depacketizeAv1(payloads).obus.reduce((sum, { length }) => sum + length, 0);
        expect(carried).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });

  it('carries what a real encoder makes to a real decoder', async () => {
    const stream = await encodeStream('av1', 6);
    const received = stream.frames.map((frame) =>
      depacketizeAv1(packetize(new Av1Packetizer(), frame).payloads),
    );
    expect(Math.max(...stream.frames.map(({ length }) => length))).toBeGreaterThan(2200);
    expect(received.map(({ newSequence }) => newSequence)).toEqual(
      [0, 1, 2, 3, 4, 5].map((index) => index % 3 === 0),
    );
    expect(await stream.countDecoded(received.map(({ obus }) => withSizes(obus)))).toBe(6);
  });
});

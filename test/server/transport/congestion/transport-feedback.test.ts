import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RtcpHeader, StatusVectorChunk, TransportWideCC } from 'werift';
import { TransportFeedback } from '../../../../server/transport/congestion/transport-feedback.ts';
import { writeTransportFeedback } from '../../../support/transport-feedback-writer.ts';

/** Ticks as the writer takes them. */
function ticksOf(feedback: TransportFeedback): (number | undefined)[] {
  return Array.from({ length: feedback.statusCount }, (_, i) => {
    const us = feedback.arrivalUs(i);
    return us === undefined ? undefined : us / 250;
  });
}

/** Arrivals whose deltas fit into 16 bits. */
const ARRIVALS = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.nat(255) },
      fc.integer({ min: -0x8000, max: 0x7fff }),
      fc.constant(undefined),
    ),
    { minLength: 1, maxLength: 300 },
  )
  .map((deltas) => {
    let sum = 0;
    return deltas.map((delta) => {
      if (delta === undefined) return undefined;
      sum += delta;
      return sum;
    });
  });

const HEADER = { baseSeq: 65_530, referenceTime: 0xff_fffe, feedbackCount: 3 };

describe('TransportFeedback', () => {
  it('reads back what was written, whatever the pattern of arrivals', () => {
    const feedback = new TransportFeedback();
    fc.assert(
      fc.property(ARRIVALS, fc.nat(0xffff), fc.nat(0xff_ffff), (arrivals, baseSeq, reference) => {
        const packet = writeTransportFeedback({
          baseSeq,
          referenceTime: reference,
          feedbackCount: 1,
          arrivals,
        });
        expect(feedback.parse(packet)).toBe(true);
        expect(feedback.baseSeq).toBe(baseSeq);
        expect(feedback.referenceTime).toBe(reference);
        expect(ticksOf(feedback)).toEqual(arrivals);
      }),
    );
  });

  it('reads long runs, and more packets than it had room for', () => {
    const arrivals = Array.from({ length: 20_000 }, (_, i) => (i < 9000 ? i : undefined));
    const feedback = new TransportFeedback();
    expect(feedback.parse(writeTransportFeedback({ ...HEADER, arrivals }))).toBe(true);
    expect(ticksOf(feedback)).toEqual(arrivals);
  });

  it('agrees with an independent parser on what was received', () => {
    const arrivals = [
      0,
      undefined,
      4,
      900,
      undefined,
      890,
      891,
      ...new Array(20).fill(undefined),
      9,
    ];
    const packet = writeTransportFeedback({ ...HEADER, arrivals });
    const header = RtcpHeader.deSerialize(packet);
    const independent = TransportWideCC.deSerialize(packet.subarray(4), header);
    const received = independent.packetChunks.flatMap((chunk) =>
      chunk instanceof StatusVectorChunk
        ? chunk.symbolList.map((symbol) => symbol !== 0)
        : Array.from({ length: chunk.runLength }, () => chunk.packetStatus !== 0),
    );
    expect(received.slice(0, arrivals.length)).toEqual(arrivals.map((at) => at !== undefined));
    const deltas = independent.recvDeltas.map(({ delta }) => delta / 250);
    expect(deltas).toEqual([0, 4, 896, -10, 1, -882]);
    expect(independent.baseSequenceNumber).toBe(HEADER.baseSeq);
    expect(independent.referenceTime).toBe(HEADER.referenceTime);
  });

  it('refuses a packet that ends before its chunks or its deltas do', () => {
    const packet = writeTransportFeedback({
      ...HEADER,
      arrivals: Array.from({ length: 40 }, (_, i) => (i % 3 === 0 ? undefined : i * 300)),
    });
    const feedback = new TransportFeedback();
    // The padding up to a word may be missing.
    for (let length = 0; length < packet.length - 3; length++) {
      expect(feedback.parse(packet.subarray(0, length))).toBe(false);
      expect(feedback.statusCount).toBe(0);
      expect(feedback.arrivalUs(0)).toBeUndefined();
    }
  });

  it('refuses no statuses, absurdly many, empty runs and reserved symbols', () => {
    const valid = writeTransportFeedback({ ...HEADER, arrivals: [0, 1, 2, 3] });
    const withWord = (offset: number, word: number): Buffer => {
      const packet = Buffer.from(valid);
      packet.writeUInt16BE(word, offset);
      return packet;
    };
    const feedback = new TransportFeedback();
    expect(feedback.parse(valid)).toBe(true);
    expect(feedback.parse(withWord(14, 0))).toBe(false);
    expect(feedback.parse(withWord(14, 0xffff))).toBe(false);
    expect(feedback.parse(withWord(14, 0x8000))).toBe(false);
    expect(feedback.parse(withWord(20, 0x2000))).toBe(false);
    expect(feedback.parse(withWord(20, 0x6004))).toBe(false);
    expect(feedback.parse(withWord(20, 0xff00))).toBe(false);
  });

  it('never throws and never tells of more than it was given', () => {
    const feedback = new TransportFeedback();
    const read = (bytes: Uint8Array): void => {
      const parsed = feedback.parse(bytes);
      expect(feedback.statusCount > 0).toBe(parsed);
      expect(feedback.statusCount).toBeLessThanOrEqual(bytes.length * 8191);
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 120 }), read));
    const damaged = fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 6 });
    fc.assert(
      fc.property(ARRIVALS, damaged, (arrivals, damages) => {
        const packet = writeTransportFeedback({ ...HEADER, arrivals });
        for (const [at, value] of damages) packet[at % packet.length] = value;
        read(packet);
      }),
    );
  });
});

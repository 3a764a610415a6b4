import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SentPackets } from '../../../../server/transport/congestion/sent-packets.ts';
import { writeTransportFeedback } from '../../../support/transport-feedback-writer.ts';

function feedback(
  baseSeq: number,
  arrivals: readonly (number | undefined)[],
  referenceTime = 10,
): Buffer {
  return writeTransportFeedback({ baseSeq, referenceTime, feedbackCount: 0, arrivals });
}

/** Sends `count` packets of 1000 bytes, a millisecond apart. */
function send(sent: SentPackets, count: number, fromUs = 0): number[] {
  return Array.from({ length: count }, (_, i) => sent.add(1000, fromUs + i * 1000));
}

describe('SentPackets', () => {
  it('counts sequence numbers from the first on and wraps them at 16 bits', () => {
    expect(send(new SentPackets(65_534), 4)).toEqual([65_534, 65_535, 0, 1]);
  });

  it('resolves feedback to when packets left, how large they were and what became of them', () => {
    const sent = new SentPackets();
    sent.add(500, 1000);
    sent.add(700, 2000, 3);
    sent.add(900, 3000);
    const report = sent.resolve(feedback(0, [0, undefined, 8]), 50_000);
    // The far side's clock has no zero of its own: the first feedback sets one.
    const us = 0;
    expect(report?.atUs).toBe(50_000);
    expect(report?.packets).toEqual([
      { seq: 0, sentUs: 1000, bytes: 500, receivedUs: us, probeId: undefined },
      { seq: 1, sentUs: 2000, bytes: 700, receivedUs: undefined, probeId: 3 },
      { seq: 2, sentUs: 3000, bytes: 900, receivedUs: us + 2000, probeId: undefined },
    ]);
  });

  it('tells of a received packet once, and of one reported lost again when it was only late', () => {
    const sent = new SentPackets();
    send(sent, 4);
    sent.resolve(feedback(0, [0, undefined, undefined, 3]), 50_000);
    const again = sent.resolve(feedback(0, [0, 9, undefined, 3]), 100_000);
    expect(again?.packets.map(({ seq, receivedUs }) => [seq, receivedUs])).toEqual([[1, 9 * 250]]);
    // An older view of it cannot lose it again.
    const older = sent.resolve(feedback(0, [0, undefined, undefined, 3]), 110_000);
    expect(older?.packets).toEqual([]);
  });

  it('says how much of what was sent a lost report should have told of', () => {
    const sent = new SentPackets();
    send(sent, 100);
    expect(sent.resolve(feedback(0, [0, 1, 2]), 50_000)?.untoldUs).toBe(0);
    expect(sent.resolve(feedback(3, [0, 1, 2]), 60_000)?.untoldUs).toBe(0);
    expect(sent.resolve(feedback(46, [0, 1]), 100_000)?.untoldUs).toBe(40_000);
    // It was only overtaken.
    expect(sent.resolve(feedback(6, [0, 1]), 110_000)?.untoldUs).toBe(0);
    expect(sent.resolve(feedback(48, [0, 1]), 120_000)?.untoldUs).toBe(0);
  });

  it('unwraps sequence numbers over several wraps, with gaps in the feedback', () => {
    const sent = new SentPackets(65_000);
    for (let round = 0; round < 60; round++) {
      const seqs = send(sent, 4000, round * 1e6);
      const report = sent.resolve(feedback(seqs[3990] ?? 0, [0, 1, 2]), round * 1e6 + 5e6);
      expect(report?.packets.map(({ seq }) => seq)).toEqual(
        [3990, 3991, 3992].map((i) => 65_000 + round * 4000 + i),
      );
    }
  });

  it('unwraps the reference time, also where feedback was overtaken', () => {
    const sent = new SentPackets();
    send(sent, 3);
    const receivedUs = (seq: number, reference: number): number | undefined =>
      sent.resolve(feedback(seq, [0], reference), 50_000)?.packets[0]?.receivedUs;
    const first = receivedUs(0, 0xff_ffff) ?? 0;
    expect((receivedUs(2, 1) ?? 0) - first).toBe(2 * 64_000);
    expect((receivedUs(1, 0) ?? 0) - first).toBe(64_000);
  });

  it('has in flight what was sent after the newest packet told of', () => {
    const sent = new SentPackets();
    send(sent, 10);
    expect(sent.inFlightBytes(10_000)).toBe(10_000);
    expect(sent.resolve(feedback(0, [0, 1, 2]), 20_000)?.inFlightBytes).toBe(7000);
    // The feedback on 3 to 5 got lost.
    expect(sent.resolve(feedback(6, [0, 1]), 30_000)?.inFlightBytes).toBe(2000);
    // Feedback that was overtaken puts nothing back.
    expect(sent.resolve(feedback(0, [0, 1, 2]), 40_000)?.inFlightBytes).toBe(2000);
  });

  it('gives up on packets nothing is heard of, so that the path does not stay shut', () => {
    const sent = new SentPackets();
    send(sent, 10);
    expect(sent.inFlightBytes(1_000_500)).toBe(9000);
    expect(sent.inFlightBytes(2_000_000)).toBe(0);
  });

  it('ignores and counts packets never sent, or too long ago', () => {
    const sent = new SentPackets(100);
    expect(sent.resolve(feedback(100, [0, 1]), 0)?.packets).toEqual([]);
    send(sent, 2);
    expect(sent.resolve(feedback(98, [0, 1, 2, 3, 4, 5]), 50_000)?.packets).toHaveLength(2);
    expect(sent.counters).toEqual({ malformedFeedback: 0, unknownPackets: 6 });
    expect(sent.resolve(feedback(30_000, [0]), 50_000)?.packets).toEqual([]);
    send(sent, 1, 60_000);
    expect(sent.resolve(feedback(102, [0]), 11_000_000)?.packets).toEqual([]);
    expect(sent.counters.unknownPackets).toBe(8);
  });

  it('counts malformed feedback', () => {
    const sent = new SentPackets();
    expect(sent.resolve(new Uint8Array(12), 0)).toBeUndefined();
    expect(sent.counters.malformedFeedback).toBe(1);
  });

  it('tells of each packet as received at most once, whatever feedback comes', () => {
    const packets = fc.array(fc.option(fc.nat(100), { nil: undefined }), {
      minLength: 1,
      maxLength: 60,
    });
    const told = fc.array(fc.tuple(fc.nat(0xffff), fc.nat(0xff_ffff), packets), { maxLength: 30 });
    fc.assert(
      fc.property(told, (reports) => {
        const sent = new SentPackets(65_500);
        send(sent, 300);
        const received = new Set<number>();
        for (const [base, reference, arrivals] of reports) {
          const near = (65_450 + (base % 400)) & 0xffff;
          const report = sent.resolve(feedback(near, arrivals, reference), 400_000);
          expect(report?.inFlightBytes).toBeGreaterThanOrEqual(0);
          for (const { seq, receivedUs } of report?.packets ?? []) {
            expect(seq).toBeGreaterThanOrEqual(65_500);
            expect(seq).toBeLessThan(65_800);
            if (receivedUs === undefined) continue;
            expect(received.has(seq)).toBe(false);
            received.add(seq);
          }
        }
      }),
    );
  });
});

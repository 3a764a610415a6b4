import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RtcpPacketConverter, RtcpSourceDescriptionPacket, RtcpSrPacket } from 'werift';
import {
  compactNtp,
  ntpTime,
  parseRtcp,
  type ReportBlock,
  type RtcpListener,
  roundTripMs,
  writeSenderReport,
} from '../../../server/transport/rtcp.ts';

function heard(compound: Uint8Array): { ok: boolean; log: unknown[] } {
  const log: unknown[] = [];
  const listener: RtcpListener = {
    handleReportBlock: (block) => log.push(['report', block.ssrc, block.fractionLost]),
    handleNack: (ssrc, seq, mask) => log.push(['nack', ssrc, seq, mask]),
    handleKeyframeRequest: (ssrc) => log.push(['keyframe', ssrc]),
    handleReceiverEstimate: (bitrateBps) => log.push(['estimate', bitrateBps]),
    handleTransportFeedback: (packet) => log.push(['transport', packet.length]),
  };
  return { ok: parseRtcp(compound, listener), log };
}

/** One RTCP packet of 32-bit words after its first. */
function rtcp(type: number, count: number, words: readonly number[]): Buffer {
  const packet = Buffer.alloc(4 + words.length * 4);
  packet[0] = 0x80 | count;
  packet[1] = type;
  packet.writeUInt16BE(words.length, 2);
  for (const [i, word] of words.entries()) packet.writeUInt32BE(word >>> 0, 4 + i * 4);
  return packet;
}

const RECEIVER_REPORT = rtcp(201, 1, [1, 77, 0x4000_0000, 0, 0, 0, 0]);
const NACK = rtcp(205, 1, [1, 77, (65_534 << 16) | 0b101]);
const PLI = rtcp(206, 1, [1, 77]);
const FIR = rtcp(206, 4, [1, 0, 77, 0x0100_0000]);
/** 250,000 · 2²: one SSRC, exponent, mantissa (draft-alvestrand-rmcat-remb-03 §2.2). */
const REMB = rtcp(206, 15, [1, 0, 0x5245_4d42, 0x0100_0000 | (2 << 18) | 250_000, 77]);
const TRANSPORT_CC = rtcp(205, 15, [1, 77, 0, 0]);

describe('parseRtcp', () => {
  it('reads reports, NACK, PLI, FIR, REMB and feedback of a compound packet', () => {
    const compound = Buffer.concat([RECEIVER_REPORT, NACK, PLI, FIR, REMB, TRANSPORT_CC]);
    expect(heard(compound)).toEqual({
      ok: true,
      log: [
        ['report', 77, 0.25],
        ['nack', 77, 65_534, 0b101],
        ['keyframe', 77],
        ['keyframe', 77],
        ['estimate', 1_000_000],
        ['transport', 20],
      ],
    });
  });

  it('handles what comes before a malformed packet and says that one was malformed', () => {
    expect(heard(Buffer.concat([PLI, PLI.subarray(0, 6)]))).toEqual({
      ok: false,
      log: [['keyframe', 77]],
    });
    expect(heard(rtcp(201, 3, [1, 77])).ok).toBe(false);
    expect(heard(rtcp(205, 1, [1])).ok).toBe(false);
    expect(heard(Buffer.alloc(0)).ok).toBe(false);
    const padded = Buffer.from(PLI);
    padded[0] = 0xa1;
    padded[padded.length - 1] = 200;
    expect(heard(padded).ok).toBe(false);
  });

  it('passes over other messages of the application layer, and counts a REMB cut short', () => {
    expect(heard(rtcp(206, 15, [1, 0, 0x4142_4344]))).toEqual({ ok: true, log: [] });
    expect(heard(rtcp(206, 15, [1, 0]))).toEqual({ ok: true, log: [] });
    expect(heard(rtcp(206, 15, [1, 0, 0x5245_4d42])).ok).toBe(false);
  });

  it('never throws, whatever it is given', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void heard(bytes)));
    const damaged = fc.tuple(fc.nat(60), fc.nat(255));
    fc.assert(
      fc.property(fc.array(damaged, { maxLength: 6 }), fc.nat(200), (damages, length) => {
        const bytes = Buffer.concat([RECEIVER_REPORT, NACK, FIR, REMB, TRANSPORT_CC]);
        for (const [at, value] of damages) bytes[at] = value;
        heard(bytes.subarray(0, length));
      }),
    );
  });
});

describe('writeSenderReport', () => {
  it('is read back by an independent parser, with its description', () => {
    const nowUs = 12_500_000;
    const report = { ssrc: 9, nowUs, rtpTimestamp: 90_000, packets: 3, octets: 4000 };
    for (const cname of ['a', 'ab', 'abc', 'abcd', 'rockpool']) {
      const packets = RtcpPacketConverter.deSerialize(writeSenderReport({ ...report, cname }));
      const [first, second] = packets;
      if (!(first instanceof RtcpSrPacket)) throw new Error('no sender report');
      if (!(second instanceof RtcpSourceDescriptionPacket)) throw new Error('no description');
      expect(first.ssrc).toBe(9);
      expect(first.senderInfo).toMatchObject({
        ntpTimestamp: (12n << 32n) | (1n << 31n),
        rtpTimestamp: 90_000,
        packetCount: 3,
        octetCount: 4000,
      });
      expect(second.chunks[0]).toMatchObject({ source: 9, items: [{ type: 1, text: cname }] });
    }
  });
});

describe('roundTripMs', () => {
  const block = (over: Partial<ReportBlock>): ReportBlock => ({
    ssrc: 1,
    fractionLost: 0,
    lastSenderReport: compactNtp(ntpTime(10_000_000)),
    delaySinceLastReport: 0.5 * 65_536,
    ...over,
  });

  it('is the time since the report less the time the far side kept it', () => {
    expect(roundTripMs(block({}), 10_540_000)).toBeCloseTo(40, 1);
  });

  it('is right across the wrap of the compact time', () => {
    const sentUs = 65_535.9 * 1e6;
    const lastSenderReport = compactNtp(ntpTime(sentUs));
    expect(roundTripMs(block({ lastSenderReport }), sentUs + 580_000)).toBeCloseTo(80, 1);
  });

  it('is unknown where no report was answered or the far side makes no sense', () => {
    expect(roundTripMs(block({ lastSenderReport: 0 }), 10_540_000)).toBeUndefined();
    expect(roundTripMs(block({}), 10_100_000)).toBeUndefined();
  });
});

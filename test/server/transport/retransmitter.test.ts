import { beforeEach, describe, expect, it } from 'vitest';
import type { VideoPacket } from '../../../server/transport/packet-history.ts';
import { Retransmitter } from '../../../server/transport/retransmitter.ts';
import { ScriptedCongestion } from '../../support/scripted-congestion.ts';

const MS = 1000;

describe('Retransmitter', () => {
  let congestion = new ScriptedCongestion();
  let resent: number[] = [];
  let guesses: number[] = [];
  let lost = 0;
  /** Bits a second on the wire: as much as the path carries, unless a test says otherwise. */
  let sentBps = 8_000_000;
  let retransmitter = new Retransmitter(congestion, listener(), () => sentBps);

  function listener() {
    return {
      handleResend: ({ seq, guessed }: VideoPacket) => {
        resent.push(seq);
        if (guessed) guesses.push(seq);
      },
      handleLostForGood: () => {
        lost++;
      },
    };
  }

  beforeEach(() => {
    congestion = new ScriptedCongestion();
    congestion.targetBitrateBps = 8_000_000;
    resent = [];
    lost = 0;
    guesses = [];
    sentBps = 8_000_000;
    retransmitter = new Retransmitter(congestion, listener(), () => sentBps);
  });

  /** Packets of 1000 bytes on the wire, sent at `nowUs`. */
  function send(first: number, count: number, nowUs: number): void {
    for (let i = 0; i < count; i++) {
      retransmitter.handleSent({
        packet: Buffer.alloc(976),
        seq: (first + i) & 0xffff,
        keyframe: false,
        queuedUs: nowUs,
        sentUs: nowUs,
        resentUs: Number.NEGATIVE_INFINITY,
        guessed: false,
        nackedUs: Number.NEGATIVE_INFINITY,
        arrived: false,
        video: undefined,
      });
    }
  }

  function nack(seq: number, nowUs: number, mask = 0, rttMs: number | undefined = 10): void {
    retransmitter.beginCompound(nowUs);
    retransmitter.handleNack(seq, mask, nowUs, rttMs);
  }

  it('reads the mask of a NACK across the wrap of sequence numbers', () => {
    send(65_530, 20, 0);
    nack(65_534, MS, 0b1000_0000_0000_0101);
    expect(resent).toEqual([65_534, 65_535, 1]);
    // The last bit asks for a packet that was not sent yet.
    expect(retransmitter.counters).toEqual({
      nackedPackets: 4,
      retransmittedPackets: 3,
      ignoredNacks: 1,
      lostForGood: 0,
    });
  });

  it('sends a packet again at most once a round trip, and at most every 5 ms', () => {
    send(1, 3, 0);
    nack(1, 20 * MS);
    nack(1, 29 * MS);
    expect(resent).toEqual([1]);
    nack(1, 30 * MS);
    expect(resent).toEqual([1, 1]);
    nack(2, 40 * MS, 0, 0.1);
    nack(2, 44 * MS, 0, 0.1);
    expect(resent).toEqual([1, 1, 2]);
    nack(2, 45 * MS, 0, 0.1);
    expect(resent).toEqual([1, 1, 2, 2]);
  });

  it('takes the round trip for a distant one until it is known', () => {
    send(1, 1, 0);
    retransmitter.beginCompound(0);
    retransmitter.handleNack(1, 0, 0, undefined);
    retransmitter.handleNack(1, 0, 99 * MS, undefined);
    expect(resent).toEqual([1]);
    retransmitter.handleNack(1, 0, 100 * MS, undefined);
    expect(resent).toEqual([1, 1]);
  });

  it('says that a packet is lost for good once it has left history', () => {
    send(1, 1, 0);
    send(2, 1, 1000 * MS);
    nack(1, 1000 * MS);
    expect({ resent, lost }).toEqual({ resent: [1], lost: 0 });
    nack(1, 1001 * MS);
    expect({ resent, lost }).toEqual({ resent: [1], lost: 1 });
  });

  it('keeps a second of packets across the wrap', () => {
    for (let i = 0; i < 6000; i++) send(64_000 + i, 1, i * 100);
    for (const i of [0, 1535, 1536, 1537, 4000, 5999]) {
      nack((64_000 + i) & 0xffff, 600 * MS);
      expect(resent.at(-1)).toBe((64_000 + i) & 0xffff);
    }
    expect(lost).toBe(0);
  });

  it('ignores what was never sent', () => {
    nack(5, 0);
    send(100, 5, 0);
    nack(105, MS);
    nack(20_000, MS);
    expect({ resent, lost }).toEqual({ resent: [], lost: 0 });
    expect(retransmitter.counters.ignoredNacks).toBe(3);
  });

  it('spends no more than a quarter of the target in the long run', () => {
    send(0, 8000, 0);
    // 16 NACKs a millisecond, of packets never asked for before.
    let seq = 0;
    for (let ms = 0; ms < 500; ms++) {
      retransmitter.beginCompound(ms * MS);
      for (let i = 0; i < 16; i++) retransmitter.handleNack(seq++, 0, ms * MS, 1000);
    }
    // A quarter of 1000 a second: what may be saved, and half a second's.
    expect(resent.length).toBeGreaterThan(370);
    expect(resent.length).toBeLessThanOrEqual(375);
    expect(retransmitter.counters.ignoredNacks).toBe(8000 - resent.length);
  });

  it('repairs an outage of 200 ms at once when it has not repaired for a while', () => {
    retransmitter.beginCompound(0);
    send(0, 1000, 2000 * MS);
    retransmitter.beginCompound(2000 * MS);
    for (let seq = 0; seq < 200; seq += 17) {
      retransmitter.handleNack(seq, 0xffff, 2000 * MS, 10);
    }
    expect(resent.length).toBeGreaterThanOrEqual(200);
  });

  it('reads no more than a thousand NACKs of one compound packet', () => {
    congestion.targetBitrateBps = 1e9;
    retransmitter.beginCompound(0);
    retransmitter.beginCompound(1000 * MS);
    send(0, 3000, 1000 * MS);
    for (let seq = 0; seq < 3000; seq++) retransmitter.handleNack(seq, 0, 1000 * MS, 10);
    expect(resent).toHaveLength(1000);
    expect(retransmitter.counters).toMatchObject({ nackedPackets: 3000, ignoredNacks: 2000 });
  });

  it('pads with the newest packets in turn', () => {
    expect(retransmitter.nextPadding(0)).toBeUndefined();
    send(65_530, 10, 0);
    const padding = Array.from({ length: 12 }, () => retransmitter.nextPadding(MS)?.seq);
    expect(padding).toEqual([3, 2, 1, 0, 65_535, 65_534, 65_533, 65_532, 65_531, 65_530, 3, 2]);
    expect(retransmitter.nextPadding(2000 * MS)).toBeUndefined();
  });

  /** Says of packets, all sent at 0, when they arrived; undefined: not yet. */
  function report(arrivalsMs: Record<number, number | undefined>, atUs: number, rttMs = 30): void {
    const packets = Object.entries(arrivalsMs).map(([seq, arrivalMs]) => ({
      seq: Number(seq),
      videoSeq: Number(seq),
      sentUs: 0,
      bytes: 1000,
      receivedUs: arrivalMs === undefined ? undefined : arrivalMs * MS,
      probeId: undefined,
    }));
    retransmitter.handleReport({ atUs, packets, inFlightBytes: 0 }, rttMs);
  }

  it('does not send again what is known to have arrived', () => {
    send(1, 2, 0);
    report({ 1: 20, 2: 15 }, 40 * MS);
    nack(1, 45 * MS);
    expect(resent).toEqual([]);
    expect(retransmitter.counters.ignoredNacks).toBe(1);
  });

  it('sends what a report misses unasked: the NACK for it may be lost', () => {
    send(1, 3, 0);
    report({ 1: undefined, 2: 15 }, 20 * MS);
    expect(resent).toEqual([1]);
    report({ 1: undefined, 3: 20 }, 45 * MS);
    nack(1, 46 * MS, 0, 30);
    expect(resent).toEqual([1]);
  });

  it('sends once more what got lost when it was sent again', () => {
    send(1, 2, 0);
    nack(1, 20 * MS);
    expect(resent).toEqual([1]);
    const again = { seq: 3, videoSeq: 1, bytes: 1000, probeId: undefined };
    const told = (sentUs: number, receivedUs: number | undefined, atUs: number): void =>
      retransmitter.handleReport(
        { atUs, packets: [{ ...again, sentUs, receivedUs }], inFlightBytes: 0 },
        30,
      );
    told(21 * MS, undefined, 60 * MS);
    expect(resent).toEqual([1, 1]);
    // Of the attempt before: another is under way.
    told(22 * MS, undefined, 70 * MS);
    expect(resent).toEqual([1, 1]);
    told(61 * MS, 75 * MS, 100 * MS);
    nack(1, 110 * MS);
    expect(resent).toEqual([1, 1]);
  });

  describe('where packets overtake one another', () => {
    beforeEach(() => {
      // Asked for, and then there all the same: twenty times, each 10 ms after its successor.
      send(1, 40, 0);
      for (let seq = 1; seq < 40; seq += 2) {
        nack(seq, 20 * MS);
        report({ [seq]: 25, [seq + 1]: 15 }, 30 * MS);
      }
      resent = [];
      send(100, 3, 0);
    });

    it('waits whether a packet arrives by itself', () => {
      nack(100, 20 * MS);
      expect(resent).toEqual([]);
      report({ 100: undefined, 101: 16 }, 25 * MS);
      report({ 100: 25 }, 60 * MS);
      report({ 102: 30 }, 500 * MS);
      expect(resent).toEqual([]);
    });

    it('sends it once it is later than others are', () => {
      nack(100, 20 * MS);
      report({ 100: undefined, 101: 16 }, 25 * MS);
      expect(resent).toEqual([]);
      report({ 102: 30 }, 60 * MS);
      expect(resent).toEqual([100]);
      report({ 103: 30 }, 90 * MS);
      expect(resent).toEqual([100]);
    });

    it('sends it at once when it is asked for again', () => {
      nack(100, 20 * MS);
      nack(100, 50 * MS);
      expect(resent).toEqual([100]);
    });

    it('sends it at once on a guess while the path has bits to spare, and then for certain', () => {
      sentBps = 3_000_000;
      nack(100, 40 * MS, 0, 30);
      expect(resent).toEqual([100]);
      expect(guesses).toEqual([100]);
      report({ 100: undefined, 101: 16, 102: 30 }, 69 * MS);
      expect(resent).toEqual([100]);
      nack(100, 80 * MS, 0, 30);
      expect(resent).toEqual([100, 100]);
      expect(guesses).toEqual([100]);
    });

    it('guesses no more than the path has to spare', () => {
      // 0.2 Mbit/s below nine tenths of the target: 2500 bytes in a tenth of a second.
      sentBps = 7_000_000;
      send(200, 20, 0);
      nack(200, 1000 * MS, 0xffff);
      expect(guesses).toEqual([200, 201]);
      expect(resent).toEqual(guesses);
    });

    it('trusts a first request again when these turn out to be losses', () => {
      send(200, 90, 0);
      for (let seq = 200; seq < 290; seq++) nack(seq, 40 * MS);
      resent = [];
      send(300, 1, 0);
      nack(300, 45 * MS);
      expect(resent).toEqual([300]);
    });
  });
});

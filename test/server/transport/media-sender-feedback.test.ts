import { beforeEach, describe, expect, it } from 'vitest';
import { rtpWireBytes, TRANSPORT_CC_URI } from '../../../server/transport/rtp-packet.ts';
import {
  AUDIO,
  feedback,
  MediaSenderRig,
  nack,
  parsed,
  pli,
  RTX,
  remb,
  transportSeq,
  VIDEO,
  words,
} from './media-sender-rig.ts';

describe('The feedback that a MediaSender gets', () => {
  let rig = new MediaSenderRig();
  beforeEach(() => {
    rig = new MediaSenderRig();
  });

  it('numbers all packets of all streams in one count, retransmissions included', () => {
    const { peer, sender } = rig.start(undefined, 0.9999);
    sender.sendVideo(rig.video(2000));
    sender.sendAudio(rig.audio());
    sender.handleRtcp(nack(parsed(peer)[0]?.seq ?? 0));
    sender.sendVideo(rig.video(100, false));
    expect(parsed(peer).map(transportSeq)).toEqual([65_529, 65_530, 65_531, 65_532, 65_533]);
    expect(parsed(peer)[3]?.payloadType).toBe(RTX);
    expect(rig.congestion.sent.map(({ bytes }) => bytes)).toEqual(
      peer.rtp.map(({ length }) => rtpWireBytes(length)),
    );
  });

  it('says that packets are reported on, and sender reports are not', () => {
    const { peer, sender } = rig.start();
    sender.sendVideo(rig.video(100));
    rig.time.advance(5000);
    const { sent } = rig.congestion;
    const media = sent.filter(({ reported }) => reported);
    expect(media.map(({ bytes }) => bytes)).toEqual([rtpWireBytes(peer.rtp[0]?.length ?? 0)]);
    expect(peer.rtcp.length).toBeGreaterThan(1);
    expect(sent).toHaveLength(1 + peer.rtcp.length);
  });

  it('tells congestion control what arrived of what was sent', () => {
    const { peer, sender } = rig.start();
    sender.sendVideo(rig.video(3000));
    rig.time.advance(30);
    sender.handleRtcp(feedback(0, 2));
    expect(rig.congestion.reports).toHaveLength(1);
    expect(rig.congestion.reports[0]).toMatchObject({
      atUs: 1_030_000,
      packets: [
        { seq: 0, sentUs: 1_000_000, bytes: rtpWireBytes(peer.rtp[0]?.length ?? 0) },
        { seq: 1, sentUs: 1_000_000 },
      ],
      inFlightBytes: rtpWireBytes(peer.rtp[2]?.length ?? 0),
    });
    expect(sender.counters).toMatchObject({ transportFeedback: 1, unknownPackets: 0 });
  });

  it('stamps nothing where the extension was not negotiated, but counts all the same', () => {
    const extensions = new Map([...VIDEO.extensions].filter(([uri]) => uri !== TRANSPORT_CC_URI));
    const { peer, sender } = rig.start({ video: { ...VIDEO, extensions } });
    sender.sendVideo(rig.video(3000));
    expect(parsed(peer).map(transportSeq)).toEqual([undefined, undefined, undefined]);
    expect(rig.congestion.sent.map(({ reported }) => reported)).toEqual([false, false, false]);
  });

  it('hands on receiver reports and estimates', () => {
    const { peer, sender } = rig.start();
    sender.sendVideo(rig.video(100));
    rig.time.advance(1000);
    // A report that took 40 ms, 30 of them at the far side: a round trip of 10.
    const report = peer.rtcp[0] ?? Buffer.alloc(0);
    const lastReport = report.readUInt32BE(8) * 65_536 + (report.readUInt32BE(12) >>> 16);
    rig.time.advance(40);
    const delay = Math.round(0.03 * 65_536);
    sender.handleRtcp(words(201, 1, [1, VIDEO.ssrc, 64 * 2 ** 24, 0, 0, lastReport, delay]));
    expect(rig.congestion.receiverReports).toEqual([
      { atUs: 2_040_000, fractionLost: 0.25, rttMs: expect.closeTo(10, 0) },
    ]);
    expect(sender.network.rttMs).toBeCloseTo(10, 0);
    rig.congestion.rttMs = 33;
    expect(sender.network.rttMs).toBe(33);
    sender.handleRtcp(words(201, 1, [1, AUDIO.ssrc, 64 * 2 ** 24, 0, 0, lastReport, delay]));
    expect(rig.congestion.receiverReports).toHaveLength(1);
    sender.handleRtcp(remb(150_000, 3));
    expect(rig.congestion.estimatesBps).toEqual([1_200_000]);
  });

  describe('asking congestion control', () => {
    /** The longest time without a question while time goes on, its end included. */
    function longestGapUs(act: () => void): number {
      const { tickedUs } = rig.congestion;
      const since = tickedUs.length - 1;
      act();
      const times = [...tickedUs.slice(since), rig.time.nowUs()];
      return Math.max(...times.slice(1).map((us, i) => us - (times[i] ?? 0)));
    }

    it('happens at least every 25 ms while pictures are sent, also after a break', () => {
      const { sender } = rig.start();
      const pictures = () => {
        for (let i = 0; i < 6; i++) {
          sender.sendVideo(rig.video(100));
          rig.time.advance(150);
        }
      };
      sender.sendVideo(rig.video(100));
      expect(longestGapUs(pictures)).toBeLessThanOrEqual(25_000);
      rig.time.advance(730);
      sender.sendVideo(rig.video(100));
      expect(longestGapUs(pictures)).toBeLessThanOrEqual(25_000);
    });

    it('happens ten times a second while there is sound alone', () => {
      const { sender } = rig.start();
      sender.sendVideo(rig.video(100));
      rig.time.advance(300);
      const asked = rig.congestion.tickedUs.length;
      for (let i = 0; i < 100; i++) {
        sender.sendAudio(rig.audio());
        rig.time.advance(10);
      }
      expect(rig.congestion.tickedUs.length - asked).toBe(10);
    });

    it('stays quick while a picture waits to leave', () => {
      const { sender } = rig.start();
      rig.congestion.pacingBitrateBps = 1_000_000;
      sender.sendVideo(rig.video(120_000));
      const waiting = () => rig.time.advance(400);
      expect(longestGapUs(waiting)).toBeLessThanOrEqual(25_000);
      expect(sender.network.pacerQueueMs).toBeGreaterThan(0);
    });

    it('ends a second after the last packet', () => {
      const { sender } = rig.start();
      sender.sendVideo(rig.video(100));
      rig.time.advance(1100);
      const asked = rig.congestion.tickedUs.length;
      rig.time.advance(5000);
      expect(rig.congestion.tickedUs).toHaveLength(asked);
    });
  });

  it('counts garbage and goes on', () => {
    const { sender } = rig.start();
    sender.handleRtcp(Uint8Array.of(1, 2, 3));
    sender.handleRtcp(Buffer.concat([pli(), Buffer.from([0x80])]));
    sender.handleRtcp(words(205, 15, [1, VIDEO.ssrc, 0, 0]));
    sender.handleRtcp(feedback(500, 20));
    expect(sender.counters).toMatchObject({
      malformedRtcp: 2,
      keyframeRequests: 2,
      malformedFeedback: 1,
      unknownPackets: 20,
    });
    expect(rig.congestion.reports).toHaveLength(0);
  });

  it('reads no more than 2000 compounds a second', () => {
    const { sender } = rig.start();
    for (let i = 0; i < 5000; i++) sender.handleRtcp(pli());
    expect(rig.keyframes).toBe(2000);
    expect(sender.counters.ignoredRtcp).toBe(3000);
    rig.time.advance(1000);
    sender.handleRtcp(pli());
    expect(rig.keyframes).toBe(2001);
  });
});

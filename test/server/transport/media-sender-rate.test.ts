import { beforeEach, describe, expect, it } from 'vitest';
import { parseRtp } from './depacketizers.ts';
import {
  feedback,
  MediaSenderRig,
  nack,
  OPUS,
  parsed,
  pli,
  RTX,
  VIDEO,
  VP8,
} from './media-sender-rig.ts';

describe('The rate of a MediaSender', () => {
  let rig = new MediaSenderRig();
  beforeEach(() => {
    rig = new MediaSenderRig();
  });

  describe('pacing', () => {
    it('spreads a keyframe of eight frames and lets sound pass it', () => {
      const { peer, sender } = rig.start();
      sender.sendVideo(rig.video(83_000));
      const burst = peer.rtp.length;
      expect(burst).toBeLessThan(20);
      expect(sender.acceptsVideo).toBe(false);
      sender.sendAudio(rig.audio());
      expect(parsed(peer).at(-1)?.payloadType).toBe(OPUS);
      rig.time.advance(5);
      expect(peer.rtp.length).toBeGreaterThan(burst + 5);
      expect(peer.rtp.length).toBeLessThan(50);
      rig.time.advance(30);
      expect(rig.framesSent).toHaveLength(1);
      expect(sender.acceptsVideo).toBe(true);
    });

    it('drops what would come too late and goes on with a keyframe, without a gap', () => {
      const { peer, sender } = rig.start();
      rig.congestion.pacingBitrateBps = 1_000_000;
      rig.congestion.targetBitrateBps = 1_000_000;
      sender.sendVideo(rig.video(1000));
      for (let i = 0; i < 3; i++) sender.sendVideo(rig.video(10_000, false));
      expect(sender.acceptsVideo).toBe(false);
      expect(sender.network.pacerQueueMs).toBeGreaterThan(200);
      rig.time.advance(301);
      expect(rig.keyframes).toBe(1);
      expect(sender.network.pacerQueueMs).toBe(0);
      expect(sender.sendVideo(rig.video(100, false))).toBe(false);
      expect(sender.sendVideo(rig.video(1000))).toBe(true);
      rig.time.advance(50);
      const seqs = parsed(peer).map(({ seq }) => seq);
      expect(seqs).toEqual(seqs.map((_, i) => i));
      // Two that waited, the one that had begun to leave, and the one before the keyframe.
      expect(sender.counters.droppedFrames).toBe(4);
      expect(rig.framesSent.at(-1)?.frameNumber).toBe(rig.frameNumber);
      sender.handleRtcp(nack((seqs.at(-1) ?? 0) - 1));
      expect(parsed(peer).at(-1)?.payloadType).toBe(RTX);
    });

    it('fills probes with retransmissions nobody asked for, numbered and marked', () => {
      const { peer, sender } = rig.start();
      sender.sendVideo(rig.video(5000));
      rig.time.advance(100);
      rig.congestion.probes.push({ id: 7, bitrateBps: 10_000_000, minPackets: 8, minBytes: 5000 });
      const before = peer.rtp.length;
      rig.time.advance(100);
      const padding = peer.rtp.slice(before).map(parseRtp);
      expect(padding.length).toBeGreaterThanOrEqual(8);
      expect(new Set(padding.map(({ payloadType }) => payloadType))).toEqual(new Set([RTX]));
      expect(sender.counters.paddingPackets).toBe(padding.length);
      sender.handleRtcp(feedback(before, padding.length));
      expect(rig.congestion.reports[0]?.packets.map(({ probeId }) => probeId)).toEqual(
        padding.map(() => 7),
      );
    });

    it('makes the packets of a probe longer where those of the picture are tiny', () => {
      const { peer, sender } = rig.start();
      sender.sendVideo(rig.video(30));
      rig.time.advance(100);
      rig.congestion.probes.push({ id: 7, bitrateBps: 10_000_000, minPackets: 5, minBytes: 5000 });
      rig.time.advance(100);
      const [picture, ...padding] = parsed(peer);
      if (!picture) throw new Error('There is no picture.');
      expect(padding.length).toBeGreaterThan(5);
      expect(padding.length).toBeLessThan(20);
      const number = Buffer.alloc(2);
      number.writeUInt16BE(picture.seq);
      for (const { payloadType, payload } of padding) {
        expect(payloadType).toBe(RTX);
        expect(payload).toEqual(Buffer.concat([number, picture.payload]));
      }
    });

    it('pads nothing where there is no retransmission stream', () => {
      const codecs = [{ codec: 'vp8', payloadType: VP8, rtxPayloadType: undefined }] as const;
      const { peer, sender } = rig.start({ video: { ...VIDEO, codecs } });
      sender.sendVideo(rig.video(5000));
      rig.congestion.probes.push({ id: 7, bitrateBps: 10_000_000, minPackets: 8, minBytes: 5000 });
      rig.time.advance(200);
      expect(peer.rtp).toHaveLength(5);
      sender.handleRtcp(nack(0));
      expect(peer.rtp).toHaveLength(6);
    });

    it('holds frames back while too much is in flight, but never for good', () => {
      const { sender } = rig.start();
      sender.sendVideo(rig.video(5000));
      rig.congestion.windowBytes = 4000;
      // Nobody reports yet: there may be nobody who does.
      expect(sender.acceptsVideo).toBe(true);
      rig.time.advance(20);
      sender.handleRtcp(feedback(0, 1));
      expect(sender.acceptsVideo).toBe(false);
      sender.handleRtcp(feedback(0, 2));
      expect(sender.acceptsVideo).toBe(true);
      sender.sendVideo(rig.video(5000, false));
      rig.time.advance(99);
      expect(sender.acceptsVideo).toBe(false);
      rig.time.advance(1);
      expect(sender.acceptsVideo).toBe(true);
    });
  });

  it('gives the picture what the target leaves of it', () => {
    const { sender } = rig.start();
    const alone = sender.videoBitrateBps;
    // 5 Mbit/s less 170 kbit/s of sound and some 4 % of headers.
    expect(alone).toBeGreaterThan(4_550_000);
    expect(alone).toBeLessThan(4_700_000);
    const silent = rig.start({ video: VIDEO }).sender;
    expect(silent.videoBitrateBps - alone).toBeGreaterThan(140_000);
    expect(silent.videoBitrateBps - alone).toBeLessThanOrEqual(170_000);
  });

  it('tells of a change of a percent, and of no less', () => {
    const { sender } = rig.start({ video: VIDEO });
    rig.congestion.targetBitrateBps = 5_030_000;
    sender.handleRtcp(pli());
    expect(rig.bitrates).toEqual([]);
    rig.congestion.targetBitrateBps = 2_000_000;
    sender.handleRtcp(pli());
    expect(rig.bitrates).toHaveLength(1);
    expect(rig.bitrates[0]).toBeGreaterThan(1_850_000);
    expect(rig.bitrates[0]).toBeLessThan(1_950_000);
    expect(sender.videoBitrateBps).toBe(rig.bitrates[0]);
  });

  it('takes retransmissions out of the share of the picture', () => {
    const { sender } = rig.start();
    sender.sendVideo(rig.video(100));
    rig.play(sender, 1, 8000);
    const before = sender.videoBitrateBps;
    for (let i = 0; i < 30; i++) {
      sender.sendVideo(rig.video(8000, false));
      sender.handleRtcp(nack(i * 8, 0xff));
      rig.time.advance(20);
    }
    expect(sender.videoBitrateBps).toBeLessThan(before * 0.9);
  });

  it('never gives more than the player chose, and tells congestion control what that needs', () => {
    const { sender } = rig.start();
    sender.setCeiling(2_000_000);
    expect(rig.bitrates).toEqual([2_000_000]);
    expect(rig.congestion.ceilingBps).toBeGreaterThan(2_000_000 + 170_000);
    expect(rig.congestion.ceilingBps).toBeLessThan(2_700_000);
    sender.setFrameRate(30);
    expect(rig.congestion.ceilingBps).toBeLessThan(2_600_000);
    rig.congestion.targetBitrateBps = 50_000_000;
    sender.setCeiling(12_000_000);
    expect(rig.bitrates).toEqual([2_000_000, 12_000_000]);
  });

  it('raises the ceiling of congestion control by what repair costs, for the chosen picture', () => {
    const { sender } = rig.start();
    rig.congestion.targetBitrateBps = 20_000_000;
    sender.setCeiling(4_000_000);
    const before = rig.congestion.ceilingBps ?? 0;
    sender.sendVideo(rig.video(100));
    rig.play(sender, 1, 8000);
    expect(rig.congestion.ceilingBps).toBe(before);
    for (let i = 0; i < 30; i++) {
      sender.sendVideo(rig.video(8000, false));
      sender.handleRtcp(nack(i * 8, 0xff));
      rig.time.advance(20);
    }
    expect(rig.congestion.ceilingBps).toBeGreaterThan(before * 1.2);
    rig.play(sender, 2, 8000);
    expect(rig.congestion.ceilingBps).toBeLessThan(before * 1.06);
    expect(sender.videoBitrateBps).toBe(4_000_000);
  });

  it('never asks for a picture of less than 100 kbit/s', () => {
    const { sender } = rig.start();
    rig.congestion.targetBitrateBps = 10_000;
    sender.handleRtcp(pli());
    expect(rig.bitrates).toEqual([100_000]);
  });
});

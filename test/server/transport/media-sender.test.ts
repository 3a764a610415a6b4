import { beforeEach, describe, expect, it } from 'vitest';
import { PLAYOUT_DELAY_URI } from '../../../protocol/channels.ts';
import type { MediaSender } from '../../../server/transport/media-sender.ts';
import { FakePeer } from '../../support/fake-peer.ts';
import {
  AUDIO,
  H264,
  MediaSenderRig,
  nack,
  OPUS,
  parsed,
  RED,
  VIDEO,
  VP8,
} from './media-sender-rig.ts';

describe('MediaSender', () => {
  let rig = new MediaSenderRig();
  beforeEach(() => {
    rig = new MediaSenderRig();
  });

  it('sends nothing before it is started, and then asks for a keyframe', () => {
    const peer = new FakePeer();
    const sender = rig.senderOn(peer);
    expect(sender.sendVideo(rig.video(100))).toBe(false);
    expect(sender.acceptsVideo).toBe(true);
    sender.start();
    sender.start();
    expect(rig.keyframes).toBe(1);
    expect(sender.sendVideo(rig.video(100))).toBe(true);
    expect(peer.rtp).toHaveLength(1);
  });

  it('sends no picture before the first keyframe: there is nothing to add it to', () => {
    const { peer, sender } = rig.start();
    expect(sender.sendVideo(rig.video(100, false))).toBe(false);
    expect(rig.keyframes).toBe(0);
    rig.time.advance(301);
    expect(sender.sendVideo(rig.video(100, false))).toBe(false);
    expect(rig.keyframes).toBe(1);
    expect(sender.sendVideo(rig.video(100))).toBe(true);
    expect(sender.sendVideo(rig.video(100, false))).toBe(true);
    expect(peer.rtp).toHaveLength(2);
    expect(sender.counters.droppedFrames).toBe(2);
  });

  it('tells the browser in each video packet how long it may hold a picture back', () => {
    const id = VIDEO.extensions.get(PLAYOUT_DELAY_URI) ?? 0;
    for (const [limits, bytes] of [
      [
        [0, 0],
        [0, 0, 0],
      ],
      [
        [10, 100],
        [0x00, 0x10, 0x0a],
      ],
      [
        [40_950, 99_999],
        [0xff, 0xff, 0xff],
      ],
    ] as const) {
      const peer = new FakePeer();
      const sender = rig.senderOn(peer, 0, [...limits]);
      sender.start();
      sender.sendVideo(rig.video(3000));
      expect(peer.rtp).toHaveLength(3);
      for (const packet of parsed(peer)) {
        expect(packet.extensions.get(id)).toEqual(Buffer.from(bytes));
        expect(packet).toMatchObject({ ssrc: VIDEO.ssrc, timestamp: 90_000 });
      }
      sender.close();
    }
  });

  it('says when the last packet of a frame has left', () => {
    const { sender } = rig.start();
    sender.sendVideo(rig.video(3000));
    expect(rig.framesSent).toEqual([{ frameNumber: rig.frameNumber, sentUs: 1_000_000 }]);
    sender.sendVideo(rig.video(60_000, false));
    expect(rig.framesSent).toHaveLength(1);
    rig.time.advance(100);
    const sentUs = rig.framesSent[1]?.sentUs ?? 0;
    expect(sentUs).toBeGreaterThan(1_005_000);
    expect(sentUs).toBeLessThan(1_060_000);
  });

  describe('formats', () => {
    it('changes the codec with a keyframe, in one run of sequence numbers', () => {
      const { peer, sender } = rig.start();
      sender.sendVideo(rig.video(100));
      expect(sender.sendVideo(rig.video(100, false, 'h264'))).toBe(false);
      expect(sender.sendVideo(rig.video(100, true, 'h264'))).toBe(true);
      expect(sender.sendVideo(rig.video(100, false, 'h264'))).toBe(true);
      expect(parsed(peer).map(({ payloadType, seq }) => ({ payloadType, seq }))).toEqual([
        { payloadType: VP8, seq: 0 },
        { payloadType: H264, seq: 1 },
        { payloadType: H264, seq: 2 },
      ]);
      sender.handleRtcp(nack(1));
      expect(parsed(peer).at(-1)).toMatchObject({ ssrc: VIDEO.rtxSsrc, payloadType: 99 });
    });

    it('counts and drops frames of codecs that were not negotiated, and empty ones', () => {
      const { peer, sender } = rig.start();
      expect(sender.sendVideo(rig.video(100, true, 'av1'))).toBe(false);
      expect(sender.sendVideo(rig.video(0))).toBe(false);
      expect(sender.counters.unsendableFrames).toBe(2);
      expect(peer.rtp).toHaveLength(0);
    });

    it('repeats the last sound in each packet while the path loses some, where negotiated', () => {
      const { peer, sender } = rig.start({
        video: VIDEO,
        audio: { ...AUDIO, redPayloadType: RED },
      });
      const run = (seconds: number): Set<number> => {
        peer.rtp.length = 0;
        for (let i = 0; i < seconds * 100; i++) {
          sender.sendAudio(rig.audio());
          rig.time.advance(10);
        }
        return new Set(parsed(peer).map(({ payloadType }) => payloadType));
      };
      expect(run(1)).toEqual(new Set([OPUS]));
      rig.congestion.fractionLost = 0.03;
      run(2);
      expect(run(1)).toEqual(new Set([RED]));
      expect(parsed(peer).at(-1)?.payload.length).toBeGreaterThan(320);
      rig.congestion.fractionLost = 0;
      run(20);
      expect(run(1)).toEqual(new Set([OPUS]));
      sender.close();
      const plain = rig.start();
      rig.congestion.fractionLost = 0.03;
      rig.play(plain.sender, 2, 100);
      expect(parsed(plain.peer).some(({ payloadType }) => payloadType === RED)).toBe(false);
    });

    it('sends video alone where sound was declined', () => {
      const { sender } = rig.start({ video: VIDEO });
      expect(sender.sendAudio(rig.audio())).toBe(false);
      expect(sender.sendVideo(rig.video(10))).toBe(true);
    });
  });

  it('reports both streams every second on one clock', () => {
    const { peer, sender } = rig.start();
    rig.time.advance(400);
    sender.sendVideo(rig.video(1000));
    sender.sendAudio(rig.audio());
    rig.time.advance(600);
    const reports = peer.rtcp.map((packet) => ({
      ssrc: packet.readUInt32BE(4),
      seconds: packet.readUInt32BE(8),
      rtp: packet.readUInt32BE(16),
      packets: packet.readUInt32BE(20),
      octets: packet.readUInt32BE(24),
    }));
    expect(reports).toEqual([
      { ssrc: VIDEO.ssrc, seconds: 2, rtp: 180_000, packets: 1, octets: 1004 },
      { ssrc: AUDIO.ssrc, seconds: 2, rtp: 96_000, packets: 1, octets: 160 },
    ]);
    rig.time.advance(1000);
    expect(peer.rtcp).toHaveLength(4);
  });

  it('leaves no timer and sends nothing once it is closed', () => {
    const { peer, sender } = rig.start();
    sender.sendVideo(rig.video(60_000));
    const sent = peer.rtp.length;
    sender.close();
    sender.close();
    expect(rig.time.pendingTimers).toBe(0);
    expect(sender.sendVideo(rig.video(10))).toBe(false);
    expect(sender.sendAudio(rig.audio())).toBe(false);
    sender.start();
    sender.handleRtcp(nack(0));
    rig.time.advance(5000);
    expect(peer.rtp).toHaveLength(sent);
    expect(rig.time.pendingTimers).toBe(0);
  });

  it('may be closed by what it calls while a frame leaves', () => {
    const peer = new FakePeer();
    const sender: MediaSender = rig.senderOn(peer, 0, [0, 0], {
      handleKeyframeRequest: () => undefined,
      handleVideoBitrate: () => undefined,
      handleFrameSent: () => sender.close(),
    });
    sender.start();
    sender.sendVideo(rig.video(100));
    expect(rig.time.pendingTimers).toBe(0);
  });
});

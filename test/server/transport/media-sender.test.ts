import { beforeEach, describe, expect, it } from 'vitest';
import { PLAYOUT_DELAY_URI } from '../../../protocol/channels.ts';
import { VirtualTime } from '../../../renderer/virtual-time.ts';
import type { EncodedVideo } from '../../../server/encode/video-pipeline.ts';
import type {
  CongestionControl,
  ReceiverFeedback,
} from '../../../server/transport/congestion-control.ts';
import { MediaSender } from '../../../server/transport/media-sender.ts';
import type { MediaKind, NegotiatedStream } from '../../../server/transport/peer.ts';
import { FAKE_STREAMS, FakePeer } from '../../support/fake-peer.ts';
import { parseRtp } from './depacketizers.ts';

const VIDEO = FAKE_STREAMS.video;
const AUDIO = FAKE_STREAMS.audio;

class ScriptedCongestion implements CongestionControl {
  targetBitrateBps = 5_000_000;
  readonly feedback: ReceiverFeedback[] = [];
  setCeiling(): void {}
  handleFeedback(feedback: ReceiverFeedback): void {
    this.feedback.push(feedback);
    if (feedback.fractionLost > 0.1) this.targetBitrateBps = 2_000_000;
  }
}

function words(type: number, count: number, values: readonly number[]): Buffer {
  const packet = Buffer.alloc(4 + values.length * 4);
  packet.writeUInt32BE(((0x80 | count) * 2 ** 24 + type * 2 ** 16 + values.length) >>> 0);
  for (const [i, value] of values.entries()) packet.writeUInt32BE(value >>> 0, 4 + i * 4);
  return packet;
}

const nack = (seq: number, mask = 0, ssrc = VIDEO.ssrc): Buffer =>
  words(205, 1, [1, ssrc, seq * 65_536 + mask]);
const pli = (ssrc = VIDEO.ssrc): Buffer => words(206, 1, [1, ssrc]);

describe('MediaSender', () => {
  let time = new VirtualTime();
  let congestion = new ScriptedCongestion();
  let keyframes = 0;
  let targets: number[] = [];

  beforeEach(() => {
    time = new VirtualTime();
    congestion = new ScriptedCongestion();
    keyframes = 0;
    targets = [];
  });

  function senderOn(peer: FakePeer, random = 0): MediaSender {
    const sender = new MediaSender(
      {
        peer,
        codec: 'vp8',
        congestion,
        clock: time,
        scheduler: time,
        random: () => random,
        cname: 'test',
      },
      {
        handleKeyframeRequest: () => keyframes++,
        handleTargetBitrate: (bitrateBps) => targets.push(bitrateBps),
      },
    );
    return sender;
  }

  function started(streams?: Partial<Record<MediaKind, NegotiatedStream>>, random = 0) {
    const peer = new FakePeer(streams);
    const sender = senderOn(peer, random);
    sender.start();
    keyframes = 0;
    return { peer, sender };
  }

  function video(bytes: number): EncodedVideo {
    return {
      data: new Uint8Array(bytes).fill(7),
      keyframe: false,
      rtpTimestamp: time.nowUs() * 0.09,
      frameNumber: 0,
      inputSeq: 0,
      inputReceivedUs: 0,
      tickUs: time.nowUs(),
      renderedUs: time.nowUs(),
      encodedUs: time.nowUs(),
    };
  }

  it('sends nothing before it is started, and then asks for a keyframe', () => {
    const peer = new FakePeer();
    const sender = senderOn(peer);
    expect(sender.sendVideo(video(100))).toBe(false);
    sender.start();
    sender.start();
    expect(keyframes).toBe(1);
    expect(sender.sendVideo(video(100))).toBe(true);
    expect(peer.rtp).toHaveLength(1);
  });

  it('asks the browser to show every picture at once, in each video packet', () => {
    const { peer, sender } = started();
    time.advance(20);
    sender.sendVideo(video(3000));
    expect(peer.rtp).toHaveLength(3);
    const id = VIDEO.extensions.get(PLAYOUT_DELAY_URI) ?? 0;
    for (const packet of peer.rtp.map(parseRtp)) {
      expect(packet.extensions.get(id)).toEqual(Buffer.from([0, 0, 0]));
      expect(packet).toMatchObject({ ssrc: VIDEO.ssrc, timestamp: 1800 });
    }
    expect(sender.lastSentUs).toBe(20_000);
  });

  it('answers a NACK with the packet in the retransmission stream (RFC 4588)', () => {
    const { peer, sender } = started(undefined, 0.99999);
    sender.sendVideo(video(3000));
    const [, original] = peer.rtp.map(parseRtp);
    sender.handleRtcp(nack(original?.seq ?? -1));
    const resent = parseRtp(peer.rtp[3] ?? Buffer.alloc(0));
    expect(resent).toMatchObject({
      ssrc: VIDEO.rtx?.ssrc,
      payloadType: VIDEO.rtx?.payloadType,
      timestamp: original?.timestamp,
      marker: original?.marker,
      extensions: original?.extensions,
    });
    expect(resent.payload.readUInt16BE(0)).toBe(original?.seq);
    expect(resent.payload.subarray(2)).toEqual(original?.payload);
    expect(keyframes).toBe(0);
  });

  it('numbers retransmissions one after another and reads the mask of a NACK', () => {
    const { peer, sender } = started();
    sender.sendVideo(video(5000));
    sender.handleRtcp(nack(0, 0b1011));
    const resent = peer.rtp.slice(5).map(parseRtp);
    expect(resent.map(({ payload }) => payload.readUInt16BE(0))).toEqual([0, 1, 2, 4]);
    expect(resent.map(({ seq }) => seq)).toEqual([0, 1, 2, 3]);
    expect(sender.counters).toMatchObject({ retransmittedPackets: 4, nackedPackets: 4 });
  });

  it('sends the packet itself again where retransmission was not negotiated', () => {
    const { peer, sender } = started({ video: { ...VIDEO, rtx: undefined } });
    sender.sendVideo(video(100));
    sender.handleRtcp(nack(0));
    expect(peer.rtp[1]).toEqual(peer.rtp[0]);
  });

  it('retransmits a packet at most once a round trip', () => {
    const { peer, sender } = started();
    sender.sendVideo(video(100));
    // A report that took 40 ms, 30 of them at the far side: a round trip of 10.
    time.advance(1000);
    const report = peer.rtcp[0] ?? Buffer.alloc(0);
    const lastReport = report.readUInt32BE(8) * 65_536 + (report.readUInt32BE(12) >>> 16);
    time.advance(40);
    const delay = Math.round(0.03 * 65_536);
    sender.handleRtcp(words(201, 1, [1, VIDEO.ssrc, 0, 0, 0, lastReport, delay]));
    expect(sender.rttMs).toBeCloseTo(10, 0);
    sender.sendVideo(video(100));
    const before = peer.rtp.length;
    sender.handleRtcp(nack(1));
    sender.handleRtcp(nack(1));
    time.advance(9);
    sender.handleRtcp(nack(1));
    expect(peer.rtp.length - before).toBe(1);
    time.advance(2);
    sender.handleRtcp(nack(1));
    expect(peer.rtp.length - before).toBe(2);
  });

  it('asks for a keyframe when the packet has left history', () => {
    const { peer, sender } = started();
    sender.sendVideo(video(100));
    time.advance(1000);
    sender.sendVideo(video(100));
    sender.handleRtcp(nack(0));
    expect(keyframes).toBe(0);
    time.advance(1);
    sender.handleRtcp(nack(0));
    expect(keyframes).toBe(1);
    expect(sender.counters).toMatchObject({ lostForGood: 1, retransmittedPackets: 1 });
    expect(peer.rtp).toHaveLength(3);
  });

  it('keeps a second of packets across the wrap of sequence numbers', () => {
    const { peer, sender } = started(undefined, 0.98);
    const count = 6000;
    for (let i = 0; i < count; i++) {
      sender.sendVideo(video(100));
      time.advance(0.1);
    }
    const first = parseRtp(peer.rtp[0] ?? Buffer.alloc(0)).seq;
    for (const i of [0, 1, 1309, 1310, 1311, 4000, count - 1]) {
      sender.handleRtcp(nack((first + i) & 0xffff));
      const resent = parseRtp(peer.rtp.at(-1) ?? Buffer.alloc(0));
      expect(resent.payload.readUInt16BE(0)).toBe((first + i) & 0xffff);
    }
    expect(keyframes).toBe(0);
  });

  it('asks for a keyframe on PLI and FIR of its own video alone', () => {
    const { sender } = started();
    sender.handleRtcp(pli());
    sender.handleRtcp(words(206, 4, [1, 0, VIDEO.ssrc, 0]));
    expect(keyframes).toBe(2);
    sender.handleRtcp(pli(AUDIO.ssrc));
    sender.handleRtcp(nack(0, 0, AUDIO.ssrc));
    expect(keyframes).toBe(2);
  });

  it('tells congestion control about losses, and the listener about a new rate once', () => {
    const { sender } = started();
    time.advance(500);
    const report = (lost: number): Buffer =>
      words(201, 1, [1, VIDEO.ssrc, lost * 2 ** 24, 0, 0, 0, 0]);
    sender.handleRtcp(report(0));
    sender.handleRtcp(report(64));
    sender.handleRtcp(report(64));
    expect(congestion.feedback[1]).toEqual({
      receivedUs: 500_000,
      fractionLost: 0.25,
      rttMs: undefined,
    });
    expect(targets).toEqual([2_000_000]);
    expect(sender.fractionLost).toBe(0.25);
  });

  it('reports both streams every second on one clock', () => {
    const { peer, sender } = started();
    time.advance(400);
    sender.sendVideo(video(1000));
    const audio = { data: Uint8Array.of(1, 2, 3), rtpTimestamp: 48_000, dueUs: 400_000 };
    sender.sendAudio(audio);
    time.advance(600);
    const reports = peer.rtcp.map((packet) => ({
      ssrc: packet.readUInt32BE(4),
      seconds: packet.readUInt32BE(8),
      rtp: packet.readUInt32BE(16),
      packets: packet.readUInt32BE(20),
    }));
    expect(reports).toEqual([
      { ssrc: VIDEO.ssrc, seconds: 1, rtp: 90_000, packets: 1 },
      { ssrc: AUDIO.ssrc, seconds: 1, rtp: 48_000 + 28_800, packets: 1 },
    ]);
    time.advance(1000);
    expect(peer.rtcp).toHaveLength(4);
  });

  it('sends video alone where sound was declined', () => {
    const { sender } = started({ video: VIDEO });
    const audio = { data: Uint8Array.of(1), rtpTimestamp: 0, dueUs: 0 };
    expect(sender.sendAudio(audio)).toBe(false);
    expect(sender.sendVideo(video(10))).toBe(true);
  });

  it('counts garbage and goes on', () => {
    const { sender } = started();
    sender.handleRtcp(Uint8Array.of(1, 2, 3));
    sender.handleRtcp(Buffer.concat([pli(), Buffer.from([0x80])]));
    expect(sender.counters).toMatchObject({ malformedRtcp: 2, keyframeRequests: 1 });
  });

  it('leaves no timer and sends nothing once it is closed', () => {
    const { peer, sender } = started();
    sender.sendVideo(video(10));
    sender.close();
    sender.close();
    expect(time.pendingTimers).toBe(0);
    expect(sender.sendVideo(video(10))).toBe(false);
    sender.start();
    sender.handleRtcp(nack(0));
    expect(peer.rtp).toHaveLength(1);
  });
});

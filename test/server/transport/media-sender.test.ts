import { beforeEach, describe, expect, it } from 'vitest';
import { PLAYOUT_DELAY_URI } from '../../../protocol/channels.ts';
import type { VideoCodec } from '../../../protocol/stream-settings.ts';
import { VirtualTime } from '../../../renderer/virtual-time.ts';
import type { EncodedAudio } from '../../../server/encode/audio-pipeline.ts';
import type { EncodedVideo } from '../../../server/encode/video-pipeline.ts';
import { MediaSender } from '../../../server/transport/media-sender.ts';
import { rtpWireBytes, TRANSPORT_CC_URI } from '../../../server/transport/rtp-packet.ts';
import { FAKE_STREAMS, FakePeer, type FakeStreams } from '../../support/fake-peer.ts';
import { ScriptedCongestion } from '../../support/scripted-congestion.ts';
import { writeTransportFeedback } from '../../support/transport-feedback-writer.ts';
import { parseRtp } from './depacketizers.ts';

const VIDEO = FAKE_STREAMS.video;
const AUDIO = FAKE_STREAMS.audio;
const VP8 = 96;
const RTX = 97;
const H264 = 98;
const OPUS = 111;
const RED = 63;
const FEC = { ssrc: 0x4444_4444, payloadType: 49 };
const TRANSPORT_SEQ = 4;

function words(type: number, count: number, values: readonly number[]): Buffer {
  const packet = Buffer.alloc(4 + values.length * 4);
  packet.writeUInt32BE(((0x80 | count) * 2 ** 24 + type * 2 ** 16 + values.length) >>> 0);
  for (const [i, value] of values.entries()) packet.writeUInt32BE(value >>> 0, 4 + i * 4);
  return packet;
}

const nack = (seq: number, mask = 0, ssrc = VIDEO.ssrc): Buffer =>
  words(205, 1, [1, ssrc, seq * 65_536 + mask]);
const pli = (ssrc = VIDEO.ssrc): Buffer => words(206, 1, [1, ssrc]);
const remb = (mantissa: number, exponent: number): Buffer =>
  words(206, 15, [1, 0, 0x5245_4d42, 2 ** 24 + exponent * 2 ** 18 + mantissa, VIDEO.ssrc]);

describe('MediaSender', () => {
  let time = new VirtualTime();
  let congestion = new ScriptedCongestion();
  let keyframes = 0;
  let bitrates: number[] = [];
  let framesSent: { frameNumber: number; sentUs: number }[] = [];

  beforeEach(() => {
    time = new VirtualTime(1_000_000);
    congestion = new ScriptedCongestion();
    keyframes = 0;
    bitrates = [];
    framesSent = [];
  });

  function senderOn(peer: FakePeer, random = 0, playoutDelayMs: [number, number] = [0, 0]) {
    return new MediaSender(
      {
        peer,
        congestion,
        clock: time,
        scheduler: time,
        random: () => random,
        cname: 'test',
        playoutDelayMs,
        frameRate: 60,
      },
      {
        handleKeyframeRequest: () => keyframes++,
        handleVideoBitrate: (bitrateBps) => bitrates.push(bitrateBps),
        handleFrameSent: ({ frameNumber }, sentUs) => framesSent.push({ frameNumber, sentUs }),
      },
    );
  }

  function started(streams?: Partial<FakeStreams>, random = 0) {
    const peer = new FakePeer(streams);
    const sender = senderOn(peer, random);
    sender.start();
    keyframes = 0;
    bitrates = [];
    return { peer, sender };
  }

  let frameNumber = 0;
  function video(bytes: number, keyframe = true, codec: VideoCodec = 'vp8'): EncodedVideo {
    const data = new Uint8Array(bytes).fill(7);
    if (codec === 'h264') data.set([0, 0, 1, 0x65]);
    return {
      data,
      codec,
      keyframe,
      quantizer: undefined,
      width: 640,
      height: 360,
      rtpTimestamp: time.nowUs() * 0.09,
      frameNumber: ++frameNumber,
      inputSeq: 0,
      inputReceivedUs: 0,
      tickUs: time.nowUs(),
      renderedUs: time.nowUs(),
      encodedUs: time.nowUs(),
    };
  }

  const audio = (bytes = 160): EncodedAudio => ({
    data: new Uint8Array(bytes).fill(3),
    rtpTimestamp: (time.nowUs() * 48) / 1000,
    dueUs: time.nowUs(),
  });

  const parsed = (peer: FakePeer) => peer.rtp.map(parseRtp);
  const transportSeqs = (peer: FakePeer) =>
    parsed(peer).map(({ extensions }) => extensions.get(TRANSPORT_SEQ)?.readUInt16BE());

  /** Feedback that all packets from `baseSeq` on arrived, a millisecond apart. */
  const feedback = (baseSeq: number, count: number): Buffer =>
    writeTransportFeedback({
      baseSeq,
      referenceTime: 10,
      feedbackCount: 0,
      arrivals: Array.from({ length: count }, (_, i) => i * 4),
    });

  /** Runs a stream of frames and sound for so long. */
  function play(sender: MediaSender, seconds: number, frameBytes: number): void {
    for (let i = 0; i < seconds * 50; i++) {
      sender.sendAudio(audio());
      sender.sendVideo(video(frameBytes, false));
      time.advance(10);
      sender.sendAudio(audio());
      time.advance(10);
    }
  }

  it('sends nothing before it is started, and then asks for a keyframe', () => {
    const peer = new FakePeer();
    const sender = senderOn(peer);
    expect(sender.sendVideo(video(100))).toBe(false);
    expect(sender.acceptsVideo).toBe(true);
    sender.start();
    sender.start();
    expect(keyframes).toBe(1);
    expect(sender.sendVideo(video(100))).toBe(true);
    expect(peer.rtp).toHaveLength(1);
  });

  it('sends no picture before the first keyframe: there is nothing to add it to', () => {
    const { peer, sender } = started();
    expect(sender.sendVideo(video(100, false))).toBe(false);
    expect(keyframes).toBe(0);
    time.advance(301);
    expect(sender.sendVideo(video(100, false))).toBe(false);
    expect(keyframes).toBe(1);
    expect(sender.sendVideo(video(100))).toBe(true);
    expect(sender.sendVideo(video(100, false))).toBe(true);
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
      const sender = senderOn(peer, 0, [...limits]);
      sender.start();
      sender.sendVideo(video(3000));
      expect(peer.rtp).toHaveLength(3);
      for (const packet of parsed(peer)) {
        expect(packet.extensions.get(id)).toEqual(Buffer.from(bytes));
        expect(packet).toMatchObject({ ssrc: VIDEO.ssrc, timestamp: 90_000 });
      }
      sender.close();
    }
  });

  it('says when the last packet of a frame has left', () => {
    const { sender } = started();
    sender.sendVideo(video(3000));
    expect(framesSent).toEqual([{ frameNumber, sentUs: 1_000_000 }]);
    sender.sendVideo(video(60_000, false));
    expect(framesSent).toHaveLength(1);
    time.advance(100);
    const sentUs = framesSent[1]?.sentUs ?? 0;
    expect(sentUs).toBeGreaterThan(1_005_000);
    expect(sentUs).toBeLessThan(1_060_000);
  });

  describe('formats', () => {
    it('changes the codec with a keyframe, in one run of sequence numbers', () => {
      const { peer, sender } = started();
      sender.sendVideo(video(100));
      expect(sender.sendVideo(video(100, false, 'h264'))).toBe(false);
      expect(sender.sendVideo(video(100, true, 'h264'))).toBe(true);
      expect(sender.sendVideo(video(100, false, 'h264'))).toBe(true);
      expect(parsed(peer).map(({ payloadType, seq }) => ({ payloadType, seq }))).toEqual([
        { payloadType: VP8, seq: 0 },
        { payloadType: H264, seq: 1 },
        { payloadType: H264, seq: 2 },
      ]);
      sender.handleRtcp(nack(1));
      expect(parsed(peer).at(-1)).toMatchObject({ ssrc: VIDEO.rtxSsrc, payloadType: 99 });
    });

    it('counts and drops frames of codecs that were not negotiated, and empty ones', () => {
      const { peer, sender } = started();
      expect(sender.sendVideo(video(100, true, 'av1'))).toBe(false);
      expect(sender.sendVideo(video(0))).toBe(false);
      expect(sender.counters.unsendableFrames).toBe(2);
      expect(peer.rtp).toHaveLength(0);
    });

    it('repeats the last sound in each packet while the path loses some, where negotiated', () => {
      const { peer, sender } = started({ video: VIDEO, audio: { ...AUDIO, redPayloadType: RED } });
      const run = (seconds: number): Set<number> => {
        peer.rtp.length = 0;
        for (let i = 0; i < seconds * 100; i++) {
          sender.sendAudio(audio());
          time.advance(10);
        }
        return new Set(parsed(peer).map(({ payloadType }) => payloadType));
      };
      expect(run(1)).toEqual(new Set([OPUS]));
      congestion.fractionLost = 0.03;
      run(2);
      expect(run(1)).toEqual(new Set([RED]));
      expect(parsed(peer).at(-1)?.payload.length).toBeGreaterThan(320);
      congestion.fractionLost = 0;
      run(20);
      expect(run(1)).toEqual(new Set([OPUS]));
      sender.close();
      const plain = started();
      congestion.fractionLost = 0.03;
      play(plain.sender, 2, 100);
      expect(parsed(plain.peer).some(({ payloadType }) => payloadType === RED)).toBe(false);
    });

    it('sends video alone where sound was declined', () => {
      const { sender } = started({ video: VIDEO });
      expect(sender.sendAudio(audio())).toBe(false);
      expect(sender.sendVideo(video(10))).toBe(true);
    });
  });

  describe('feedback', () => {
    it('numbers all packets of all streams in one count, retransmissions included', () => {
      const { peer, sender } = started(undefined, 0.9999);
      sender.sendVideo(video(2000));
      sender.sendAudio(audio());
      sender.handleRtcp(nack(parsed(peer)[0]?.seq ?? 0));
      sender.sendVideo(video(100, false));
      expect(transportSeqs(peer)).toEqual([65_529, 65_530, 65_531, 65_532, 65_533]);
      expect(parsed(peer)[3]?.payloadType).toBe(RTX);
      expect(congestion.sent.map(({ bytes }) => bytes)).toEqual(
        peer.rtp.map(({ length }) => rtpWireBytes(length)),
      );
    });

    it('tells congestion control what arrived of what was sent', () => {
      const { peer, sender } = started();
      sender.sendVideo(video(3000));
      time.advance(30);
      sender.handleRtcp(feedback(0, 2));
      expect(congestion.reports).toHaveLength(1);
      expect(congestion.reports[0]).toMatchObject({
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
      const { peer, sender } = started({ video: { ...VIDEO, extensions } });
      sender.sendVideo(video(3000));
      expect(transportSeqs(peer)).toEqual([undefined, undefined, undefined]);
      expect(congestion.sent).toHaveLength(3);
    });

    it('hands on receiver reports and estimates', () => {
      const { peer, sender } = started();
      sender.sendVideo(video(100));
      time.advance(1000);
      // A report that took 40 ms, 30 of them at the far side: a round trip of 10.
      const report = peer.rtcp[0] ?? Buffer.alloc(0);
      const lastReport = report.readUInt32BE(8) * 65_536 + (report.readUInt32BE(12) >>> 16);
      time.advance(40);
      const delay = Math.round(0.03 * 65_536);
      sender.handleRtcp(words(201, 1, [1, VIDEO.ssrc, 64 * 2 ** 24, 0, 0, lastReport, delay]));
      expect(congestion.receiverReports).toEqual([
        { atUs: 2_040_000, fractionLost: 0.25, rttMs: expect.closeTo(10, 0) },
      ]);
      expect(sender.network.rttMs).toBeCloseTo(10, 0);
      congestion.rttMs = 33;
      expect(sender.network.rttMs).toBe(33);
      sender.handleRtcp(words(201, 1, [1, AUDIO.ssrc, 64 * 2 ** 24, 0, 0, lastReport, delay]));
      expect(congestion.receiverReports).toHaveLength(1);
      sender.handleRtcp(remb(150_000, 3));
      expect(congestion.estimatesBps).toEqual([1_200_000]);
    });

    it('asks congestion control at least every 25 ms while media flows, and then no more', () => {
      const { sender } = started();
      sender.sendVideo(video(100));
      time.advance(900);
      const gaps = congestion.tickedUs.slice(1).map((us, i) => us - (congestion.tickedUs[i] ?? 0));
      expect(gaps.length).toBeGreaterThan(35);
      expect(Math.max(...gaps)).toBeLessThanOrEqual(25_000);
      time.advance(1000);
      congestion.tickedUs.length = 0;
      time.advance(5000);
      expect(congestion.tickedUs).toEqual([]);
    });

    it('counts garbage and goes on', () => {
      const { sender } = started();
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
      expect(congestion.reports).toHaveLength(0);
    });

    it('reads no more than 2000 compounds a second', () => {
      const { sender } = started();
      for (let i = 0; i < 5000; i++) sender.handleRtcp(pli());
      expect(keyframes).toBe(2000);
      expect(sender.counters.ignoredRtcp).toBe(3000);
      time.advance(1000);
      sender.handleRtcp(pli());
      expect(keyframes).toBe(2001);
    });
  });

  describe('repair', () => {
    it('answers a NACK with the packet in the retransmission stream (RFC 4588)', () => {
      const { peer, sender } = started(undefined, 0.99999);
      sender.sendVideo(video(3000));
      const [, original] = parsed(peer);
      sender.handleRtcp(nack(original?.seq ?? -1));
      const resent = parseRtp(peer.rtp[3] ?? Buffer.alloc(0));
      expect(resent).toMatchObject({
        ssrc: VIDEO.rtxSsrc,
        payloadType: RTX,
        timestamp: original?.timestamp,
        marker: original?.marker,
      });
      for (const [id, payload] of original?.extensions ?? []) {
        if (id !== TRANSPORT_SEQ) expect(resent.extensions.get(id)).toEqual(payload);
      }
      expect(resent.payload.readUInt16BE(0)).toBe(original?.seq);
      expect(resent.payload.subarray(2)).toEqual(original?.payload);
      expect(keyframes).toBe(0);
    });

    it('numbers retransmissions one after another', () => {
      const { peer, sender } = started();
      sender.sendVideo(video(5000));
      sender.handleRtcp(nack(0, 0b1011));
      const resent = peer.rtp.slice(5).map(parseRtp);
      expect(resent.map(({ payload }) => payload.readUInt16BE(0))).toEqual([0, 1, 2, 4]);
      expect(resent.map(({ seq }) => seq)).toEqual([0, 1, 2, 3]);
      expect(sender.counters).toMatchObject({ retransmittedPackets: 4, nackedPackets: 4 });
    });

    it('sends the very same bytes again where retransmission was not negotiated', () => {
      const codecs = [{ codec: 'vp8', payloadType: VP8, rtxPayloadType: undefined }] as const;
      const { peer, sender } = started({ video: { ...VIDEO, codecs } });
      sender.sendVideo(video(100));
      sender.handleRtcp(nack(0));
      expect(peer.rtp[1]).toEqual(peer.rtp[0]);
    });

    it('ignores a NACK for what still waits to be sent, and answers it later', () => {
      const { peer, sender } = started();
      sender.sendVideo(video(60_000));
      const sent = peer.rtp.length;
      expect(sent).toBeLessThan(50);
      sender.handleRtcp(nack(sent + 5));
      time.advance(100);
      expect(parsed(peer).every(({ payloadType }) => payloadType === VP8)).toBe(true);
      expect(keyframes).toBe(0);
      sender.handleRtcp(nack(sent + 5));
      expect(parsed(peer).at(-1)?.payloadType).toBe(RTX);
    });

    it('asks for a keyframe when the packet has left history, at most every 300 ms', () => {
      const { peer, sender } = started();
      sender.sendVideo(video(100));
      time.advance(2000);
      sender.sendVideo(video(100, false));
      sender.handleRtcp(nack(0));
      expect(keyframes).toBe(1);
      time.advance(299);
      sender.handleRtcp(nack(0));
      expect(keyframes).toBe(1);
      time.advance(1);
      sender.handleRtcp(nack(0));
      expect(keyframes).toBe(2);
      expect(peer.rtp).toHaveLength(2);
      expect(sender.counters.lostForGood).toBe(3);
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

    it('adds error correction behind each frame while retransmission is too slow', () => {
      const { peer, sender } = started({ video: { ...VIDEO, fec: FEC } });
      congestion.rttMs = 100;
      congestion.fractionLost = 0.05;
      sender.sendVideo(video(100));
      play(sender, 2, 8000);
      peer.rtp.length = 0;
      sender.sendVideo(video(8000, false));
      const packets = parsed(peer);
      const media = packets.filter(({ ssrc }) => ssrc === VIDEO.ssrc);
      const repair = packets.filter(({ ssrc }) => ssrc === FEC.ssrc);
      expect(media.length).toBeGreaterThan(6);
      expect(repair).toHaveLength(2);
      expect(packets.slice(-2).every(({ ssrc }) => ssrc === FEC.ssrc)).toBe(true);
      const seqs = packets.map(({ extensions }) => extensions.get(TRANSPORT_SEQ)?.readUInt16BE());
      expect(seqs).toEqual(seqs.map((_, i) => (seqs[0] ?? 0) + i));
      expect(sender.network.repairFraction).toBeGreaterThan(0.1);
      expect(sender.counters.repairPackets).toBeGreaterThan(100);
      // Its bits are the picture's.
      const [protectedBps] = bitrates.slice(-1);
      congestion.rttMs = 20;
      time.advance(30);
      expect(sender.videoBitrateBps).toBeGreaterThan((protectedBps ?? 0) * 1.15);
    });

    it('repeats with the next frame what it has sent again, while retransmission is slow', () => {
      const { peer, sender } = started({ video: { ...VIDEO, fec: FEC } });
      sender.sendVideo(video(2000));
      sender.handleRtcp(nack(0));
      sender.sendVideo(video(2000, false));
      expect(sender.counters.repairPackets).toBe(0);
      congestion.rttMs = 100;
      congestion.fractionLost = 0.05;
      play(sender, 1, 2000);
      const lost = parsed(peer).findLast(({ ssrc }) => ssrc === VIDEO.ssrc);
      sender.handleRtcp(nack(lost?.seq ?? -1));
      peer.rtp.length = 0;
      sender.sendVideo(video(2000, false));
      const repairs = parsed(peer).filter(({ ssrc }) => ssrc === FEC.ssrc);
      expect(repairs).toHaveLength(2);
      // One for the frame, and one for the single packet, at its number (SN base of FlexFEC-03).
      expect(repairs[1]?.payload.readUInt16BE(16)).toBe(lost?.seq);
      const before = sender.counters.repairPackets;
      sender.sendVideo(video(2000, false));
      expect(sender.counters.repairPackets - before).toBe(1);
    });

    it('keeps a repair packet within what a path carries', () => {
      const { peer, sender } = started({ video: { ...VIDEO, fec: FEC } });
      congestion.rttMs = 100;
      congestion.fractionLost = 0.05;
      sender.sendVideo(video(100));
      play(sender, 2, 9000);
      const longest = Math.max(...peer.rtp.slice(-200).map(({ length }) => length));
      expect(longest).toBeLessThanOrEqual(1130);
    });
  });

  describe('pacing', () => {
    it('spreads a keyframe of eight frames and lets sound pass it', () => {
      const { peer, sender } = started();
      sender.sendVideo(video(83_000));
      const burst = peer.rtp.length;
      expect(burst).toBeLessThan(20);
      expect(sender.acceptsVideo).toBe(false);
      sender.sendAudio(audio());
      expect(parsed(peer).at(-1)?.payloadType).toBe(OPUS);
      time.advance(5);
      expect(peer.rtp.length).toBeGreaterThan(burst + 5);
      expect(peer.rtp.length).toBeLessThan(50);
      time.advance(30);
      expect(framesSent).toHaveLength(1);
      expect(sender.acceptsVideo).toBe(true);
    });

    it('drops what would come too late and goes on with a keyframe, without a gap', () => {
      const { peer, sender } = started();
      congestion.pacingBitrateBps = 1_000_000;
      congestion.targetBitrateBps = 1_000_000;
      sender.sendVideo(video(1000));
      for (let i = 0; i < 3; i++) sender.sendVideo(video(10_000, false));
      expect(sender.acceptsVideo).toBe(false);
      expect(sender.network.pacerQueueMs).toBeGreaterThan(200);
      time.advance(301);
      expect(keyframes).toBe(1);
      expect(sender.network.pacerQueueMs).toBe(0);
      expect(sender.sendVideo(video(100, false))).toBe(false);
      expect(sender.sendVideo(video(1000))).toBe(true);
      time.advance(50);
      const seqs = parsed(peer).map(({ seq }) => seq);
      expect(seqs).toEqual(seqs.map((_, i) => i));
      // Two that waited, the one that had begun to leave, and the one before the keyframe.
      expect(sender.counters.droppedFrames).toBe(4);
      expect(framesSent.at(-1)?.frameNumber).toBe(frameNumber);
      sender.handleRtcp(nack((seqs.at(-1) ?? 0) - 1));
      expect(parsed(peer).at(-1)?.payloadType).toBe(RTX);
    });

    it('fills probes with retransmissions nobody asked for, numbered and marked', () => {
      const { peer, sender } = started();
      sender.sendVideo(video(5000));
      time.advance(100);
      congestion.probes.push({ id: 7, bitrateBps: 10_000_000, minPackets: 8, minBytes: 5000 });
      const before = peer.rtp.length;
      time.advance(100);
      const padding = peer.rtp.slice(before).map(parseRtp);
      expect(padding.length).toBeGreaterThanOrEqual(8);
      expect(new Set(padding.map(({ payloadType }) => payloadType))).toEqual(new Set([RTX]));
      expect(sender.counters.paddingPackets).toBe(padding.length);
      sender.handleRtcp(feedback(before, padding.length));
      expect(congestion.reports[0]?.packets.map(({ probeId }) => probeId)).toEqual(
        padding.map(() => 7),
      );
    });

    it('pads nothing where there is no retransmission stream', () => {
      const codecs = [{ codec: 'vp8', payloadType: VP8, rtxPayloadType: undefined }] as const;
      const { peer, sender } = started({ video: { ...VIDEO, codecs } });
      sender.sendVideo(video(5000));
      congestion.probes.push({ id: 7, bitrateBps: 10_000_000, minPackets: 8, minBytes: 5000 });
      time.advance(200);
      expect(peer.rtp).toHaveLength(5);
      sender.handleRtcp(nack(0));
      expect(peer.rtp).toHaveLength(6);
    });

    it('holds frames back while too much is in flight, but never for good', () => {
      const { sender } = started();
      sender.sendVideo(video(5000));
      congestion.windowBytes = 4000;
      // Nobody reports yet: there may be nobody who does.
      expect(sender.acceptsVideo).toBe(true);
      time.advance(20);
      sender.handleRtcp(feedback(0, 1));
      expect(sender.acceptsVideo).toBe(false);
      sender.handleRtcp(feedback(0, 2));
      expect(sender.acceptsVideo).toBe(true);
      sender.sendVideo(video(5000, false));
      time.advance(249);
      expect(sender.acceptsVideo).toBe(false);
      time.advance(1);
      expect(sender.acceptsVideo).toBe(true);
    });
  });

  describe('rate', () => {
    it('gives the picture what the target leaves of it', () => {
      const { sender } = started();
      const alone = sender.videoBitrateBps;
      // 5 Mbit/s less 170 kbit/s of sound and some 4 % of headers.
      expect(alone).toBeGreaterThan(4_550_000);
      expect(alone).toBeLessThan(4_700_000);
      const silent = started({ video: VIDEO }).sender;
      expect(silent.videoBitrateBps - alone).toBeGreaterThan(140_000);
      expect(silent.videoBitrateBps - alone).toBeLessThanOrEqual(170_000);
    });

    it('tells of a change of a percent, and of no less', () => {
      const { sender } = started({ video: VIDEO });
      congestion.targetBitrateBps = 5_030_000;
      sender.handleRtcp(pli());
      expect(bitrates).toEqual([]);
      congestion.targetBitrateBps = 2_000_000;
      sender.handleRtcp(pli());
      expect(bitrates).toHaveLength(1);
      expect(bitrates[0]).toBeGreaterThan(1_850_000);
      expect(bitrates[0]).toBeLessThan(1_950_000);
      expect(sender.videoBitrateBps).toBe(bitrates[0]);
    });

    it('takes retransmissions out of the share of the picture', () => {
      const { sender } = started();
      sender.sendVideo(video(100));
      play(sender, 1, 8000);
      const before = sender.videoBitrateBps;
      for (let i = 0; i < 30; i++) {
        sender.sendVideo(video(8000, false));
        sender.handleRtcp(nack(i * 8, 0xff));
        time.advance(20);
      }
      expect(sender.videoBitrateBps).toBeLessThan(before * 0.9);
    });

    it('never gives more than the player chose, and tells congestion control what that needs', () => {
      const { sender } = started();
      sender.setCeiling(2_000_000);
      expect(bitrates).toEqual([2_000_000]);
      expect(congestion.ceilingBps).toBeGreaterThan(2_000_000 + 170_000);
      expect(congestion.ceilingBps).toBeLessThan(2_700_000);
      sender.setFrameRate(30);
      expect(congestion.ceilingBps).toBeLessThan(2_600_000);
      congestion.targetBitrateBps = 50_000_000;
      sender.setCeiling(12_000_000);
      expect(bitrates).toEqual([2_000_000, 12_000_000]);
    });

    it('raises the ceiling of congestion control by what repair costs, for the chosen picture', () => {
      const { sender } = started();
      congestion.targetBitrateBps = 20_000_000;
      sender.setCeiling(4_000_000);
      const before = congestion.ceilingBps ?? 0;
      sender.sendVideo(video(100));
      play(sender, 1, 8000);
      expect(congestion.ceilingBps).toBe(before);
      for (let i = 0; i < 30; i++) {
        sender.sendVideo(video(8000, false));
        sender.handleRtcp(nack(i * 8, 0xff));
        time.advance(20);
      }
      expect(congestion.ceilingBps).toBeGreaterThan(before * 1.2);
      play(sender, 2, 8000);
      expect(congestion.ceilingBps).toBeLessThan(before * 1.06);
      expect(sender.videoBitrateBps).toBe(4_000_000);
    });

    it('never asks for a picture of less than 100 kbit/s', () => {
      const { sender } = started();
      congestion.targetBitrateBps = 10_000;
      sender.handleRtcp(pli());
      expect(bitrates).toEqual([100_000]);
    });
  });

  it('reports both streams every second on one clock', () => {
    const { peer, sender } = started();
    time.advance(400);
    sender.sendVideo(video(1000));
    sender.sendAudio(audio());
    time.advance(600);
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
    time.advance(1000);
    expect(peer.rtcp).toHaveLength(4);
  });

  it('leaves no timer and sends nothing once it is closed', () => {
    const { peer, sender } = started();
    sender.sendVideo(video(60_000));
    const sent = peer.rtp.length;
    sender.close();
    sender.close();
    expect(time.pendingTimers).toBe(0);
    expect(sender.sendVideo(video(10))).toBe(false);
    expect(sender.sendAudio(audio())).toBe(false);
    sender.start();
    sender.handleRtcp(nack(0));
    time.advance(5000);
    expect(peer.rtp).toHaveLength(sent);
    expect(time.pendingTimers).toBe(0);
  });

  it('may be closed by what it calls while a frame leaves', () => {
    const peer = new FakePeer();
    const sender: MediaSender = new MediaSender(
      {
        peer,
        congestion,
        clock: time,
        scheduler: time,
        random: () => 0,
        cname: 'test',
        playoutDelayMs: [0, 0],
        frameRate: 60,
      },
      {
        handleKeyframeRequest: () => undefined,
        handleVideoBitrate: () => undefined,
        handleFrameSent: () => sender.close(),
      },
    );
    sender.start();
    sender.sendVideo(video(100));
    expect(time.pendingTimers).toBe(0);
  });
});

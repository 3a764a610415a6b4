import type { VideoCodec } from '../../../protocol/stream-settings.ts';
import { VirtualTime } from '../../../renderer/virtual-time.ts';
import type { EncodedAudio } from '../../../server/encode/audio-pipeline.ts';
import type { EncodedVideo } from '../../../server/encode/video-pipeline.ts';
import { MediaSender, type MediaSenderListener } from '../../../server/transport/media-sender.ts';
import { FAKE_STREAMS, FakePeer, type FakeStreams } from '../../support/fake-peer.ts';
import { ScriptedCongestion } from '../../support/scripted-congestion.ts';
import { writeTransportFeedback } from '../../support/transport-feedback-writer.ts';
import { parseRtp } from './depacketizers.ts';

export const VIDEO = FAKE_STREAMS.video;
export const AUDIO = FAKE_STREAMS.audio;
export const FEC = { ssrc: 0x4444_4444, payloadType: 49 };
/** Payload types. */
export const VP8 = 96;
export const RTX = 97;
export const H264 = 98;
export const OPUS = 111;
export const RED = 63;

const TRANSPORT_SEQ = 4;

/** An RTCP packet of 32-bit words. */
export function words(type: number, count: number, values: readonly number[]): Buffer {
  const packet = Buffer.alloc(4 + values.length * 4);
  packet.writeUInt32BE(((0x80 | count) * 2 ** 24 + type * 2 ** 16 + values.length) >>> 0);
  for (const [i, value] of values.entries()) packet.writeUInt32BE(value >>> 0, 4 + i * 4);
  return packet;
}

export const nack = (seq: number, mask = 0, ssrc = VIDEO.ssrc): Buffer =>
  words(205, 1, [1, ssrc, seq * 65_536 + mask]);
export const pli = (ssrc = VIDEO.ssrc): Buffer => words(206, 1, [1, ssrc]);
export const remb = (mantissa: number, exponent: number): Buffer =>
  words(206, 15, [1, 0, 0x5245_4d42, 2 ** 24 + exponent * 2 ** 18 + mantissa, VIDEO.ssrc]);

/** Feedback that all packets from `baseSeq` on arrived, a millisecond apart. */
export const feedback = (baseSeq: number, count: number): Buffer =>
  writeTransportFeedback({
    baseSeq,
    referenceTime: 10,
    feedbackCount: 0,
    arrivals: Array.from({ length: count }, (_, i) => i * 4),
  });

export const parsed = (peer: FakePeer) => peer.rtp.map(parseRtp);
export const transportSeq = ({ extensions }: ReturnType<typeof parseRtp>): number | undefined =>
  extensions.get(TRANSPORT_SEQ)?.readUInt16BE();

/** A {@link MediaSender} in virtual time, and what it has said. */
export class MediaSenderRig {
  readonly time = new VirtualTime(1_000_000);
  readonly congestion = new ScriptedCongestion();
  keyframes = 0;
  bitrates: number[] = [];
  readonly framesSent: { frameNumber: number; sentUs: number }[] = [];
  /** Of the last picture made. */
  frameNumber = 0;

  senderOn(
    peer: FakePeer,
    random = 0,
    playoutDelayMs: [number, number] = [0, 0],
    listener: MediaSenderListener = this.#listener(),
  ): MediaSender {
    const { time, congestion } = this;
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
      listener,
    );
  }

  /** A sender that has begun. */
  start(streams?: Partial<FakeStreams>, random = 0): { peer: FakePeer; sender: MediaSender } {
    const peer = new FakePeer(streams);
    const sender = this.senderOn(peer, random);
    sender.start();
    this.keyframes = 0;
    this.bitrates = [];
    return { peer, sender };
  }

  video(bytes: number, keyframe = true, codec: VideoCodec = 'vp8'): EncodedVideo {
    const nowUs = this.time.nowUs();
    const data = new Uint8Array(bytes).fill(7);
    if (codec === 'h264') data.set([0, 0, 1, 0x65]);
    return {
      data,
      codec,
      keyframe,
      quantizer: undefined,
      width: 640,
      height: 360,
      rtpTimestamp: nowUs * 0.09,
      frameNumber: ++this.frameNumber,
      inputSeq: 0,
      inputReceivedUs: 0,
      tickUs: nowUs,
      renderedUs: nowUs,
      encodedUs: nowUs,
    };
  }

  audio(bytes = 160): EncodedAudio {
    const nowUs = this.time.nowUs();
    return {
      data: new Uint8Array(bytes).fill(3),
      rtpTimestamp: (nowUs * 48) / 1000,
      dueUs: nowUs,
    };
  }

  /** Runs a stream of frames and sound for so long. */
  play(sender: MediaSender, seconds: number, frameBytes: number): void {
    for (let i = 0; i < seconds * 50; i++) {
      sender.sendAudio(this.audio());
      sender.sendVideo(this.video(frameBytes, false));
      this.time.advance(10);
      sender.sendAudio(this.audio());
      this.time.advance(10);
    }
  }

  #listener(): MediaSenderListener {
    return {
      handleKeyframeRequest: () => this.keyframes++,
      handleVideoBitrate: (bitrateBps) => this.bitrates.push(bitrateBps),
      handleFrameSent: ({ frameNumber }, sentUs) => this.framesSent.push({ frameNumber, sentUs }),
    };
  }
}

import { PLAYOUT_DELAY_URI } from '../../protocol/channels.ts';
import type { VideoCodec } from '../../protocol/stream-settings.ts';
import type { Clock, Scheduler } from '../../renderer/clock.ts';
import type { EncodedAudio } from '../encode/audio-pipeline.ts';
import type { EncodedVideo } from '../encode/video-pipeline.ts';
import type { CongestionControl } from './congestion-control.ts';
import { H264Packetizer } from './h264-packetizer.ts';
import { OpusPacketizer } from './opus-packetizer.ts';
import { PacketHistory } from './packet-history.ts';
import type { Peer } from './peer.ts';
import { parseRtcp, type ReportBlock, type RtcpListener, roundTripMs } from './rtcp.ts';
import { RtpStream, RtxStream } from './rtp-stream.ts';
import { Vp8Packetizer } from './vp8-packetizer.ts';

const VIDEO_CLOCK_RATE = 90_000;
const AUDIO_CLOCK_RATE = 48_000;

/** Receivers measure the round trip and synchronise by these; one a second is 0.1 % of 1 Mbit/s. */
const REPORT_INTERVAL_MS = 1000;

/** What the round trip is taken to be until the first report: a distant player's. */
const INITIAL_RTT_MS = 100;

/** Minimum and maximum delay of zero: show every frame as soon as it is decoded. */
const PLAYOUT_DELAY_ZERO = Buffer.from([0, 0, 0]);

/** Where a media sender reports. Calls never throw. */
export interface MediaSenderListener {
  /** The far side cannot go on without a keyframe. */
  handleKeyframeRequest(): void;
  /** The encoder should aim at this many bits a second from now on. */
  handleTargetBitrate(bitrateBps: number): void;
}

export interface MediaSenderOptions {
  readonly peer: Peer;
  readonly codec: VideoCodec;
  readonly congestion: CongestionControl;
  /** The clock the frames are stamped with. */
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** 0 to 1, for the first sequence numbers. */
  readonly random: () => number;
  /** Canonical name in reports (RFC 3550 §6.5.1). */
  readonly cname: string;
}

/** Counts since the sender was made. */
export interface MediaSenderCounters {
  readonly packets: number;
  /** RTP bytes, headers included, retransmissions included. */
  readonly bytes: number;
  readonly retransmittedPackets: number;
  readonly nackedPackets: number;
  /** NACKed packets that had left history. */
  readonly lostForGood: number;
  readonly keyframeRequests: number;
  readonly transportFeedback: number;
  readonly malformedRtcp: number;
}

interface Streams {
  readonly video: RtpStream;
  readonly audio: RtpStream | undefined;
  readonly rtx: RtxStream | undefined;
}

/** Encoded media in, RTP out through a peer; repairs what gets lost. */
export class MediaSender implements RtcpListener {
  readonly #options: MediaSenderOptions;
  readonly #listener: MediaSenderListener;
  readonly #history = new PacketHistory();
  #streams: Streams | undefined;
  #cancelReport: (() => void) | undefined;
  #transportSeq = 0;
  #targetBitrateBps: number;
  #rttMs: number | undefined;
  #fractionLost = 0;
  #lastSentUs = 0;
  #packets = 0;
  #bytes = 0;
  #retransmittedPackets = 0;
  #nackedPackets = 0;
  #lostForGood = 0;
  #keyframeRequests = 0;
  #transportFeedback = 0;
  #malformedRtcp = 0;
  #closed = false;

  constructor(options: MediaSenderOptions, listener: MediaSenderListener) {
    this.#options = options;
    this.#listener = listener;
    this.#targetBitrateBps = options.congestion.targetBitrateBps;
  }

  get counters(): MediaSenderCounters {
    return {
      packets: this.#packets,
      bytes: this.#bytes,
      retransmittedPackets: this.#retransmittedPackets,
      nackedPackets: this.#nackedPackets,
      lostForGood: this.#lostForGood,
      keyframeRequests: this.#keyframeRequests,
      transportFeedback: this.#transportFeedback,
      malformedRtcp: this.#malformedRtcp,
    };
  }

  /** When the last packet was handed to the peer; microseconds of the clock, 0 before any. */
  get lastSentUs(): number {
    return this.#lastSentUs;
  }

  /** Milliseconds, from the last report; undefined before the first. */
  get rttMs(): number | undefined {
    return this.#rttMs;
  }

  /** Of video packets, from the last report; 0 to 1. */
  get fractionLost(): number {
    return this.#fractionLost;
  }

  /** Call when the peer has connected; what is sent before goes nowhere. Asks for a keyframe. */
  start(): void {
    const { peer, codec, random, scheduler } = this.#options;
    const video = peer.stream('video');
    if (this.#closed || this.#streams || !video) return;
    const audio = peer.stream('audio');
    const random16 = (): number => Math.floor(random() * 65_536);
    const delayId = video.extensions.get(PLAYOUT_DELAY_URI);
    this.#streams = {
      video: new RtpStream(
        video,
        VIDEO_CLOCK_RATE,
        codec === 'h264' ? new H264Packetizer() : new Vp8Packetizer(random16()),
        random16(),
        delayId === undefined ? [] : [{ id: delayId, payload: PLAYOUT_DELAY_ZERO }],
      ),
      audio: audio && new RtpStream(audio, AUDIO_CLOCK_RATE, new OpusPacketizer(), random16()),
      rtx: video.rtx && new RtxStream(video.rtx, random16()),
    };
    const report = (): void => {
      this.#sendReports();
      this.#cancelReport = scheduler.after(REPORT_INTERVAL_MS, report);
    };
    this.#cancelReport = scheduler.after(REPORT_INTERVAL_MS, report);
    this.#listener.handleKeyframeRequest();
  }

  /** @returns whether it went to the peer; false before {@link start}. */
  sendVideo(video: EncodedVideo): boolean {
    const stream = this.#streams?.video;
    if (!stream) return false;
    const nowUs = this.#options.clock.nowUs();
    for (const packet of stream.packetize(video.data, video.rtpTimestamp, video.tickUs)) {
      this.#history.add(packet.readUInt16BE(2), packet, nowUs);
      this.#send(packet, stream);
    }
    this.#lastSentUs = this.#options.clock.nowUs();
    return true;
  }

  /** @returns whether it went to the peer; false before {@link start} or without an audio stream. */
  sendAudio(audio: EncodedAudio): boolean {
    const stream = this.#streams?.audio;
    if (!stream) return false;
    for (const packet of stream.packetize(audio.data, audio.rtpTimestamp, audio.dueUs)) {
      this.#send(packet, stream);
    }
    return true;
  }

  /** @param compound as the peer received it. */
  handleRtcp(compound: Uint8Array): void {
    if (!parseRtcp(compound, this)) this.#malformedRtcp++;
  }

  handleReportBlock(block: ReportBlock): void {
    if (block.ssrc !== this.#streams?.video.ssrc) return;
    const { clock, congestion } = this.#options;
    const receivedUs = clock.nowUs();
    const rttMs = roundTripMs(block, receivedUs);
    this.#rttMs = rttMs ?? this.#rttMs;
    this.#fractionLost = block.fractionLost;
    congestion.handleFeedback({ receivedUs, fractionLost: block.fractionLost, rttMs });
    const target = congestion.targetBitrateBps;
    if (target === this.#targetBitrateBps) return;
    this.#targetBitrateBps = target;
    this.#listener.handleTargetBitrate(target);
  }

  handleNack(mediaSsrc: number, seq: number): void {
    const stream = this.#streams?.video;
    if (!stream || mediaSsrc !== stream.ssrc) return;
    this.#nackedPackets++;
    const nowUs = this.#options.clock.nowUs();
    const sent = this.#history.find(seq, nowUs);
    if (!sent) {
      this.#lostForGood++;
      this.#requestKeyframe();
      return;
    }
    // What was sent again less than a round trip ago may still be on its way.
    const rttUs = (this.#rttMs ?? INITIAL_RTT_MS) * 1000;
    if (nowUs - sent.resentUs < rttUs) return;
    sent.resentUs = nowUs;
    this.#retransmittedPackets++;
    const rtx = this.#streams?.rtx;
    this.#send(rtx ? rtx.wrap(sent.packet, stream.payloadOffset) : sent.packet, stream);
  }

  handleKeyframeRequest(mediaSsrc: number): void {
    if (mediaSsrc === this.#streams?.video.ssrc) this.#requestKeyframe();
  }

  handleTransportFeedback(): void {
    this.#transportFeedback++;
  }

  /** Idempotent. The peer stays open: it belongs to whoever made it. */
  close(): void {
    this.#closed = true;
    this.#cancelReport?.();
    this.#streams = undefined;
  }

  #requestKeyframe(): void {
    this.#keyframeRequests++;
    this.#listener.handleKeyframeRequest();
  }

  #send(packet: Buffer, stream: RtpStream): void {
    if (stream.carriesTransportSeq) {
      stream.stampTransportSeq(packet, this.#transportSeq);
      this.#transportSeq = (this.#transportSeq + 1) & 0xffff;
    }
    this.#options.peer.sendRtp(packet);
    this.#packets++;
    this.#bytes += packet.length;
  }

  #sendReports(): void {
    const { peer, clock, cname } = this.#options;
    const nowUs = clock.nowUs();
    for (const stream of [this.#streams?.video, this.#streams?.audio]) {
      const report = stream?.senderReport(nowUs, cname);
      if (report) peer.sendRtcp(report);
    }
  }
}

import type { Clock, Scheduler } from '../../renderer/clock.ts';
import type { EncodedAudio } from '../encode/audio-pipeline.ts';
import type { EncodedVideo } from '../encode/video-pipeline.ts';
import type { CongestionControl } from './congestion/congestion-control.ts';
import { DispersionRate } from './congestion/dispersion-rate.ts';
import { SentPackets } from './congestion/sent-packets.ts';
import { FrameRepair } from './frame-repair.ts';
import { KeyframeNeed } from './keyframe-need.ts';
import { LossProtection } from './loss-protection.ts';
import { AudioStream, VideoStream } from './media-streams.ts';
import { Pacer } from './pacer.ts';
import type { VideoPacket } from './packet-history.ts';
import { PacketOutput, type PacketOutputCounters } from './packet-output.ts';
import type { Peer } from './peer.ts';
import { ReceiverFeedback, type ReceiverFeedbackCounters } from './receiver-feedback.ts';
import { Retransmitter, type RetransmitterCounters } from './retransmitter.ts';
import { SenderReports } from './sender-reports.ts';
import { SenderTicks } from './sender-ticks.ts';
import { VideoRate } from './video-rate.ts';

/**
 * While the window is full one frame in this time goes all the same: where feedback was lost rather
 * than late, only new packets bring new feedback.
 */
const TRICKLE_US = 100_000;

/** What repairs a frame waits for the next one, which may be late, or not come. */
const HELD_FRAMES = 1.5;

const NO_PACKETS: readonly Buffer[] = [];
const NO_VIDEO: readonly VideoPacket[] = [];

/** Where a media sender reports. Calls never throw. */
export interface MediaSenderListener {
  /** The far side cannot go on without a keyframe. */
  handleKeyframeRequest(): void;
  /** @param bitrateBps payload bits a second for the video encoder, from now on. */
  handleVideoBitrate(bitrateBps: number): void;
  /** The last packet of a frame has left; perhaps already during `sendVideo`. */
  handleFrameSent(video: EncodedVideo, sentUs: number): void;
}

export interface MediaSenderOptions {
  readonly peer: Peer;
  readonly congestion: CongestionControl;
  /** The clock the frames are stamped with. */
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** 0 to 1, for the first sequence numbers. */
  readonly random: () => number;
  /** Canonical name in reports (RFC 3550 §6.5.1). */
  readonly cname: string;
  /** Least and most that a receiver may hold a picture back. */
  readonly playoutDelayMs: readonly [number, number];
  /** Frames a second, above 0. */
  readonly frameRate: number;
  /** How long a keyframe may take to leave; the pacer's own measure where left out. */
  readonly keyframePatienceUs?: number | undefined;
}

/** Counts since the sender was made. */
export interface MediaSenderCounters
  extends PacketOutputCounters,
    RetransmitterCounters,
    ReceiverFeedbackCounters {
  /** Frames given up in the sender: too old, or useless without a keyframe before them. */
  readonly droppedFrames: number;
  /** Frames of a codec that was not negotiated, or without content. */
  readonly unsendableFrames: number;
  readonly keyframeRequests: number;
}

/** The network as the sender sees it. */
export interface NetworkState {
  /** What the path is believed to carry, everything together. */
  readonly estimateBps: number;
  /** Undefined before the first feedback. */
  readonly rttMs: number | undefined;
  /** Over about the last second, 0 to 1. */
  readonly fractionLost: number;
  readonly pacerQueueMs: number;
  /** Share of retransmissions and error correction in the bytes of the last second, 0 to 1. */
  readonly repairFraction: number;
}

/** What exists from the time the peer has connected. */
interface Live {
  readonly video: VideoStream;
  readonly audio: AudioStream | undefined;
  readonly output: PacketOutput;
  readonly pacer: Pacer;
  readonly feedback: ReceiverFeedback;
}

/** Before anything was negotiated. */
const NO_COUNTS = {
  packets: 0,
  bytes: 0,
  repairPackets: 0,
  paddingPackets: 0,
  transportFeedback: 0,
  malformedRtcp: 0,
  ignoredRtcp: 0,
  malformedFeedback: 0,
  unknownPackets: 0,
} as const satisfies PacketOutputCounters & ReceiverFeedbackCounters;

/**
 * Encoded media in, RTP out through a peer: as much as congestion control allows, in the pacer's
 * time, with what gets lost repaired.
 */
export class MediaSender {
  readonly #options: MediaSenderOptions;
  readonly #listener: MediaSenderListener;
  readonly #retransmitter: Retransmitter;
  readonly #sentPackets: SentPackets;
  readonly #protection: LossProtection;
  readonly #dispersion = new DispersionRate();
  readonly #repair: FrameRepair;
  readonly #keyframes: KeyframeNeed;
  readonly #videoRate: VideoRate;
  readonly #ticks: SenderTicks;
  readonly #frame: VideoPacket[] = [];
  #live: Live | undefined;
  #closed = false;
  #reports: SenderReports | undefined;
  #frameRate: number;
  #lastVideoUs = Number.NEGATIVE_INFINITY;
  #droppedFrames = 0;
  #unsendableFrames = 0;

  constructor(options: MediaSenderOptions, listener: MediaSenderListener) {
    const { congestion, frameRate, clock, random } = options;
    this.#options = options;
    this.#listener = listener;
    this.#frameRate = frameRate;
    this.#sentPackets = new SentPackets(Math.floor(random() * 65_536));
    this.#protection = new LossProtection(frameRate);
    this.#repair = new FrameRepair(this.#protection);
    this.#ticks = new SenderTicks(options, {
      tick: (nowUs) => this.#tick(nowUs),
      isWaiting: () => (this.#live?.pacer.queuedBytes ?? 0) > 0,
      lastVideoUs: () => this.#lastVideoUs,
    });
    this.#keyframes = new KeyframeNeed(() => listener.handleKeyframeRequest());
    this.#retransmitter = new Retransmitter(
      congestion,
      {
        handleResend: (packet) => this.#resend(packet),
        handleLostForGood: () => this.#keyframes.requestSoon(clock.nowUs()),
      },
      (nowUs) => this.#live?.output.sentBps(nowUs) ?? Number.POSITIVE_INFINITY,
    );
    const handleChange = (bitrateBps: number): void => listener.handleVideoBitrate(bitrateBps);
    const protection = this.#protection;
    const dispersion = this.#dispersion;
    this.#videoRate = new VideoRate(
      { congestion, protection, dispersion, frameRate, handleChange },
      clock.nowUs(),
    );
  }

  get counters(): MediaSenderCounters {
    return {
      ...NO_COUNTS,
      ...this.#live?.output.counters,
      ...this.#live?.feedback.counters,
      ...this.#retransmitter.counters,
      droppedFrames: this.#droppedFrames,
      unsendableFrames: this.#unsendableFrames,
      keyframeRequests: this.#keyframes.requests,
    };
  }

  get network(): NetworkState {
    const { congestion, clock } = this.#options;
    return {
      estimateBps: congestion.targetBitrateBps,
      rttMs: this.#live?.feedback.rttMs,
      fractionLost: congestion.fractionLost,
      pacerQueueMs: this.#live?.pacer.queueMs ?? 0,
      repairFraction: this.#live?.output.repairFraction(clock.nowUs()) ?? 0,
    };
  }

  /** Payload bits a second that the video encoder should make. */
  get videoBitrateBps(): number {
    return this.#videoRate.bitrateBps;
  }

  /** See {@link VideoRate.fillsPath}. */
  get fillsPath(): boolean {
    return this.#videoRate.fillsPath;
  }

  /** False while the path holds frames back: one encoded now would wait, so skip it. */
  get acceptsVideo(): boolean {
    if (!this.#live) return true;
    const { congestion, clock } = this.#options;
    const { pacer, feedback } = this.#live;
    if (pacer.queuedBytes * 8 * this.#frameRate > congestion.targetBitrateBps) return false;
    const nowUs = clock.nowUs();
    if (!feedback.hasTransportFeedback || nowUs - this.#lastVideoUs >= TRICKLE_US) return true;
    return this.#sentPackets.inFlightBytes(nowUs) <= congestion.windowBytes;
  }

  /** Call when the peer has connected; what is sent before goes nowhere. Asks for a keyframe. */
  start(): void {
    const { peer, scheduler, congestion, clock, random } = this.#options;
    if (this.#closed || this.#live || !peer.video) return;
    const retransmitter = this.#retransmitter;
    const sentPackets = this.#sentPackets;
    const frameRate = this.#frameRate;
    const video = new VideoStream(peer.video, this.#options);
    const audio = peer.audio && new AudioStream(peer.audio, random);
    const shared = { clock, congestion, sentPackets, retransmitter };
    const handleFrameSent = (picture: EncodedVideo, sentUs: number): void =>
      this.#listener.handleFrameSent(picture, sentUs);
    const output = new PacketOutput({ ...shared, peer, video, handleFrameSent });
    const { keyframePatienceUs } = this.#options;
    const pace = { clock, scheduler, congestion, frameRate, keyframePatienceUs };
    const pacer = new Pacer(pace, output);
    const feedback = new ReceiverFeedback({
      ...shared,
      protection: this.#protection,
      dispersion: this.#dispersion,
      videoSsrc: video.rtp.ssrc,
    });
    this.#live = { video, audio, output, pacer, feedback };
    this.#reports = new SenderReports(this.#options, [video.rtp, audio?.rtp], (report) =>
      pacer.account(output.sendRtcp(report), undefined),
    );
    const nowUs = clock.nowUs();
    this.#videoRate.share({ video, output, hasAudio: audio !== undefined }, nowUs);
    this.#keyframes.request(nowUs);
  }

  /** @param frameRate frames a second, above 0. */
  setFrameRate(frameRate: number): void {
    this.#frameRate = frameRate;
    this.#protection.setFrameRate(frameRate);
    this.#live?.pacer.setFrameRate(frameRate);
    this.#videoRate.setFrameRate(frameRate, this.#options.clock.nowUs());
  }

  /** @param videoBitrateBps what the player chose: the most payload bits a second of video. */
  setCeiling(videoBitrateBps: number): void {
    this.#videoRate.setCeiling(videoBitrateBps, this.#options.clock.nowUs());
  }

  /** @returns whether it will go to the peer; false before {@link start} and for a dropped frame. */
  sendVideo(video: EncodedVideo): boolean {
    const live = this.#live;
    if (!live) return false;
    const nowUs = this.#options.clock.nowUs();
    this.#tick(nowUs);
    const format = live.video.formatOf(video.codec);
    if (!format) {
      this.#unsendableFrames++;
      return false;
    }
    if (!this.#keyframes.admits(video)) {
      this.#droppedFrames++;
      this.#keyframes.requestSoon(nowUs);
      return false;
    }
    const { rtp, fec } = live.video;
    const packets = rtp.packetize(format, video.data, video.rtpTimestamp, video.tickUs);
    if (packets.length === 0) {
      this.#unsendableFrames++;
      return false;
    }
    this.#keyframes.handleSent(video, nowUs);
    this.#lastVideoUs = nowUs;
    this.#videoRate.setPictureSize(video.width * video.height);
    const repair = fec ? this.#repair.protect(fec, packets, video.rtpTimestamp, nowUs) : NO_PACKETS;
    live.pacer.queueFrame(this.#describe(packets, video, nowUs), repair);
    this.#ticks.handleSent(nowUs);
    return true;
  }

  /** A picture is not sent though others see it: those after it change what never came. */
  handleVideoWithheld(): void {
    this.#keyframes.handleDropped();
  }

  /** @returns whether it went to the peer; false before {@link start} or without an audio stream. */
  sendAudio(audio: EncodedAudio): boolean {
    const live = this.#live;
    if (!live?.audio) return false;
    const { rtp } = live.audio;
    const format = live.audio.format(this.#protection.lossy);
    for (const packet of rtp.packetize(format, audio.data, audio.rtpTimestamp, audio.dueUs)) {
      const { probeId } = live.pacer;
      live.pacer.account(live.output.sendAudio(packet, rtp, probeId), probeId);
    }
    this.#ticks.handleSent(this.#options.clock.nowUs());
    return true;
  }

  /** @param compound as the peer received it. */
  handleRtcp(compound: Uint8Array): void {
    const live = this.#live;
    if (!live) return;
    const nowUs = this.#options.clock.nowUs();
    if (live.feedback.read(compound)) this.#keyframes.request(nowUs);
    this.#tick(nowUs);
    live.pacer.flush();
  }

  /** Idempotent. The peer stays open: it belongs to whoever made it. */
  close(): void {
    this.#closed = true;
    this.#reports?.close();
    this.#ticks.close();
    this.#live?.pacer.close();
    this.#live = undefined;
  }

  #resend(packet: VideoPacket): void {
    this.#live?.pacer.queueRetransmission(packet);
    if (this.#live?.video.fec && !packet.guessed) this.#repair.handleResent(packet);
  }

  /** Puts the packets of a frame into the array that is reused for every frame. */
  #describe(packets: readonly Buffer[], video: EncodedVideo, nowUs: number): VideoPacket[] {
    this.#frame.length = 0;
    const last = packets.length - 1;
    for (let i = 0; i <= last; i++) {
      const packet = packets[i];
      if (!packet) continue;
      this.#frame.push({
        packet,
        seq: packet.readUInt16BE(2),
        keyframe: video.keyframe,
        queuedUs: nowUs,
        sentUs: 0,
        resentUs: Number.NEGATIVE_INFINITY,
        guessed: false,
        nackedUs: Number.NEGATIVE_INFINITY,
        arrived: false,
        video: i === last ? video : undefined,
      });
    }
    return this.#frame;
  }

  /** What depends on time: probes, protection, the age of what waits, the encoder's rate. */
  #tick(nowUs: number): void {
    const live = this.#live;
    if (!live) return;
    const { congestion } = this.#options;
    const probe = congestion.tick(nowUs);
    if (probe) live.pacer.startProbe(probe);
    const { rttMs } = live.feedback;
    const repairMs = rttMs === undefined ? undefined : rttMs + this.#retransmitter.patienceMs;
    this.#protection.update(congestion.fractionLost, repairMs, nowUs);
    const { rtp, fec } = live.video;
    rtp.reserve(fec && this.#protection.repairs ? fec.overheadBytes : 0);
    if (live.pacer.isOverdue(nowUs)) this.#dropVideo(live, nowUs);
    const late = this.#repair.takeHeld(nowUs - (HELD_FRAMES * 1e6) / this.#frameRate);
    if (late.length > 0) live.pacer.queueFrame(NO_VIDEO, late);
    this.#videoRate.update(nowUs);
  }

  /** What waits would be shown too late: everything up to the next keyframe goes. */
  #dropVideo({ pacer, video }: Live, nowUs: number): void {
    const dropped = pacer.dropVideo();
    if (!dropped) return;
    this.#droppedFrames += dropped.frames;
    this.#repair.dropHeld();
    video.rtp.rewind(dropped.firstSeq);
    this.#keyframes.handleDropped();
    // Waiting for a queue to become too old limits these requests already.
    this.#keyframes.request(nowUs);
  }
}

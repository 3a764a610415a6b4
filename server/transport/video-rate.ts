import {
  type BitrateShares,
  type PacketShape,
  packetsPerFrame,
  usefulTargetBps,
  videoPayloadBps,
  videoWireBps,
} from './bitrate-allocation.ts';
import type { CongestionControl } from './congestion/congestion-control.ts';
import type { DispersionRate } from './congestion/dispersion-rate.ts';
import type { LossProtection } from './loss-protection.ts';
import type { VideoStream } from './media-streams.ts';
import type { PacketOutput } from './packet-output.ts';
import { MAX_RTP_BYTES, rtpWireBytes } from './rtp-packet.ts';

/** A rate that differs by less is the same to an encoder. */
const MIN_CHANGE = 0.01;

/** A ceiling that wanders by less would only disturb congestion control. */
const MIN_CEILING_CHANGE = 0.05;

/** Opus of 128 kbit/s in 100 packets a second, each with 52 bytes of headers. */
const NOMINAL_AUDIO_BPS = 170_000;

/** RTP header with the extensions of a video packet, until these are negotiated. */
const USUAL_HEADER_BYTES = 28;

/** Above this, what more bits add to a picture is seen less than lateness is felt. */
const NEEDED_BITS_PER_PIXEL = 0.12;
/** At any size: many a game is drawn small, and enlarged. */
const LEAST_NEEDED_BPS = 8_000_000;

/**
 * A frame is complete when its last packet has arrived: over a path that it fills, one interval late,
 * and one that an input brings forward waits behind it as well. So a picture that has what it needs
 * takes this much of a path.
 */
const PROMPT_USE = 0.5;

/** Above this share of its interval, what one frame takes is felt by the next. */
const LONG_SHARE = 0.25;

/** What the video shares the path with, known once the peer has connected. */
interface Sharing {
  readonly video: VideoStream;
  readonly output: PacketOutput;
  readonly hasAudio: boolean;
}

type Costs = Omit<BitrateShares, 'targetBps'>;

export interface VideoRateParts {
  readonly congestion: CongestionControl;
  readonly protection: LossProtection;
  readonly dispersion: DispersionRate;
  /** Frames a second, above 0. */
  readonly frameRate: number;
  /** @param bitrateBps payload bits a second for the encoder, from now on. Must not throw. */
  readonly handleChange: (bitrateBps: number) => void;
}

/** The share of the target that is the video encoder's, between what must be and what was chosen. */
export class VideoRate {
  readonly #parts: VideoRateParts;
  #sharing: Sharing | undefined;
  #frameRate: number;
  #pixels = 0;
  #ceilingBps = Number.POSITIVE_INFINITY;
  #usefulToldBps = Number.POSITIVE_INFINITY;
  #bitrateBps: number;

  constructor(parts: VideoRateParts, nowUs: number) {
    this.#parts = parts;
    this.#frameRate = parts.frameRate;
    this.#bitrateBps = this.#affordableBps(this.#costs(nowUs));
  }

  /** Payload bits a second, as last told. */
  get bitrateBps(): number {
    return this.#bitrateBps;
  }

  /**
   * A frame takes so much of its interval to arrive that the next, were it brought forward, would
   * wait behind it.
   */
  get fillsPath(): boolean {
    const { bitrateBps: carriedBps } = this.#parts.dispersion;
    return carriedBps !== undefined && this.#bitrateBps > carriedBps * LONG_SHARE;
  }

  /** @param pixels that each frame has. */
  setPictureSize(pixels: number): void {
    this.#pixels = pixels;
  }

  /** From now on it reckons with these streams. */
  share(sharing: Sharing, nowUs: number): void {
    this.#sharing = sharing;
    this.#restart(nowUs);
  }

  /** @param frameRate frames a second, above 0. */
  setFrameRate(frameRate: number, nowUs: number): void {
    this.#frameRate = frameRate;
    this.#restart(nowUs);
  }

  /** @param bitrateBps the most payload bits a second. */
  setCeiling(bitrateBps: number, nowUs: number): void {
    this.#ceilingBps = bitrateBps;
    this.#restart(nowUs);
  }

  /** Follows the target and what it is shared with; tells of a change of a percent or more. */
  update(nowUs: number): void {
    const costs = this.#costs(nowUs);
    const usefulBps = this.#usefulBps(costs);
    if (differs(usefulBps, this.#usefulToldBps, MIN_CEILING_CHANGE)) this.#tellCeiling(usefulBps);
    const bitrateBps = this.#affordableBps(costs);
    if (!differs(bitrateBps, this.#bitrateBps, MIN_CHANGE)) return;
    this.#bitrateBps = bitrateBps;
    this.#parts.handleChange(bitrateBps);
  }

  /** Tells the ceiling anew, however little it has changed. */
  #restart(nowUs: number): void {
    this.#tellCeiling(this.#usefulBps(this.#costs(nowUs)));
    this.update(nowUs);
  }

  #tellCeiling(usefulBps: number): void {
    this.#usefulToldBps = usefulBps;
    if (usefulBps < Number.POSITIVE_INFINITY) this.#parts.congestion.setCeiling(usefulBps);
  }

  #usefulBps(costs: Costs): number {
    const shape = this.#shape();
    return usefulTargetBps(this.#ceilingBps, costs, this.#repairRatio(this.#ceilingBps), shape);
  }

  #affordableBps(costs: Costs): number {
    const neededBps = this.#pixels * this.#frameRate * NEEDED_BITS_PER_PIXEL;
    const enoughBps = Math.max(this.#promptBps(costs), neededBps, LEAST_NEEDED_BPS);
    const possibleBps = this.#payloadBps(this.#parts.congestion.targetBitrateBps, costs);
    return Math.min(this.#ceilingBps, enoughBps, possibleBps);
  }

  /** What lets a frame arrive in good time. */
  #promptBps(costs: Costs): number {
    const { dispersion, protection } = this.#parts;
    // Each packet is one more that may be lost, and all pictures behind it wait for its repair.
    if (protection.lossy) return 0;
    const { bitrateBps = Number.POSITIVE_INFINITY } = dispersion;
    if (bitrateBps === Number.POSITIVE_INFINITY) return bitrateBps;
    return this.#payloadBps(bitrateBps * PROMPT_USE, costs);
  }

  #payloadBps(targetBps: number, costs: Costs): number {
    const shares = { ...costs, targetBps };
    return videoPayloadBps(shares, this.#repairRatio(videoWireBps(shares)), this.#shape());
  }

  /** Packets of error correction per packet of video at this rate. */
  #repairRatio(wireBps: number): number {
    if (!this.#corrects || wireBps === Number.POSITIVE_INFINITY) return 0;
    const packets = packetsPerFrame(wireBps, this.#shape());
    return this.#parts.protection.repairPackets(packets) / packets;
  }

  get #corrects(): boolean {
    return this.#parts.protection.repairs && this.#sharing?.video.fec !== undefined;
  }

  #costs(nowUs: number): Costs {
    const resentBps = this.#sharing?.output.retransmissionBps(nowUs) ?? 0;
    return {
      audioBps: this.#audioBps(nowUs),
      // Error correction repeats what was sent again.
      retransmissionBps: this.#corrects ? resentBps * 2 : resentBps,
    };
  }

  #audioBps(nowUs: number): number {
    if (this.#sharing && !this.#sharing.hasAudio) return 0;
    return this.#sharing?.output.audioBps(nowUs) ?? NOMINAL_AUDIO_BPS;
  }

  #shape(): PacketShape {
    const rtp = this.#sharing?.video.rtp;
    return {
      frameRate: this.#frameRate,
      maxPayloadBytes: rtp?.maxPayloadBytes ?? MAX_RTP_BYTES - USUAL_HEADER_BYTES,
      overheadBytes: rtpWireBytes(rtp?.payloadOffset ?? USUAL_HEADER_BYTES),
    };
  }
}

/** Whether it has changed by this part of what it was, or more. */
function differs(bps: number, beforeBps: number, part: number): boolean {
  const change = Math.abs(bps - beforeBps);
  return change > 0 && !(change < beforeBps * part);
}

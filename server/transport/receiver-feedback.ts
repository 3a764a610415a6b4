import type { Clock } from '../../renderer/clock.ts';
import type { CongestionControl } from './congestion/congestion-control.ts';
import type { DispersionRate } from './congestion/dispersion-rate.ts';
import type { SentPackets } from './congestion/sent-packets.ts';
import type { LossProtection } from './loss-protection.ts';
import type { Retransmitter } from './retransmitter.ts';
import { parseRtcp, type ReportBlock, type RtcpListener, roundTripMs } from './rtcp.ts';

/** Receivers send some hundred compounds a second at worst; reading more would be their attack. */
const MAX_COMPOUNDS_PER_SECOND = 2000;

/** Counts since it was made. */
export interface ReceiverFeedbackCounters {
  readonly transportFeedback: number;
  /** Compound packets with something malformed in them. */
  readonly malformedRtcp: number;
  /** Compound packets not read because there were too many. */
  readonly ignoredRtcp: number;
  /** Transport-wide feedback that was malformed inside. */
  readonly malformedFeedback: number;
  /** Packets told of in transport-wide feedback that were never sent. */
  readonly unknownPackets: number;
}

export interface ReceiverFeedbackParts {
  readonly clock: Clock;
  readonly congestion: CongestionControl;
  readonly sentPackets: SentPackets;
  readonly retransmitter: Retransmitter;
  readonly protection: LossProtection;
  readonly dispersion: DispersionRate;
  /** Of the video: what is said of other streams is nothing to repair. */
  readonly videoSsrc: number;
}

/** Reads what the far side says and hands it to those it concerns. */
export class ReceiverFeedback implements RtcpListener {
  readonly #parts: ReceiverFeedbackParts;
  #nowUs = 0;
  #keyframeRequested = false;
  #hasTransportFeedback = false;
  #rttMs: number | undefined;
  #compounds = 0;
  #compoundsSinceUs = Number.NEGATIVE_INFINITY;
  #transportFeedback = 0;
  #malformedRtcp = 0;
  #ignoredRtcp = 0;

  constructor(parts: ReceiverFeedbackParts) {
    this.#parts = parts;
  }

  get counters(): ReceiverFeedbackCounters {
    return {
      ...this.#parts.sentPackets.counters,
      transportFeedback: this.#transportFeedback,
      malformedRtcp: this.#malformedRtcp,
      ignoredRtcp: this.#ignoredRtcp,
    };
  }

  /** Whether the far side has ever told which packets arrived. */
  get hasTransportFeedback(): boolean {
    return this.#hasTransportFeedback;
  }

  /** Of the media path where feedback measures it, else of RTCP; undefined before either. */
  get rttMs(): number | undefined {
    return this.#parts.congestion.rttMs ?? this.#rttMs;
  }

  /**
   * @param compound as the peer received it.
   * @returns whether it asks for a keyframe.
   */
  read(compound: Uint8Array): boolean {
    const { clock, retransmitter } = this.#parts;
    this.#nowUs = clock.nowUs();
    if (this.#nowUs - this.#compoundsSinceUs >= 1e6) {
      this.#compoundsSinceUs = this.#nowUs;
      this.#compounds = 0;
    }
    if (++this.#compounds > MAX_COMPOUNDS_PER_SECOND) {
      this.#ignoredRtcp++;
      return false;
    }
    this.#keyframeRequested = false;
    retransmitter.beginCompound(this.#nowUs);
    if (!parseRtcp(compound, this)) this.#malformedRtcp++;
    return this.#keyframeRequested;
  }

  handleReportBlock(block: ReportBlock): void {
    if (block.ssrc !== this.#parts.videoSsrc) return;
    const rttMs = roundTripMs(block, this.#nowUs);
    this.#rttMs = rttMs ?? this.#rttMs;
    const { fractionLost } = block;
    this.#parts.congestion.handleReceiverReport({ atUs: this.#nowUs, fractionLost, rttMs });
  }

  handleReceiverEstimate(bitrateBps: number): void {
    this.#parts.congestion.handleReceiverEstimate(bitrateBps);
  }

  handleNack(mediaSsrc: number, seq: number, mask: number): void {
    if (mediaSsrc !== this.#parts.videoSsrc) return;
    this.#parts.retransmitter.handleNack(seq, mask, this.#nowUs, this.rttMs);
  }

  handleKeyframeRequest(mediaSsrc: number): void {
    if (mediaSsrc === this.#parts.videoSsrc) this.#keyframeRequested = true;
  }

  handleTransportFeedback(packet: Uint8Array): void {
    this.#transportFeedback++;
    const report = this.#parts.sentPackets.resolve(packet, this.#nowUs);
    if (!report || report.packets.length === 0) return;
    this.#hasTransportFeedback = true;
    this.#parts.congestion.handleReport(report);
    this.#parts.retransmitter.handleReport(report, this.rttMs);
    this.#parts.protection.handleReport(report);
    this.#parts.dispersion.handleReport(report);
  }
}

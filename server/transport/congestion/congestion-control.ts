/** A packet that was sent, and what the far side said of it. */
export interface PacketResult {
  /** Transport-wide sequence number, unwrapped: it only grows. */
  readonly seq: number;
  /** When it left; microseconds of the worker's clock. */
  readonly sentUs: number;
  /** Size on the wire above IP: RTP packet, SRTP tag and UDP header. */
  readonly bytes: number;
  /** Microseconds of the far side's clock, whose zero means nothing; undefined: not received. */
  readonly receivedUs: number | undefined;
  /** The probe it was part of. */
  readonly probeId: number | undefined;
  /** RTP sequence number of the packet of video that it was, or that it repeated. */
  readonly videoSeq?: number | undefined;
}

/** What one transport-wide feedback packet told (draft-holmer-rmcat-transport-wide-cc-extensions-01). */
export interface TransportReport {
  /** When the feedback arrived; microseconds of the worker's clock. */
  readonly atUs: number;
  /** Packets reported on for the first time, in order of sequence number. */
  readonly packets: readonly PacketResult[];
  /** Sent and not yet reported on. */
  readonly inFlightBytes: number;
  /** How long was being sent what the report before this one should have told of; 0 or left out: none is missing. */
  readonly untoldUs?: number;
}

/** What an RTCP report block told (RFC 3550 §6.4.1). */
export interface ReceiverReport {
  readonly atUs: number;
  /** Of video packets, since the last report, 0 to 1. */
  readonly fractionLost: number;
  /** Undefined where the report answers no sender report. */
  readonly rttMs: number | undefined;
}

/** A short burst above the target that asks the path whether it carries more. */
export interface ProbeCluster {
  /** Stamped on each of its packets in {@link PacketResult.probeId}. */
  readonly id: number;
  readonly bitrateBps: number;
  /** Both must be sent before it is complete. */
  readonly minPackets: number;
  readonly minBytes: number;
}

/** Decides how many bits a second may leave for one player. All rates are bytes on the wire × 8. */
export interface CongestionControl {
  /** For everything together: video, sound, repair and headers. */
  readonly targetBitrateBps: number;
  /** How fast a burst may leave. */
  readonly pacingBitrateBps: number;
  /** More bytes than this in flight mean that the path holds them back: do not add to them. */
  readonly windowBytes: number;
  /** Smoothed round trip of the media path; undefined before the first feedback. */
  readonly rttMs: number | undefined;
  /** Of packets reported on in about the last second, 0 to 1. */
  readonly fractionLost: number;
  /** The most that can be of use. Takes effect at once; falling below the target lowers it. */
  setCeiling(bitrateBps: number): void;
  /**
   * Every packet that leaves, probes and repair included.
   * @param reported whether the far side tells of it in transport-wide feedback; of RTCP it does not.
   */
  handleSent(bytes: number, nowUs: number, reported: boolean): void;
  handleReport(report: TransportReport): void;
  handleReceiverReport(report: ReceiverReport): void;
  /** REMB (draft-alvestrand-rmcat-remb-03): the estimate of a far side without transport-wide feedback. */
  handleReceiverEstimate(bitrateBps: number): void;
  /**
   * What depends on time alone happens here. To be asked at least every 25 ms while pictures are sent,
   * every 100 ms else.
   */
  tick(nowUs: number): ProbeCluster | undefined;
}

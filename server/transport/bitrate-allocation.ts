/** Below this no codec makes a picture that can be played: better late than unreadable. */
const MIN_VIDEO_BPS = 100_000;

/**
 * Of what is needed now, for what may be needed next: losses that begin should not cost the chosen
 * picture before the ceiling has followed them.
 */
const REPAIR_HEADROOM = 1.1;

/** How a stream's frames are cut. */
export interface PacketShape {
  /** Frames a second. */
  readonly frameRate: number;
  readonly maxPayloadBytes: number;
  /** What each packet adds on the wire: RTP header, SRTP tag, UDP header. */
  readonly overheadBytes: number;
}

/** What shares a target. All rates are bits a second on the wire. */
export interface BitrateShares {
  readonly targetBps: number;
  readonly audioBps: number;
  readonly retransmissionBps: number;
}

/** Packets that a frame of this wire rate has, at least 1. */
export function packetsPerFrame(wireBps: number, shape: PacketShape): number {
  const frameBytes = wireBps / 8 / shape.frameRate;
  return Math.max(1, Math.ceil(frameBytes / (shape.maxPayloadBytes + shape.overheadBytes)));
}

/** What is left for packets of video and their error correction. */
export function videoWireBps({ targetBps, audioBps, retransmissionBps }: BitrateShares): number {
  return Math.max(0, targetBps - audioBps - retransmissionBps);
}

/**
 * @param repairRatio packets of error correction per packet of video.
 * @returns payload bits a second that the video encoder should make of a target; at least 100,000.
 */
export function videoPayloadBps(
  shares: BitrateShares,
  repairRatio: number,
  shape: PacketShape,
): number {
  const wireBps = videoWireBps(shares) / (1 + repairRatio);
  const headersBps = packetsPerFrame(wireBps, shape) * shape.overheadBytes * 8 * shape.frameRate;
  return Math.max(MIN_VIDEO_BPS, wireBps - headersBps);
}

/**
 * @param costs what goes on beside the video now.
 * @returns the target above which more is of no use to a video of this payload rate.
 */
export function usefulTargetBps(
  videoBps: number,
  costs: Omit<BitrateShares, 'targetBps'>,
  repairRatio: number,
  shape: PacketShape,
): number {
  const frameBytes = videoBps / 8 / shape.frameRate;
  const packets = Math.max(1, Math.ceil(frameBytes / shape.maxPayloadBytes));
  const headersBps = packets * shape.overheadBytes * 8 * shape.frameRate;
  const wireBps = (videoBps + headersBps) * (1 + repairRatio);
  return wireBps * REPAIR_HEADROOM + costs.audioBps + costs.retransmissionBps;
}

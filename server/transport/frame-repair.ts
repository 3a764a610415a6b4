import type { FlexfecEncoder } from './flexfec-encoder.ts';
import type { LossProtection } from './loss-protection.ts';
import type { VideoPacket } from './packet-history.ts';

/** Of one frame's time: a burst of losses this long at 60 frames of 20 packets lasted 25 ms. */
const MAX_REPEATED_PACKETS = 30;

const NO_PACKETS: readonly Buffer[] = [];

/**
 * The repair packets that go behind a frame. Where retransmission takes too long once, it must not
 * be needed twice: what was just sent again is repeated here, a moment later and so past the same
 * burst of losses.
 */
export class FrameRepair {
  readonly #protection: LossProtection;
  /** Since the last frame. */
  readonly #resent: VideoPacket[] = [];

  constructor(protection: LossProtection) {
    this.#protection = protection;
  }

  /** A packet that goes out once more. */
  handleResent(packet: VideoPacket): void {
    if (!this.#protection.repairs || this.#resent.length >= MAX_REPEATED_PACKETS) return;
    this.#resent.push(packet);
  }

  /** @param packets of one frame. @returns what is to follow them. */
  protect(fec: FlexfecEncoder, packets: readonly Buffer[], timestamp: number): readonly Buffer[] {
    const count = this.#protection.repairPackets(packets.length);
    const resent = this.#resent;
    if (count === 0 && resent.length === 0) return NO_PACKETS;
    const repair = count > 0 ? fec.encode(packets, count, timestamp) : [];
    for (const { packet } of resent) repair.push(...fec.encode([packet], 1, timestamp));
    resent.length = 0;
    return repair;
  }
}

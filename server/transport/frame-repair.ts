import type { FlexfecEncoder } from './flexfec-encoder.ts';
import type { LossProtection } from './loss-protection.ts';
import type { VideoPacket } from './packet-history.ts';

/** Of one frame's time: a burst of losses this long at 60 frames of 20 packets lasted 25 ms. */
const MAX_REPEATED_PACKETS = 30;

/** libwebrtc recovers from the last 192 packets of media: two frames have to be among them. */
const MAX_HELD_BEHIND = 96;

const NO_PACKETS: readonly Buffer[] = [];

/**
 * The repair packets that go behind a frame. Where losses come in bursts they go behind the next one:
 * right behind their own, the burst that takes its last packets takes them, too, and a frame's time is
 * less than a retransmission's.
 *
 * Where retransmission takes too long once, it must not be needed twice: what was just sent again is
 * repeated here, a moment later and so past the same burst of losses.
 */
export class FrameRepair {
  readonly #protection: LossProtection;
  /** Since the last frame. */
  readonly #resent: VideoPacket[] = [];
  /** Of the last frame. */
  #held: readonly Buffer[] = NO_PACKETS;
  #heldSinceUs = 0;

  constructor(protection: LossProtection) {
    this.#protection = protection;
  }

  /** A packet that goes out once more. */
  handleResent(packet: VideoPacket): void {
    if (!this.#protection.repairs || this.#resent.length >= MAX_REPEATED_PACKETS) return;
    this.#resent.push(packet);
  }

  /** @param packets of one frame. @returns what is to follow them. */
  protect(
    fec: FlexfecEncoder,
    packets: readonly Buffer[],
    timestamp: number,
    nowUs: number,
  ): readonly Buffer[] {
    const count = this.#protection.repairPackets(packets.length);
    const resent = this.#resent;
    const held = this.#held;
    this.#held = NO_PACKETS;
    if (count === 0 && resent.length === 0) return held;
    const repair = [...held];
    const own = count > 0 ? fec.encode(packets, count, timestamp) : NO_PACKETS;
    if (this.#protection.bursty && packets.length <= MAX_HELD_BEHIND) {
      this.#held = own;
      this.#heldSinceUs = nowUs;
    } else repair.push(...own);
    for (const { packet } of resent) repair.push(...fec.encode([packet], 1, timestamp));
    resent.length = 0;
    return repair;
  }

  /** What has been held back since before then: no frame has come that it could follow. */
  takeHeld(beforeUs: number): readonly Buffer[] {
    if (this.#heldSinceUs > beforeUs) return NO_PACKETS;
    const held = this.#held;
    this.#held = NO_PACKETS;
    return held;
  }

  /** The numbers of the packets that it repairs are given to others. */
  dropHeld(): void {
    this.#held = NO_PACKETS;
  }
}

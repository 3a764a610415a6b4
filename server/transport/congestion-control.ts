/** What the sender learns from the far side, as far as a rate can be drawn from it. */
export interface ReceiverFeedback {
  /** When the report arrived, microseconds of the worker's clock. */
  readonly receivedUs: number;
  /** Fraction of packets lost since the last report, 0 to 1 (RFC 3550 §6.4.1). */
  readonly fractionLost: number;
  /** Round-trip time in milliseconds where the report carries one. */
  readonly rttMs: number | undefined;
}

/** Decides how many bits a second the video encoder may produce. */
export interface CongestionControl {
  /** Bits a second for video, payload only. */
  readonly targetBitrateBps: number;
  /** The most the player asked for. */
  setCeiling(bitrateBps: number): void;
  handleFeedback(feedback: ReceiverFeedback): void;
}

/** Sends at the ceiling whatever the network does: right on a LAN, the baseline elsewhere. */
export class FixedRate implements CongestionControl {
  #ceilingBps: number;

  constructor(ceilingBps: number) {
    this.#ceilingBps = ceilingBps;
  }

  get targetBitrateBps(): number {
    return this.#ceilingBps;
  }

  setCeiling(bitrateBps: number): void {
    this.#ceilingBps = bitrateBps;
  }

  handleFeedback(): void {}
}

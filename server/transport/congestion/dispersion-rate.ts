import type { PacketResult, TransportReport } from './congestion-control.ts';

/** Packets sent no further apart are one train: a frame leaves in a millisecond or two. */
const TRAIN_GAP_US = 3_000;

/** Of fewer packets the far side's clock, which counts quarters of a millisecond, tells too much. */
const MIN_PACKETS = 6;

/** Trains until their mean is believed. */
const MIN_TRAINS = 8;

/** Weight of the newest train: the mean is that of about half a second at 60 frames a second. */
const GAIN = 1 / 32;

/**
 * How fast the path lets through what is sent at once, from how far apart the packets of a frame
 * arrive: the dispersion of a packet train (Dovrolis, Ramanathan and Moore, "Packet-dispersion
 * techniques and a capacity-estimation methodology", 2004). Never faster than they were sent, and
 * slower than the path where others share it.
 */
export class DispersionRate {
  /** Means over trains, of all that arrived behind their first packets. */
  #bits = 0;
  #spanUs = 0;
  #trains = 0;
  #packets = 0;
  #trainBits = 0;
  #firstReceivedUs = 0;
  #lastReceivedUs = 0;
  #lastSentUs = Number.NEGATIVE_INFINITY;
  #overtaken = false;

  /** Bits a second on the wire; undefined while too little is known. */
  get bitrateBps(): number | undefined {
    if (this.#trains < MIN_TRAINS) return undefined;
    return this.#spanUs > 0 ? (this.#bits * 1e6) / this.#spanUs : Number.POSITIVE_INFINITY;
  }

  handleReport({ packets }: TransportReport): void {
    for (const packet of packets) {
      if (packet.receivedUs !== undefined) this.#add(packet, packet.receivedUs);
    }
  }

  #add({ sentUs, bytes, probeId }: PacketResult, receivedUs: number): void {
    // A probe is sent at a rate of its own, slower than all that a frame may.
    if (sentUs - this.#lastSentUs > TRAIN_GAP_US || probeId !== undefined) this.#finish();
    this.#lastSentUs = sentUs;
    if (probeId !== undefined) return;
    if (this.#packets === 0) this.#firstReceivedUs = receivedUs;
    else {
      this.#trainBits += bytes * 8;
      if (receivedUs < this.#lastReceivedUs) this.#overtaken = true;
    }
    this.#packets++;
    this.#lastReceivedUs = receivedUs;
  }

  /** Where packets overtook one another, when they arrived says nothing of how many could. */
  #finish(): void {
    if (this.#packets >= MIN_PACKETS && !this.#overtaken) {
      this.#trains++;
      const weight = Math.max(GAIN, 1 / this.#trains);
      const spanUs = this.#lastReceivedUs - this.#firstReceivedUs;
      this.#bits += weight * (this.#trainBits - this.#bits);
      this.#spanUs += weight * (spanUs - this.#spanUs);
    }
    this.#packets = 0;
    this.#trainBits = 0;
    this.#overtaken = false;
  }
}

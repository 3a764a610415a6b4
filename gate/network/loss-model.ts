import type { LossModelData } from './link-model.ts';
import type { SeededRandom } from './seeded-random.ts';

/** Decides packet by packet which are lost. */
export interface LossModel {
  /** Asked once for each packet, in order. */
  loses(): boolean;
}

class RandomLoss implements LossModel {
  readonly #share: number;
  readonly #random: SeededRandom;

  constructor(share: number, random: SeededRandom) {
    this.#share = share;
    this.#random = random;
  }

  loses(): boolean {
    return this.#random.next() < this.#share;
  }
}

/**
 * Gilbert's two states, of which the bad one loses every packet and the good one none (Gilbert 1960;
 * Elliott 1963 with both losses at their ends, as mean loss and mean burst fix two parameters only).
 */
class BurstLoss implements LossModel {
  readonly #random: SeededRandom;
  /** Chances of changing the state with a packet. */
  readonly #begins: number;
  readonly #ends: number;
  #bad: boolean;

  constructor(share: number, meanBurstPackets: number, random: SeededRandom) {
    this.#random = random;
    // A burst is geometrically distributed, its mean 1 / ends; the share of bad packets in the long
    // run is begins / (begins + ends).
    this.#ends = 1 / meanBurstPackets;
    this.#begins = (this.#ends * share) / (1 - share);
    this.#bad = random.next() < share;
  }

  loses(): boolean {
    const lost = this.#bad;
    this.#bad = lost ? this.#random.next() >= this.#ends : this.#random.next() < this.#begins;
    return lost;
  }
}

export function lossModel(data: LossModelData, random: SeededRandom): LossModel {
  if (data.kind === 'random') return new RandomLoss(data.share, random);
  return new BurstLoss(data.share, data.meanBurstPackets, random);
}

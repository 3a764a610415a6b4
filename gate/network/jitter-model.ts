import type { JitterData } from './link-model.ts';
import type { SeededRandom } from './seeded-random.ts';

/**
 * Share of a normal distribution below `x`: the error function by formula 7.1.26 of Abramowitz and
 * Stegun, good to 1.5 · 10⁻⁷.
 */
function normalShareBelow(x: number): number {
  const size = Math.abs(x) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * size);
  const polynomial =
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const tail = (polynomial * Math.exp(-size * size)) / 2;
  return x > 0 ? 1 - tail : tail;
}

/**
 * The varying part of a delay, evenly distributed over ± `spreadMs` (deviation: spread / √3).
 *
 * With a correlation time it follows an Ornstein–Uhlenbeck process, sampled exactly at the packets'
 * own times and bent from a normal to an even distribution: neighbours wait about as long as each
 * other, as they do behind a scheduler that serves other people, and the far ends of a stream are
 * unrelated. Without, each packet draws its own.
 */
export class JitterModel {
  readonly #spreadUs: number;
  readonly #correlationUs: number;
  readonly #random: SeededRandom;
  #level: number;
  #atUs: number | undefined;

  constructor({ spreadMs, correlationMs }: JitterData, random: SeededRandom) {
    this.#spreadUs = spreadMs * 1000;
    this.#correlationUs = correlationMs * 1000;
    this.#random = random;
    this.#level = random.normal();
  }

  /** @param atUs when the packet leaves the bottleneck: never earlier than the packet before. */
  nextUs(atUs: number): number {
    if (this.#spreadUs === 0) return 0;
    if (this.#correlationUs === 0) return this.#spreadUs * (2 * this.#random.next() - 1);
    const passedUs = Math.max(0, atUs - (this.#atUs ?? atUs));
    this.#atUs = atUs;
    const kept = Math.exp(-passedUs / this.#correlationUs);
    this.#level = kept * this.#level + Math.sqrt(1 - kept * kept) * this.#random.normal();
    return this.#spreadUs * (2 * normalShareBelow(this.#level) - 1);
  }
}

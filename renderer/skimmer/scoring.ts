/** Pearls and close shaves in a row that raise the multiplier by one. */
const CHAIN_PER_STEP = 8;
export const MAX_MULTIPLIER = 8;
/** A chain lives this long after its last link, seconds: a stretch takes 2 to 4. */
export const CHAIN_LIFE_S = 4;

const PEARL_POINTS = 10;
const GOLDEN_POINTS = 100;
const LINE_POINTS = 50;
const NEAR_MISS_POINTS = 40;
const POINTS_PER_METRE = 1;

/** The score of one run, and the chain that multiplies it. */
export class Scoring {
  /** Pearls and close shaves since the chain last broke. */
  chain = 0;
  /** Seconds until the chain breaks. */
  chainLeftS = 0;
  pearls = 0;
  nearMisses = 0;
  bestMultiplier = 1;
  #points = 0;

  /** Whole points. */
  get score(): number {
    return Math.floor(this.#points);
  }

  /** 1 to {@link MAX_MULTIPLIER}. */
  get multiplier(): number {
    return Math.min(1 + Math.floor(this.chain / CHAIN_PER_STEP), MAX_MULTIPLIER);
  }

  /** Distance scores twice while boosting. */
  addDistance(metres: number, boosting: boolean): void {
    this.#points += metres * POINTS_PER_METRE * (boosting ? 2 : 1);
  }

  /** Each of these returns the points it earned. */
  addPearl(golden: boolean): number {
    this.pearls++;
    this.#link();
    return this.#earn(golden ? GOLDEN_POINTS : PEARL_POINTS);
  }

  /** Every pearl of a line was taken. */
  addLine(): number {
    return this.#earn(LINE_POINTS);
  }

  addNearMiss(): number {
    this.nearMisses++;
    this.#link();
    return this.#earn(NEAR_MISS_POINTS);
  }

  breakChain(): void {
    this.chain = 0;
    this.chainLeftS = 0;
  }

  step(dtS: number): void {
    if (this.chain === 0) return;
    this.chainLeftS -= dtS;
    if (this.chainLeftS <= 0) this.breakChain();
  }

  #link(): void {
    this.chain++;
    this.chainLeftS = CHAIN_LIFE_S;
    this.bestMultiplier = Math.max(this.bestMultiplier, this.multiplier);
  }

  #earn(points: number): number {
    const earned = points * this.multiplier;
    this.#points += earned;
    return earned;
  }
}

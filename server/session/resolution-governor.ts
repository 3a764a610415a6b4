import { RESOLUTIONS, type Resolution, resolutionIndex } from '../../protocol/stream-settings.ts';

/** Below this share of the target rate the picture is too expensive for the machine. */
const TOO_SLOW = 0.75;
/** One slow second is a page loading; two in a row are the machine's word. */
const SLOW_SECONDS = 2;
/** At this share of the target rate a larger picture may be worth a try… */
const STEADY = 0.97;
/** …when it has held this long; each try that fails doubles the wait for the next, up to a limit… */
const FIRST_PATIENCE_SECONDS = 15;
const MAX_PATIENCE_SECONDS = 240;
/** …and a frame takes less than this share of its interval: the next size has about 1.6 × the pixels. */
const HEADROOM = 0.6;

/** What one second of streaming looked like. */
export interface StreamSecond {
  readonly framesPerSecond: number;
  /** From tick to encoded, 95th percentile, milliseconds. */
  readonly frameCostP95Ms: number;
  /** How late the event loop was at its worst, milliseconds. */
  readonly eventLoopDelayP99Ms: number;
}

/** What a smaller picture would change. */
export type ManagedSecond = Pick<StreamSecond, 'framesPerSecond' | 'frameCostP95Ms'>;

/**
 * Finds the largest picture the machine sustains beside everything else that runs on it. Steps down
 * soon and up late, and later still to a size that proved too large before.
 */
export class ResolutionGovernor {
  readonly #frameRate: number;
  readonly #largest: number;
  #index: number;
  #patienceSeconds = FIRST_PATIENCE_SECONDS;
  #steppedUp = false;
  #slowSeconds = 0;
  #steadySeconds = 0;

  /** @param largest the size not to exceed: what the player's settings or the default say. */
  constructor(start: Resolution, largest: Resolution, frameRate: number) {
    this.#frameRate = frameRate;
    this.#index = resolutionIndex(start);
    this.#largest = resolutionIndex(largest);
  }

  /** Whether there is a smaller picture left to try. */
  get canYield(): boolean {
    return this.#index > 0;
  }

  /** @returns the size to change to, or undefined to stay. */
  handleSecond(second: ManagedSecond): Resolution | undefined {
    const share = second.framesPerSecond / this.#frameRate;
    this.#slowSeconds = share < TOO_SLOW ? this.#slowSeconds + 1 : 0;
    const light = second.frameCostP95Ms < (1000 / this.#frameRate) * HEADROOM;
    this.#steadySeconds = share >= STEADY && light ? this.#steadySeconds + 1 : 0;
    if (this.#slowSeconds >= SLOW_SECONDS && this.#index > 0) {
      if (this.#steppedUp) {
        this.#patienceSeconds = Math.min(MAX_PATIENCE_SECONDS, this.#patienceSeconds * 2);
      }
      this.#steppedUp = false;
      return this.#change(this.#index - 1);
    }
    if (this.#steadySeconds >= this.#patienceSeconds && this.#index < this.#largest) {
      this.#steppedUp = true;
      return this.#change(this.#index + 1);
    }
    return undefined;
  }

  #change(index: number): Resolution | undefined {
    this.#index = index;
    this.#slowSeconds = 0;
    this.#steadySeconds = 0;
    return RESOLUTIONS[index];
  }
}

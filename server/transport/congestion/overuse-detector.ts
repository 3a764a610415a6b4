/** What the delay says of the path (draft-ietf-rmcat-gcc-02 §5.4). */
export type Usage = 'normal' | 'overuse' | 'underuse';

/** Makes a slope comparable with a threshold in milliseconds: 60 groups, times a gain of 4. */
const TREND_GAIN = 4;
const MAX_SAMPLES = 60;

/** del_var_th(0), and its bounds: [6, 600] (§5.4). */
const INITIAL_THRESHOLD = 12.5;
const MIN_THRESHOLD = 6;
const MAX_THRESHOLD = 600;

/**
 * How fast the threshold follows the trend up and down, per millisecond (§5.4, K_u and K_d with
 * their parts as deployed: 0.0087 and 0.039). It rises beside a flow that fills the queue, so that
 * ours is not the only one to give way, and comes back once that flow has gone.
 */
const RISE_PER_MS = 0.0087;
const FALL_PER_MS = 0.039;

/** A trend so far outside is a sudden event, not a competing flow: the threshold ignores it (§5.4). */
const MAX_EXCESS = 15;

const MAX_STEP_MS = 100;

/** overuse_time_th (§5.6): one late group is no overuse. */
const OVERUSE_TIME_MS = 10;

/** Compares the trend with a threshold that adapts to the path. */
export class OveruseDetector {
  #usage: Usage = 'normal';
  #threshold = INITIAL_THRESHOLD;
  #lastTrend = 0;
  #lastUpdateMs: number | undefined;
  #overMs = 0;
  #overSamples = 0;

  get usage(): Usage {
    return this.#usage;
  }

  /** In the units of the scaled trend. */
  get threshold(): number {
    return this.#threshold;
  }

  /**
   * @param trend milliseconds of delay per millisecond
   * @param samples groups behind the trend: few of them weigh less
   * @param sendDeltaMs between the groups compared last
   * @param atMs any steady clock.
   */
  update(trend: number, samples: number, sendDeltaMs: number, atMs: number): Usage {
    if (samples < 2) return this.#usage;
    const scaled = Math.min(samples, MAX_SAMPLES) * trend * TREND_GAIN;
    if (scaled > this.#threshold) {
      // On average the threshold was crossed half-way between two groups.
      this.#overMs += this.#overSamples === 0 ? sendDeltaMs / 2 : sendDeltaMs;
      this.#overSamples++;
      const sustained = this.#overMs > OVERUSE_TIME_MS && this.#overSamples > 1;
      if (sustained && trend >= this.#lastTrend) {
        this.#usage = 'overuse';
        this.#overMs = 0;
        this.#overSamples = 0;
      }
    } else {
      this.#overMs = 0;
      this.#overSamples = 0;
      this.#usage = scaled < -this.#threshold ? 'underuse' : 'normal';
    }
    this.#lastTrend = trend;
    this.#adapt(Math.abs(scaled), atMs);
    return this.#usage;
  }

  #adapt(magnitude: number, atMs: number): void {
    const stepMs = Math.min(Math.max(atMs - (this.#lastUpdateMs ?? atMs), 0), MAX_STEP_MS);
    this.#lastUpdateMs = atMs;
    const excess = magnitude - this.#threshold;
    if (excess > MAX_EXCESS) return;
    const rate = excess < 0 ? FALL_PER_MS : RISE_PER_MS;
    const adapted = this.#threshold + rate * excess * stepMs;
    this.#threshold = Math.min(Math.max(adapted, MIN_THRESHOLD), MAX_THRESHOLD);
  }
}

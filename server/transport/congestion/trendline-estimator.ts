/** Groups in the window: about a third of a second of 60 frames a second. */
const WINDOW = 20;

/** Weight of the past when the delay is smoothed: evens out single late groups. */
const SMOOTHING = 0.9;

/**
 * Slope of the queueing delay over time: above zero the queue grows. Takes the place of the Kalman
 * filter of draft-ietf-rmcat-gcc-02 §5.3: a least-squares line through the last groups needs no
 * model of the noise.
 */
export class TrendlineEstimator {
  readonly #timesMs = new Float64Array(WINDOW);
  readonly #delaysMs = new Float64Array(WINDOW);
  #samples = 0;
  #firstArrivalUs = 0;
  #accumulatedMs = 0;
  #smoothedMs = 0;
  #trend = 0;

  /** Milliseconds of delay gained per millisecond. */
  get trend(): number {
    return this.#trend;
  }

  /** Groups compared since the beginning. */
  get samples(): number {
    return this.#samples;
  }

  /** @param arrivalUs of the later group. */
  add(sendDeltaUs: number, arrivalDeltaUs: number, arrivalUs: number): void {
    if (this.#samples === 0) this.#firstArrivalUs = arrivalUs;
    this.#accumulatedMs += (arrivalDeltaUs - sendDeltaUs) / 1000;
    this.#smoothedMs = SMOOTHING * this.#smoothedMs + (1 - SMOOTHING) * this.#accumulatedMs;
    const slot = this.#samples % WINDOW;
    this.#timesMs[slot] = (arrivalUs - this.#firstArrivalUs) / 1000;
    this.#delaysMs[slot] = this.#smoothedMs;
    this.#samples++;
    if (this.#samples >= WINDOW) this.#trend = this.#slope();
  }

  #slope(): number {
    let meanTime = 0;
    let meanDelay = 0;
    for (let i = 0; i < WINDOW; i++) {
      meanTime += (this.#timesMs[i] ?? 0) / WINDOW;
      meanDelay += (this.#delaysMs[i] ?? 0) / WINDOW;
    }
    let covariance = 0;
    let variance = 0;
    for (let i = 0; i < WINDOW; i++) {
      const time = (this.#timesMs[i] ?? 0) - meanTime;
      covariance += time * ((this.#delaysMs[i] ?? 0) - meanDelay);
      variance += time * time;
    }
    return variance > 0 ? covariance / variance : this.#trend;
  }
}

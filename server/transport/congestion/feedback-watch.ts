import { WindowedMinimum } from './windowed-minimum.ts';

/** Feedback comes every 50 to 250 ms, later by a round trip and by what it queues. */
const SILENCE_US = 400_000;
const SILENCE_RTTS = 2;

/**
 * Feedback later than this is overdue. Then a trickle goes on, or a path that lost a whole window
 * would stay shut: a packet every 50 ms, or a tenth of the target where that is more.
 */
const OVERDUE_US = 50_000;
const OVERDUE_INTERVALS = 2;
const TRICKLE_BPS = 192_000;
const TRICKLE_RATIO = 0.1;

/** While silence lasts, the rate goes down this much each time the interval has passed. */
const STEP_US = 400_000;

/** Where reports get lost, they do so again: a burst of losses comes every few seconds. */
const UNTOLD_WINDOW_US = 10_000_000;
/** More is an outage of the path, which is not to be filled. */
const MAX_UNTOLD_MS = 200;

const MIN_INTERVAL_MS = 50;
const MAX_INTERVAL_MS = 250;
const GAIN = 1 / 8;

/** Watches when feedback comes, and that it comes while packets are sent. */
export class FeedbackWatch {
  #intervalMs = MAX_INTERVAL_MS / 2;
  #lastReportUs: number | undefined;
  /** First packet that is to be reported on, sent since the last report. */
  #waitingSinceUs: number | undefined;
  #lastStepUs = Number.NEGATIVE_INFINITY;
  #lastTickUs: number | undefined;
  #trickleBytes = 0;
  #silent = false;
  /** Negative: the longest is sought. */
  readonly #untoldMs = new WindowedMinimum(UNTOLD_WINDOW_US);

  /** Whether any has come at all. */
  get seen(): boolean {
    return this.#lastReportUs !== undefined;
  }

  /** Packets leave and nothing is heard of them. */
  get silent(): boolean {
    return this.#silent;
  }

  /** Smoothed time between two reports, 50 to 250. */
  get intervalMs(): number {
    return this.#intervalMs;
  }

  /** For how long lately nothing was told because reports were lost, 0 to 200. */
  get untoldMs(): number {
    const longestMs = -this.#untoldMs.value;
    return Math.min(Math.max(0, longestMs), MAX_UNTOLD_MS);
  }

  /** What may be in flight beyond the window, so that something is heard again. */
  get trickleBytes(): number {
    return this.#trickleBytes;
  }

  /** A packet left that the far side reports on. */
  handleSent(nowUs: number): void {
    this.#waitingSinceUs ??= nowUs;
  }

  /**
   * @param untoldUs as the report has it.
   * @returns whether it ends a silence.
   */
  handleReport(nowUs: number, untoldUs = 0): boolean {
    this.#untoldMs.add(-untoldUs / 1000, nowUs);
    const elapsedMs = (nowUs - (this.#lastReportUs ?? nowUs)) / 1000;
    if (elapsedMs > 0) {
      const bounded = Math.min(Math.max(elapsedMs, MIN_INTERVAL_MS), MAX_INTERVAL_MS);
      this.#intervalMs += (bounded - this.#intervalMs) * GAIN;
    }
    const ended = this.#silent;
    this.#lastReportUs = nowUs;
    this.#waitingSinceUs = undefined;
    this.#silent = false;
    this.#trickleBytes = 0;
    return ended;
  }

  /** @returns whether it is time to go down one step. */
  tick(nowUs: number, rttMs: number, targetBps: number): boolean {
    const elapsedUs = Math.max(0, nowUs - (this.#lastTickUs ?? nowUs));
    this.#lastTickUs = nowUs;
    if (this.#lastReportUs === undefined || this.#waitingSinceUs === undefined) return false;
    const overdueUs = OVERDUE_US + (rttMs + OVERDUE_INTERVALS * this.#intervalMs) * 1000;
    if (nowUs - this.#waitingSinceUs > overdueUs) {
      const trickleBps = Math.max(TRICKLE_BPS, targetBps * TRICKLE_RATIO);
      this.#trickleBytes += (trickleBps * elapsedUs) / 8e6;
    }
    const patienceUs = SILENCE_US + SILENCE_RTTS * rttMs * 1000;
    this.#silent = nowUs - this.#waitingSinceUs > patienceUs;
    if (!this.#silent || nowUs - this.#lastStepUs < STEP_US) return false;
    this.#lastStepUs = nowUs;
    return true;
  }
}

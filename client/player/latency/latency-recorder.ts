import type { FrameMessage } from '../../../protocol/frame-messages.ts';
import type { LatencySample, LatencySnapshot } from '../player-snapshot.ts';
import { ClockOffset } from './clock-offset.ts';
import { type DisplayedFrame, FrameAccounting } from './frame-accounting.ts';
import { LatencyPercentiles, type LatencyReport } from './percentiles.ts';

/** Over eight minutes of ten inputs a second: enough for any bench, about 1 MB. */
const KEPT_SAMPLES = 5000;
const RECENT_SAMPLES = 120;

/** Everything about latency of one player: clock, accounting, distribution, samples. */
export class LatencyRecorder {
  #clock = new ClockOffset();
  #percentiles = new LatencyPercentiles();
  readonly #samples: LatencySample[] = [];
  readonly #accounting = new FrameAccounting({
    toBrowserMs: (workerUs) => this.#clock.toBrowserMs(workerUs),
    handleSample: (sample) => {
      this.#percentiles.record(sample);
      this.#samples.push(sample);
      if (this.#samples.length > KEPT_SAMPLES) this.#samples.shift();
    },
  });

  /** The newest 5000, oldest first. */
  samples(): readonly LatencySample[] {
    return this.#samples.slice();
  }

  /** @param nowMs the browser's clock. */
  snapshot(nowMs: number): LatencySnapshot {
    return {
      total: this.#percentiles.total(),
      stages: this.#percentiles.stages(),
      recent: this.#samples.slice(-RECENT_SAMPLES),
      rttMs: this.rttMs,
      clockErrorMs: this.clockErrorMs(nowMs),
    };
  }

  /** Round trip of the pings; undefined before the first. */
  get rttMs(): number | undefined {
    return this.#clock.rttMs;
  }

  /** See {@link ClockOffset.errorMs}. */
  clockErrorMs(nowMs: number): number | undefined {
    return this.#clock.errorMs(nowMs);
  }

  handleInput(seq: number, atMs: number): void {
    this.#accounting.handleInput(seq, atMs);
  }

  handleMessage(message: FrameMessage, nowMs: number): void {
    if (message.type === 'frame') this.#accounting.handleReport(message);
    else this.#clock.handlePong(message.clientUs, message.workerUs, nowMs * 1000);
  }

  handleDisplayed(frame: DisplayedFrame): void {
    this.#accounting.handleDisplayed(frame);
  }

  /** See {@link FrameAccounting.forgetInputs}. */
  forgetInputs(): void {
    this.#accounting.forgetInputs();
  }

  /**
   * Click-to-photon over the session so far.
   * @param nowMs the browser's clock.
   */
  report(nowMs: number): LatencyReport {
    const clockErrorMs = this.clockErrorMs(nowMs);
    return { ...this.#percentiles.report(), ...(clockErrorMs !== undefined && { clockErrorMs }) };
  }

  /** Another session: its distribution is its own. */
  handleNewSession(): void {
    this.#percentiles = new LatencyPercentiles();
  }

  /** A new connection, perhaps to a new worker with a clock of its own; what was recorded stays. */
  reset(): void {
    this.#clock = new ClockOffset();
    this.#accounting.reset();
  }
}

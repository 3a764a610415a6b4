import type { FrameReport } from '../../../protocol/frame-messages.ts';
import type { LatencySample } from '../player-snapshot.ts';

/** A frame the browser showed, from `requestVideoFrameCallback`; `performance.now()` times. */
export interface DisplayedFrame {
  /** As in the report of the same frame. */
  readonly rtpTimestamp: number;
  /** Last packet arrived; undefined where the browser does not tell. */
  readonly receivedMs: number | undefined;
  /** Handed to the compositor. */
  readonly presentedMs: number;
  /** See `displayedFrame` in video-output for what counts as shown. */
  readonly shownMs: number;
  /** Whether the element had gone on to the frame after this one when the callback ran. */
  readonly successorVisible: boolean;
}

export interface FrameAccountingOptions {
  /** Worker microseconds on the browser's clock in milliseconds; undefined while unknown. */
  readonly toBrowserMs: (workerUs: number) => number | undefined;
  readonly handleSample: (sample: LatencySample) => void;
}

interface TrackedInput {
  readonly seq: number;
  readonly atMs: number;
  /** Worker clock, from the report of the first frame that names it. */
  receivedUs: number | undefined;
}

/** Four seconds of frames at 60 a second: longer than any report or frame may be late. */
const KEPT_REPORTS = 256;

/**
 * How many displayed frames wait for a report before it counts as lost. Reports leave the worker as
 * the frame's last packet does and need no decoding, so a report 16 frames late is none.
 */
const AWAITED_FRAMES = 16;

/** Inputs on the way at once; far more than a person makes in the time a frame takes. */
const KEPT_INPUTS = 1024;

/**
 * Follows inputs to the screen. Reports and displayed frames are joined exactly, by RTP timestamp,
 * in whatever order they come. Each input is credited to the first displayed frame that shows it:
 * also when the frame drawn for it was lost or skipped, so that bad moments are not left out.
 *
 * A report names only the newest input of its tick. One applied in the same tick as a newer one was
 * received no later, so its border between uplink and wait is put where the newer one's is: which of
 * the two stages is to blame is then uncertain, the total is not.
 *
 * A frame that is presented between a callback and the one before it being asked for again gets a late
 * callback of its own or none. Where the element was found to show it already, that is when it counts
 * as shown.
 *
 * Not sampled, because nothing exact is known: inputs first seen right after a displayed frame whose
 * report was lost, where they happened before that one was shown (either frame may have been the
 * first). The report of a connection's first frame is often lost: it leaves before its channel is open.
 */
export class FrameAccounting {
  readonly #options: FrameAccountingOptions;
  readonly #reports = new Map<number, FrameReport>();
  #inputs: TrackedInput[] = [];
  /** Displayed, in order, from the oldest whose report has not come. */
  #displayed: DisplayedFrame[] = [];
  #lastDisplayed: number | undefined;
  /** The newest displayed frame that was joined to its report. */
  #joined: { readonly frame: DisplayedFrame; readonly report: FrameReport } | undefined;
  /** When the displayed frame right before was shown, where its report was lost. */
  #unreportedMs = Number.NEGATIVE_INFINITY;

  constructor(options: FrameAccountingOptions) {
    this.#options = options;
  }

  /** An input was sent that happened at `atMs`. Sequence numbers rise. */
  handleInput(seq: number, atMs: number): void {
    this.#inputs.push({ seq, atMs, receivedUs: undefined });
    if (this.#inputs.length > KEPT_INPUTS) this.#inputs.shift();
  }

  handleReport(report: FrameReport): void {
    this.#reports.set(report.rtpTimestamp, report);
    if (this.#reports.size > KEPT_REPORTS) {
      const oldest = this.#reports.keys().next();
      if (!oldest.done) this.#reports.delete(oldest.value);
    }
    for (const input of this.#inputs) {
      if (input.seq === report.inputSeq) input.receivedUs ??= report.inputReceivedUs;
    }
    this.#join();
  }

  handleDisplayed(frame: DisplayedFrame): void {
    if (frame.rtpTimestamp === this.#lastDisplayed) return;
    this.#lastDisplayed = frame.rtpTimestamp;
    this.#displayed.push(frame);
    this.#join();
  }

  /** Nobody was looking: what happened meanwhile has no first frame that anybody saw. */
  forgetInputs(): void {
    this.#inputs = [];
  }

  /** A new connection: nothing sent or shown before it belongs to what comes. */
  reset(): void {
    this.#reports.clear();
    this.#inputs = [];
    this.#displayed = [];
    this.#lastDisplayed = undefined;
    this.#joined = undefined;
    this.#unreportedMs = Number.NEGATIVE_INFINITY;
  }

  #join(): void {
    for (let frame = this.#displayed[0]; frame; frame = this.#displayed[0]) {
      const report = this.#reports.get(frame.rtpTimestamp);
      if (!report && this.#displayed.length <= AWAITED_FRAMES) return;
      this.#displayed.shift();
      if (report) {
        this.#creditSuccessor(frame);
        this.#credit(frame, report);
        this.#joined = { frame, report };
      } else {
        this.#joined = undefined;
        this.#unreportedMs = frame.shownMs;
      }
    }
  }

  /** Credits the frame after the last joined one where that callback found it on screen already. */
  #creditSuccessor(next: DisplayedFrame): void {
    const last = this.#joined;
    if (!last?.frame.successorVisible || this.#inputs.length === 0) return;
    for (const report of this.#reports.values()) {
      if (report.frameNumber !== last.report.frameNumber + 1) continue;
      const { rtpTimestamp } = report;
      const { shownMs } = last.frame;
      const receivedMs = next.rtpTimestamp === rtpTimestamp ? next.receivedMs : undefined;
      this.#credit(
        { rtpTimestamp, receivedMs, presentedMs: shownMs, shownMs, successorVisible: false },
        report,
      );
      return;
    }
  }

  #credit(frame: DisplayedFrame, report: FrameReport): void {
    const unreportedMs = this.#unreportedMs;
    this.#unreportedMs = Number.NEGATIVE_INFINITY;
    for (let input = this.#inputs[0]; input; input = this.#inputs[0]) {
      if (input.seq > report.inputSeq) return;
      this.#inputs.shift();
      if (input.atMs < unreportedMs) continue;
      const receivedUs = input.receivedUs ?? report.inputReceivedUs;
      const sample = this.#sample(input.seq, input.atMs, receivedUs, frame, report);
      if (sample) this.#options.handleSample(sample);
    }
  }

  #sample(
    inputSeq: number,
    inputAtMs: number,
    receivedUs: number,
    frame: DisplayedFrame,
    report: FrameReport,
  ): LatencySample | undefined {
    const receivedMs = this.#options.toBrowserMs(receivedUs);
    const tickMs = this.#options.toBrowserMs(report.tickUs);
    if (receivedMs === undefined || tickMs === undefined) return undefined;
    const shownAtMs = Math.max(frame.shownMs, inputAtMs);
    const renderedMs = tickMs + report.renderUs / 1000;
    const encodedMs = renderedMs + report.encodeUs / 1000;
    // The worker's stamps are off by what the clock offset is off (at most half a round trip). A
    // border pushed past its neighbour is put on it: the neighbouring stage takes the difference,
    // no stage is negative and the sum stays the measured total.
    let border = inputAtMs;
    const until = (atMs: number): number => {
      const from = border;
      border = Math.min(Math.max(atMs, from), shownAtMs);
      return border - from;
    };
    return {
      inputSeq,
      inputAtMs,
      shownAtMs,
      frameNumber: report.frameNumber,
      totalMs: shownAtMs - inputAtMs,
      stages: {
        uplink: until(receivedMs),
        wait: until(tickMs),
        render: until(renderedMs),
        encode: until(encodedMs),
        network: until(frame.receivedMs ?? frame.presentedMs),
        decode: until(frame.presentedMs),
        present: until(shownAtMs),
      },
    };
  }
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DisplayedFrame,
  FrameAccounting,
} from '../../../../client/player/latency/frame-accounting.ts';
import type { LatencySample } from '../../../../client/player/player-snapshot.ts';
import type { FrameReport } from '../../../../protocol/frame-messages.ts';
import { LATENCY_STAGES } from '../../../../protocol/latency-stages.ts';

/** The worker's clock is this far ahead. */
const OFFSET_US = 5_000_000;

function setUp(toBrowserMs = (us: number): number | undefined => (us - OFFSET_US) / 1000) {
  const samples: LatencySample[] = [];
  const accounting = new FrameAccounting({
    toBrowserMs,
    handleSample: (sample) => samples.push(sample),
  });
  return { accounting, samples };
}

/** A frame whose tick begins at `tickMs` (browser clock), 2 ms after its input arrived. */
function report(
  rtpTimestamp: number,
  tickMs: number,
  inputSeq: number,
  fields: Partial<FrameReport> = {},
): FrameReport {
  return {
    type: 'frame',
    rtpTimestamp,
    frameNumber: rtpTimestamp & 0xffff,
    inputSeq,
    inputReceivedUs: (tickMs - 2) * 1000 + OFFSET_US,
    tickUs: tickMs * 1000 + OFFSET_US,
    renderUs: 1000,
    encodeUs: 3000,
    sendUs: 200,
    bytes: 20_000,
    keyframe: false,
    ...fields,
  };
}

/** Received 5 ms after the tick, presented at 6, shown at 14. */
function displayed(
  rtpTimestamp: number,
  tickMs: number,
  fields: Partial<DisplayedFrame> = {},
): DisplayedFrame {
  return {
    rtpTimestamp,
    receivedMs: tickMs + 5,
    presentedMs: tickMs + 6,
    shownMs: tickMs + 14,
    successorVisible: false,
    ...fields,
  };
}

const sum = ({ stages }: LatencySample) =>
  LATENCY_STAGES.reduce((total, stage) => total + stages[stage], 0);

describe('FrameAccounting', () => {
  it('credits no frame with inputs that were forgotten before it', () => {
    const { accounting, samples } = setUp();
    accounting.handleInput(1, 97);
    accounting.forgetInputs();
    accounting.handleInput(2, 98);
    accounting.handleReport(report(3000, 100, 2));
    accounting.handleDisplayed(displayed(3000, 100));
    expect(samples.map(({ inputSeq }) => inputSeq)).toEqual([2]);
  });

  it('follows an input through every stage to the screen', () => {
    const { accounting, samples } = setUp();
    accounting.handleInput(1, 97);
    accounting.handleReport(report(3000, 100, 1));
    accounting.handleDisplayed(displayed(3000, 100));
    expect(samples).toEqual([
      {
        inputSeq: 1,
        inputAtMs: 97,
        shownAtMs: 114,
        frameNumber: 3000,
        totalMs: 17,
        stages: { uplink: 1, wait: 2, render: 1, encode: 3, network: 1, decode: 1, present: 8 },
      },
    ]);
  });

  it('joins a report that comes after its frame was shown', () => {
    const { accounting, samples } = setUp();
    accounting.handleInput(1, 97);
    accounting.handleDisplayed(displayed(3000, 100));
    expect(samples).toEqual([]);
    accounting.handleReport(report(3000, 100, 1));
    expect(samples.map((sample) => sample.totalMs)).toEqual([17]);
  });

  it('credits the first of several frames that show an input, also when its report comes last', () => {
    const { accounting, samples } = setUp();
    accounting.handleInput(1, 97);
    accounting.handleDisplayed(displayed(3000, 100));
    accounting.handleDisplayed(displayed(4500, 116));
    accounting.handleReport(report(4500, 116, 1));
    accounting.handleReport(report(3000, 100, 1));
    expect(samples.map((sample) => sample.shownAtMs)).toEqual([114]);
  });

  it('does not credit a frame drawn before the input arrived', () => {
    const { accounting, samples } = setUp();
    accounting.handleInput(7, 97);
    accounting.handleReport(report(3000, 100, 6));
    accounting.handleDisplayed(displayed(3000, 100));
    expect(samples).toEqual([]);
  });

  it('follows the timestamp over the end of its 32 bits', () => {
    const { accounting, samples } = setUp();
    accounting.handleInput(1, 97);
    accounting.handleReport(report(0xffff_ff00, 100, 1));
    accounting.handleDisplayed(displayed(0xffff_ff00, 100));
    accounting.handleInput(2, 110);
    accounting.handleReport(report(1244, 116, 2));
    accounting.handleDisplayed(displayed(1244, 116));
    expect(samples.map(({ inputSeq, totalMs }) => [inputSeq, totalMs])).toEqual([
      [1, 17],
      [2, 20],
    ]);
  });

  it('counts the wait for a frame that was never shown', () => {
    const { accounting, samples } = setUp();
    accounting.handleInput(1, 97);
    accounting.handleReport(report(3000, 100, 1));
    accounting.handleReport(report(4500, 116, 1));
    accounting.handleDisplayed(displayed(4500, 116));
    expect(samples[0]?.totalMs).toBe(33);
    expect(samples[0]?.stages.wait).toBe(18);
  });

  it('samples each of two inputs that a skipped frame and the shown one were drawn for', () => {
    const { accounting, samples } = setUp();
    accounting.handleInput(1, 97);
    accounting.handleInput(2, 112);
    accounting.handleReport(report(3000, 100, 1));
    accounting.handleReport(report(4500, 116, 2));
    accounting.handleDisplayed(displayed(4500, 116));
    expect(samples.map(({ inputSeq, totalMs }) => [inputSeq, totalMs])).toEqual([
      [1, 33],
      [2, 18],
    ]);
  });

  it('samples every input applied in one tick, to the same frame', () => {
    const { accounting, samples } = setUp();
    accounting.handleInput(1, 95);
    accounting.handleInput(2, 97);
    accounting.handleReport(report(3000, 100, 2));
    accounting.handleDisplayed(displayed(3000, 100));
    expect(samples.map(({ inputSeq, totalMs }) => [inputSeq, totalMs])).toEqual([
      [1, 19],
      [2, 17],
    ]);
    for (const { stages, totalMs } of samples) {
      expect(Object.values(stages).reduce((sum, ms) => sum + ms)).toBeCloseTo(totalMs);
    }
  });

  it('credits a frame to the callback that found it on screen, before its own came', () => {
    const { accounting, samples } = setUp();
    accounting.handleReport(report(3000, 100, 0, { frameNumber: 1 }));
    accounting.handleInput(1, 104);
    accounting.handleDisplayed(displayed(3000, 100, { successorVisible: true }));
    accounting.handleReport(report(3750, 106, 1, { frameNumber: 2 }));
    accounting.handleDisplayed(displayed(3750, 116));
    expect(samples.map(({ frameNumber, totalMs }) => [frameNumber, totalMs])).toEqual([[2, 10]]);
    expect(samples.map(sum)).toEqual([10]);
  });

  it('credits a frame that was found on screen and never had a callback', () => {
    const { accounting, samples } = setUp();
    accounting.handleReport(report(3000, 100, 0, { frameNumber: 1 }));
    accounting.handleInput(1, 104);
    accounting.handleDisplayed(displayed(3000, 100, { successorVisible: true }));
    accounting.handleReport(report(3750, 106, 1, { frameNumber: 2 }));
    accounting.handleReport(report(5250, 123, 1, { frameNumber: 3 }));
    accounting.handleDisplayed(displayed(5250, 123));
    expect(samples.map(({ frameNumber, totalMs }) => [frameNumber, totalMs])).toEqual([[2, 10]]);
  });

  it('leaves out what a frame without a report may have shown first, and goes on after it', () => {
    const { accounting, samples } = setUp();
    accounting.handleInput(1, 97);
    accounting.handleDisplayed(displayed(1, 100));
    for (let i = 2; i <= 17; i++) {
      accounting.handleReport(report(i, 84 + i * 16, 1));
      accounting.handleDisplayed(displayed(i, 84 + i * 16));
    }
    expect(samples).toEqual([]);
    accounting.handleInput(2, 380);
    accounting.handleReport(report(18, 384, 2));
    accounting.handleDisplayed(displayed(18, 384));
    expect(samples.map((sample) => sample.inputSeq)).toEqual([2]);
  });

  it('samples what happened only after a frame without a report was shown', () => {
    const { accounting, samples } = setUp();
    accounting.handleDisplayed(displayed(1, 100));
    accounting.handleInput(1, 113);
    accounting.handleInput(2, 114);
    for (let i = 2; i <= 17; i++) {
      accounting.handleReport(report(i, 84 + i * 16, 2));
      accounting.handleDisplayed(displayed(i, 84 + i * 16));
    }
    // The frame before was shown at 114 ms.
    expect(samples).toMatchObject([{ inputSeq: 2, frameNumber: 2, totalMs: 116 + 14 - 114 }]);
  });

  it('does not take the same frame shown twice for a second one', () => {
    const { accounting, samples } = setUp();
    accounting.handleReport(report(3000, 100, 0));
    for (let i = 0; i < 40; i++) accounting.handleDisplayed(displayed(3000, 100));
    accounting.handleInput(1, 110);
    accounting.handleReport(report(4500, 116, 1));
    accounting.handleDisplayed(displayed(4500, 116));
    expect(samples).toHaveLength(1);
  });

  it('gives the network what belongs to decoding where the browser does not tell the arrival', () => {
    const { accounting, samples } = setUp();
    accounting.handleInput(1, 97);
    accounting.handleReport(report(3000, 100, 1));
    accounting.handleDisplayed(displayed(3000, 100, { receivedMs: undefined }));
    expect(samples[0]?.stages).toMatchObject({ network: 2, decode: 0, present: 8 });
  });

  it('samples nothing while the clocks are not known to each other', () => {
    const { accounting, samples } = setUp(() => undefined);
    accounting.handleInput(1, 97);
    accounting.handleReport(report(3000, 100, 1));
    accounting.handleDisplayed(displayed(3000, 100));
    expect(samples).toEqual([]);
  });

  it('forgets everything on a new connection', () => {
    const { accounting, samples } = setUp();
    accounting.handleInput(1, 97);
    accounting.handleReport(report(3000, 100, 1));
    accounting.reset();
    accounting.handleDisplayed(displayed(3000, 100));
    accounting.handleReport(report(3000, 100, 1));
    expect(samples).toEqual([]);
  });

  it('has stages of no negative length that add up to the total, however wrong the clocks are', () => {
    const time = fc.double({ min: -200, max: 200, noNaN: true });
    const duration = fc.integer({ min: 0, max: 100_000 });
    fc.assert(
      fc.property(
        fc.record({
          input: time,
          received: time,
          tick: time,
          renderUs: duration,
          encodeUs: duration,
          arrival: fc.option(time, { nil: undefined }),
          presented: time,
          shown: time,
        }),
        (times) => {
          const { accounting, samples } = setUp();
          accounting.handleInput(1, 1000 + times.input);
          accounting.handleReport(
            report(3000, 1000 + times.tick, 1, {
              inputReceivedUs: (1000 + times.received) * 1000 + OFFSET_US,
              renderUs: times.renderUs,
              encodeUs: times.encodeUs,
            }),
          );
          accounting.handleDisplayed({
            rtpTimestamp: 3000,
            receivedMs: times.arrival === undefined ? undefined : 1000 + times.arrival,
            presentedMs: 1000 + times.presented,
            shownMs: 1000 + times.shown,
            successorVisible: false,
          });
          const [sample] = samples;
          if (!sample) throw new Error('no sample');
          expect(sample.totalMs).toBe(
            Math.max(times.shown + 1000, times.input + 1000) - sample.inputAtMs,
          );
          expect(sum(sample)).toBeCloseTo(sample.totalMs, 9);
          for (const stage of LATENCY_STAGES)
            expect(sample.stages[stage]).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });

  it('credits every input at most once and never to a frame that lacks it, in any order of arrival', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ inputs: fc.nat(2), lost: fc.boolean(), skipped: fc.boolean() }), {
          minLength: 1,
          maxLength: 60,
        }),
        fc.infiniteStream(fc.nat(3)),
        (frames, delays) => {
          const { accounting, samples } = setUp();
          const reports = new Map<number, FrameReport>();
          const waiting: { due: number; report: FrameReport }[] = [];
          let seq = 0;
          frames.forEach((frame, i) => {
            const tickMs = 100 + i * 16;
            for (let n = 0; n < frame.inputs; n++) accounting.handleInput(++seq, tickMs - 3);
            const made = report(i * 1500, tickMs, seq, { frameNumber: i });
            reports.set(i, made);
            if (!frame.lost) waiting.push({ due: i + (delays.next().value ?? 0), report: made });
            const due = waiting.filter((entry) => entry.due <= i);
            for (const entry of due) {
              waiting.splice(waiting.indexOf(entry), 1);
              accounting.handleReport(entry.report);
            }
            if (!frame.skipped) accounting.handleDisplayed(displayed(i * 1500, tickMs));
          });
          const seqs = samples.map((sample) => sample.inputSeq);
          expect(new Set(seqs).size).toBe(seqs.length);
          for (const { frameNumber, inputSeq } of samples) {
            expect(reports.get(frameNumber)?.inputSeq).toBeGreaterThanOrEqual(inputSeq);
            const earlier = frames.findIndex(
              (frame, i) =>
                i < frameNumber && !frame.skipped && (reports.get(i)?.inputSeq ?? 0) >= inputSeq,
            );
            expect(earlier).toBe(-1);
          }
        },
      ),
    );
  });
});

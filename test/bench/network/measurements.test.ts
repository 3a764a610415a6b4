import { describe, expect, it } from 'vitest';
import { jainIndex } from '../../../bench/network/measure/fairness.ts';
import { stepResponse } from '../../../bench/network/measure/rate-steps.ts';
import { growth, queueDelayP95, summarize } from '../../../bench/network/measure/run-summary.ts';
import { findFreezes, frozenMs, longestMs } from '../../../gate/freezes.ts';
import type { LinkSample } from '../../../gate/network/link-statistics.ts';
import { Progress } from '../../../gate/progress.ts';
import { linkSample, runRecord, statisticsSample } from './run-records.ts';

const steadyFrames = (fromMs: number, toMs: number, intervalMs = 20) =>
  Array.from(
    { length: Math.floor((toMs - fromMs) / intervalMs) },
    (_, i) => fromMs + i * intervalMs,
  );

describe('freezes', () => {
  it('begin with the last frame before and end with the next', () => {
    const frames = [...steadyFrames(0, 1000), ...steadyFrames(1400, 2000)];
    const freezes = findFreezes(frames, 2000, 50);
    expect(freezes).toEqual([{ fromMs: 980, toMs: 1400 }]);
    expect(longestMs(freezes)).toBe(420);
    expect(frozenMs(freezes, 50)).toBe(400);
  });

  it('are also what a measurement begins or ends with', () => {
    expect(findFreezes(steadyFrames(300, 1000), 1500, 50)).toEqual([
      { fromMs: 0, toMs: 300 },
      { fromMs: 980, toMs: 1500 },
    ]);
  });

  it('last the whole measurement where no frame comes', () => {
    expect(findFreezes([], 5000, 60)).toEqual([{ fromMs: 0, toMs: 5000 }]);
  });

  it('are none up to 150 ms', () => {
    const freezes = findFreezes([100, 250, 400], 500, 60);
    expect(freezes).toEqual([]);
    expect(longestMs(freezes)).toBe(0);
  });
});

describe('the summary of a run', () => {
  const link = [
    linkSample({ atMs: 0, deliveredBps: 4e6, maxQueueDelayMs: 3 }),
    linkSample({ atMs: 100, deliveredBps: 6e6, maxQueueDelayMs: 90 }),
  ];

  it('has rates over the measured time', () => {
    const summary = summarize(
      runRecord({ durationMs: 2000, framesMs: steadyFrames(0, 2000), link }),
    );
    expect(summary.framesPerSecond).toBe(50);
    expect(summary.deliveredBps).toBe(5e6);
  });

  it('has the share of the time that stood still', () => {
    const framesMs = [...steadyFrames(0, 1000), ...steadyFrames(1500, 2000)];
    const summary = summarize(runRecord({ durationMs: 2000, frameRate: 50, framesMs }));
    expect(summary.freezes).toBe(1);
    expect(summary.frozenShare).toBeCloseTo(0.25);
  });

  it('has the delay of a frame in the jitter buffer from what the counters grew by', () => {
    const statistics = [
      statisticsSample({ atMs: 0, jitterBufferDelayMs: 1000, jitterBufferFrames: 100 }),
      statisticsSample({ atMs: 500, jitterBufferDelayMs: 1600, jitterBufferFrames: 130 }),
    ];
    expect(summarize(runRecord({ statistics })).jitterBufferMs).toBe(20);
  });

  it('knows no latency without a press, rather than a latency of nothing', () => {
    expect(summarize(runRecord({ presses: [] })).latencyP95Ms).toBeNaN();
  });
});

describe('the growth of a counter', () => {
  it('begins again with a new connection', () => {
    expect(growth([5, 8, 10, 2, 3])).toBe(5 + 3);
  });
});

describe('the delay in the queue', () => {
  it('is that of the packets that waited longest', () => {
    const link = [1, 2, 300].map((maxQueueDelayMs) => linkSample({ maxQueueDelayMs }));
    expect(Math.round(queueDelayP95(link))).toBe(300);
  });
});

describe('the response to a step', () => {
  /** 8 → 2 → 8 Mbit/s at 20 and 40 s; `rateBps` is what comes through at each time. */
  const step = (rateBps: (atMs: number, capacityBps: number) => number, untilMs = 60_000) =>
    Array.from({ length: untilMs / 100 }, (_, i): LinkSample => {
      const atMs = i * 100;
      const capacityBps = atMs >= 20_000 && atMs < 40_000 ? 2e6 : 8e6;
      return linkSample({
        atMs,
        capacityBps,
        deliveredBps: rateBps(atMs, capacityBps),
        maxQueueDelayMs: atMs >= 20_000 && atMs < 21_900 ? 190 : 30,
      });
    });

  it('leaves out what was under way at the drop', () => {
    expect(Math.round(stepResponse(step((_, capacity) => capacity))?.queueDelayP95Ms ?? 0)).toBe(
      30,
    );
  });

  it('has recovered when a whole second used four fifths of the link', () => {
    const slow = step((atMs, capacity) => (atMs < 43_000 ? 2e6 : 0.9 * capacity));
    expect(stepResponse(slow)?.recoveryMs).toBe(3900);
  });

  it('never ends for a sender that stays low', () => {
    const response = stepResponse(step(() => 2e6));
    expect(response?.recoveryMs).toBe(Number.POSITIVE_INFINITY);
    expect(response?.watchedMs).toBe(19_900);
  });

  it('is unknown where the measurement ended before the rise', () => {
    expect(stepResponse(step(() => 2e6, 30_000))).toBeUndefined();
  });
});

describe("Jain's index", () => {
  it('is 1 where all have the same', () => {
    expect(jainIndex([3, 3, 3])).toBeCloseTo(1);
  });

  it('is a third where one of three has all', () => {
    expect(jainIndex([9, 0, 0])).toBeCloseTo(1 / 3);
  });
});

describe('Progress', () => {
  it('tells from the runs so far how long the others take', () => {
    let nowUs = 0;
    const progress = new Progress(3, 60, { nowUs: () => nowUs });
    expect(progress.next('lan')).toBe('[1/3] lan, about 3 min left');
    nowUs = 30e6;
    expect(progress.next('fibre')).toBe('[2/3] fibre, about 60 s left');
  });
});

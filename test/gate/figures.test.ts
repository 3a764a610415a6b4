import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  durationsOf,
  freezesOf,
  type Seen,
  timelineOf,
  valuesOf,
  worstFramesOf,
} from '../../gate/measure/figures.ts';
import type { Counters, FollowedInput, PageReport } from '../../gate/page-report.ts';
import { TIMELINE_HZ, timelineRowSchema } from '../../gate/result.ts';
import { LATENCY_STAGES } from '../../protocol/latency-stages.ts';

const NOTHING: Counters = {
  atMs: 0,
  bytesReceived: 0,
  packetsReceived: 0,
  packetsLost: 0,
  soundBytesReceived: 0,
  soundGaps: 0,
  soundDelayMs: 0,
  soundDelays: 0,
};

const PAGE: PageReport = {
  durationMs: 10_000,
  state: 'streaming',
  stateDetail: '',
  sameSession: true,
  framesMs: [],
  framesPresented: 0,
  counters: [],
  timersLateMs: [],
  ownMs: 0,
};

function seen(page: Partial<PageReport>, rest: Partial<Seen> = {}): Seen {
  return {
    page: { ...PAGE, ...page },
    inputs: [],
    pixels: undefined,
    link: [],
    frameRate: 60,
    ...rest,
  };
}

/** Fifty pictures a second, without those between two times. */
function frames(withoutFromMs = 0, withoutToMs = 0): number[] {
  const all = Array.from({ length: 501 }, (_, i) => i * 20);
  return all.filter((atMs) => atMs <= withoutFromMs || atMs >= withoutToMs);
}

function input(inputAtMs: number, totalMs: number): FollowedInput {
  const each = totalMs / LATENCY_STAGES.length;
  const stages = Object.fromEntries(LATENCY_STAGES.map((stage) => [stage, each]));
  return {
    inputAtMs,
    shownAtMs: inputAtMs + totalMs,
    frameNumber: Math.round(inputAtMs / 20),
    totalMs,
    stages: stages as FollowedInput['stages'],
  };
}

describe('the figures of pictures', () => {
  it('are even where pictures come evenly', () => {
    expect(valuesOf(seen({ framesMs: frames() }))).toMatchObject({
      framesPerSecond: 50.1,
      lowFramesPerSecond: 50,
      stutterShare: 0,
      freezesPerMinute: 0,
      frozenMsPerMinute: 0,
    });
  });

  it('tell of a freeze where it is, how long it is, and of the slowest hundredth', () => {
    const run = seen({ framesMs: frames(4000, 4400) });
    expect(freezesOf(run)).toEqual([{ atMs: 4000, lengthMs: 400 }]);
    const values = valuesOf(run);
    expect(values.freezesPerMinute).toBeCloseTo(6);
    expect(values.frozenMsPerMinute).toBeCloseTo(6 * (400 - 1000 / 60));
    // One of 481 intervals is stuttering; the slowest five are 400 and four of 20 ms.
    expect(values.stutterShare).toBeCloseTo(1 / 481);
    expect(values.lowFramesPerSecond).toBeCloseTo(1000 / 96);
  });

  it('say nothing of a run without pictures but that it was one freeze', () => {
    const run = seen({});
    expect(valuesOf(run)).toEqual({});
    expect(freezesOf(run)).toEqual([{ atMs: 0, lengthMs: 10_000 }]);
    expect(durationsOf(run)).toEqual({ frameInterval: [] });
  });
});

describe('the figures of what was received', () => {
  const first: Counters = { ...NOTHING, bytesReceived: 1000, packetsReceived: 10, packetsLost: 5 };
  const last: Counters = {
    ...first,
    atMs: 10_000,
    bytesReceived: 2_501_000,
    packetsReceived: 985,
    packetsLost: 30,
    soundBytesReceived: 50_000,
    soundGaps: 3,
    soundDelayMs: 96_000,
    soundDelays: 3_200,
  };

  it('are what grew while it was measured', () => {
    expect(valuesOf(seen({ counters: [first, last] }))).toMatchObject({
      bitrateBps: 2_000_000,
      packetsLostShare: 0.025,
      soundDelayMs: 30,
      soundGapsPerMinute: 18,
    });
  });

  it('are left out where a new connection counts from 0 again', () => {
    const values = valuesOf(seen({ counters: [last, { ...first, atMs: 11_000 }] }));
    expect(values).not.toHaveProperty('bitrateBps');
  });

  it('say nothing of the sound of a game that has none', () => {
    const silent = { ...last, soundBytesReceived: 0, soundDelays: 0, soundGaps: 0 };
    const values = valuesOf(seen({ counters: [first, silent] }));
    expect(values).not.toHaveProperty('soundDelayMs');
    expect(values).not.toHaveProperty('soundGapsPerMinute');
  });
});

describe('the worst frames', () => {
  it('are ten at most, the worst first, with each stage', () => {
    const inputs = Array.from({ length: 30 }, (_, i) => input(i * 300, 30 + ((i * 7) % 30)));
    const worst = worstFramesOf(seen({}, { inputs }));
    expect(worst.map(({ totalMs }) => totalMs)).toEqual([59, 58, 57, 56, 55, 54, 53, 52, 51, 50]);
    for (const { stages, totalMs } of worst) {
      expect(Object.values(stages).reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(totalMs);
    }
  });
});

describe('the time line', () => {
  it('has what happened in each row, and nothing of what did not', () => {
    const rows = timelineOf(
      seen({ framesMs: frames(4000, 4400) }, { inputs: [input(980, 70), input(1000, 40)] }),
    );
    expect(rows[3]).toEqual({ atMs: 1000, framesPerSecond: 52, frameIntervalMs: 20 });
    expect(rows[4]).toMatchObject({ atMs: 1250, clickToPhotonMs: 70 });
    // From 4000 to 4250 nothing came; the picture after it did in the row that follows.
    expect(rows[16]).toMatchObject({ framesPerSecond: 0, frameIntervalMs: 250 });
    expect(rows[17]).toMatchObject({ frameIntervalMs: 400 });
  });

  it('never has more rows than a result may, however long the run is', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 3_600_000, noNaN: true }), (durationMs) => {
        const rows = timelineOf(seen({ durationMs }));
        expect(rows.length).toBeLessThanOrEqual((durationMs / 1000) * TIMELINE_HZ + 1);
        for (const row of rows) timelineRowSchema.parse(row);
      }),
      { numRuns: 50 },
    );
  });
});

import { describe, expect, it } from 'vitest';
import {
  type ProfileResult,
  profileTargets,
} from '../../../bench/network/measure/network-targets.ts';
import type { RunRecord } from '../../../bench/network/measure/run-record.ts';
import { summarize } from '../../../bench/network/measure/run-summary.ts';
import { verdict } from '../../../bench/support/target.ts';
import { linkSample, runRecord } from './run-records.ts';

const smooth = (durationMs: number) => Array.from({ length: durationMs / 20 }, (_, i) => i * 20);

const measured = (latencyMs: number, more: Partial<RunRecord> = {}) =>
  summarize(
    runRecord({
      framesMs: smooth(1000),
      presses: [{ atMs: 0, latencyMs }],
      ...more,
    }),
  );

function verdictsOf(result: Partial<ProfileResult>): Record<string, string> {
  const targets = profileTargets({
    profile: 'lte',
    roundTripMs: 100,
    ours: measured(100),
    link: [],
    baselines: [],
    ...result,
  });
  return Object.fromEntries(targets.map((target) => [target.what, verdict(target)]));
}

describe('the targets of every profile', () => {
  it('compare with the better baseline, figure by figure', () => {
    const quickButFrozen = measured(90, { framesMs: [0, 900] });
    const slowButSmooth = measured(200);
    expect(
      verdictsOf({
        ours: measured(100, { framesMs: smooth(700) }),
        baselines: [quickButFrozen, slowButSmooth],
      }),
    ).toEqual({
      'lte: p95, against the better baseline': 'missed',
      'lte: frozen time, against the better baseline': 'missed',
    });
    expect(verdictsOf({ ours: measured(90), baselines: [quickButFrozen, slowButSmooth] })).toEqual({
      'lte: p95, against the better baseline': 'met',
      'lte: frozen time, against the better baseline': 'met',
    });
  });

  it('compare with nothing where no baseline was measured', () => {
    expect(verdictsOf({})).toEqual({});
  });
});

describe('the targets of a good line', () => {
  it('allow 45 ms beyond the round trip and no freeze', () => {
    expect(verdictsOf({ profile: 'cable', roundTripMs: 60, ours: measured(104) })).toEqual({
      'cable: p95, round trip of 60 ms + 45 ms': 'met',
      'cable: freezes': 'met',
    });
    const ours = measured(107, { framesMs: [0, 500, 600, 700, 800, 900] });
    expect(verdictsOf({ profile: 'cable', roundTripMs: 60, ours })).toEqual({
      'cable: p95, round trip of 60 ms + 45 ms': 'missed',
      'cable: freezes': 'missed',
    });
  });

  it('are missed where no press was ever shown', () => {
    const ours = summarize(runRecord({ framesMs: smooth(1000) }));
    expect(verdictsOf({ profile: 'lan', roundTripMs: 0, ours })).toMatchObject({
      'lan: p95, round trip of 0 ms + 45 ms': 'missed',
    });
  });
});

describe('the targets of a lossy line', () => {
  it('allow a hundredth of the time and 300 ms in a piece', () => {
    const framesMs = [...smooth(40_000), ...smooth(19_640).map((ms) => 40_360 + ms)];
    const ours = measured(90, { durationMs: 60_000, framesMs });
    expect(verdictsOf({ profile: 'lossy', ours })).toEqual({
      'lossy: frozen': 'met',
      'lossy: longest freeze': 'missed',
    });
  });
});

describe('the targets of the step', () => {
  const step = (untilMs: number, lateBps: number) =>
    Array.from({ length: untilMs / 100 }, (_, i) => {
      const atMs = i * 100;
      const capacityBps = atMs >= 20_000 && atMs < 40_000 ? 2e6 : 8e6;
      return linkSample({ atMs, capacityBps, deliveredBps: atMs > 42_000 ? lateBps : 1.9e6 });
    });

  it('want the queue short and the link used again', () => {
    expect(verdictsOf({ profile: 'step', link: step(60_000, 7e6) })).toEqual({
      'step: longest freeze': 'met',
      'step: queueing delay p95, from 2 s after the drop': 'met',
      'step: from the rise to 80 % of the link in use': 'met',
    });
  });

  it('are missed by a sender that stays low', () => {
    expect(verdictsOf({ profile: 'step', link: step(60_000, 2e6) })).toMatchObject({
      'step: from the rise to 80 % of the link in use': 'missed',
    });
  });

  it('say nothing of a recovery that had no time to happen', () => {
    expect(verdictsOf({ profile: 'step', link: step(45_000, 2e6) })).not.toHaveProperty([
      'step: from the rise to 80 % of the link in use',
    ]);
  });
});

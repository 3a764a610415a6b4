import { describe, expect, it } from 'vitest';
import { compareFrames } from '../../bench/support/frame-agreement.ts';
import { verdict } from '../../bench/support/target.ts';
import type { InjectionRun } from '../../bench/truth/injection-runs.ts';
import { injectionsOf, NOTHING, pathProfile } from '../../bench/truth/injections.ts';
import {
  largestChange,
  stageChanges,
  stageMedians,
  worstError,
} from '../../bench/truth/stage-changes.ts';
import { attributionsOf, matrixTable, truthTargets } from '../../bench/truth/truth-tables.ts';
import type { LatencySample } from '../../client/player/player-snapshot.ts';
import { LATENCY_STAGES } from '../../protocol/latency-stages.ts';

function sample(stages: Partial<LatencySample['stages']>): LatencySample {
  const all = Object.fromEntries(LATENCY_STAGES.map((stage) => [stage, stages[stage] ?? 1]));
  const totalMs = Object.values(all).reduce((sum, ms) => sum + ms, 0);
  return {
    inputSeq: 1,
    inputAtMs: 0,
    shownAtMs: totalMs,
    frameNumber: 1,
    totalMs,
    stages: all as LatencySample['stages'],
  };
}

describe('changes of stages', () => {
  const before = stageMedians([sample({}), sample({ wait: 3 }), sample({ wait: 9 })]);
  const after = stageMedians([sample({ encode: 61 }), sample({ encode: 62 }), sample({})]);

  it('are of medians, stage by stage', () => {
    expect(before).toMatchObject({ wait: 3, encode: 1 });
    expect(stageChanges(before, after)).toMatchObject({ wait: -2, encode: 60, render: 0 });
  });

  it('name the stage that changed most, also where it became shorter', () => {
    expect(largestChange(stageChanges(before, after))).toBe('encode');
    expect(largestChange(stageChanges(after, before))).toBe('encode');
  });

  it('are held against what was injected, in every stage', () => {
    const changes = stageChanges(before, after);
    expect(worstError({ encode: 60 }, changes)).toEqual({ stage: 'wait', errorMs: -2 });
    expect(worstError({ encode: 70 }, changes)).toEqual({ stage: 'encode', errorMs: -10 });
    expect(worstError({ network: 70 }, changes)).toEqual({ stage: 'network', errorMs: -70 });
  });
});

describe('frames against their reports', () => {
  const report = (frameNumber: number, inputSeq = 0) => ({
    rtpTimestamp: frameNumber * 1500,
    frameNumber,
    inputSeq,
  });
  const seen = (of: number, frameNumber = of, inputSeq = 0) => ({
    rtpTimestamp: of * 1500,
    mark: { frameNumber, inputSeq },
  });

  it('agree in frame and input', () => {
    const agreement = compareFrames([seen(1), seen(2, 2, 5)], [report(1), report(2, 5)]);
    expect(agreement).toMatchObject({ frames: 2, same: 2, otherFrame: 0, otherInput: 0 });
  });

  it('may be those of the frame that comes next, as that one is reported', () => {
    const reports = [report(1), report(2, 5)];
    expect(compareFrames([seen(1, 2, 5)], reports)).toMatchObject({ nextAlready: 1 });
    expect(compareFrames([seen(1, 2, 4)], reports)).toMatchObject({ otherInput: 1 });
  });

  it('contradict them with an earlier frame, one far ahead, or another input', () => {
    const reports = [report(1), report(2), report(9)];
    expect(compareFrames([seen(2, 1)], reports)).toMatchObject({ otherFrame: 1 });
    expect(compareFrames([seen(2, 9)], reports)).toMatchObject({ otherFrame: 1 });
    expect(compareFrames([seen(2, 2, 1)], reports)).toMatchObject({ otherInput: 1 });
  });

  it('say nothing where there is no report, or nothing to read', () => {
    const unread = { rtpTimestamp: 1500, mark: undefined };
    expect(compareFrames([unread, seen(7)], [report(1)])).toMatchObject({
      frames: 2,
      same: 0,
      unread: 1,
      unreported: 1,
    });
  });
});

describe('a path for injections', () => {
  it('has the delays it is given and nothing else that could delay', () => {
    const { down, up } = pathProfile('late-media', { mediaMs: 60, upMs: 5 });
    expect(down).toMatchObject({ delayMs: 0, mediaDelayMs: 60, jitter: { reorder: true } });
    expect(up).toMatchObject({ delayMs: 5, loss: { share: 0 } });
  });
});

describe('the verdict on an injection', () => {
  const run = (name: string, stages: Partial<LatencySample['stages']>, clockErrorMs = 0.3) => {
    const injection = [NOTHING, ...injectionsOf(60)].find((one) => one.name === name);
    if (!injection) throw new Error(name);
    const samples = [sample(stages)];
    const stopwatchMs = samples.map(({ totalMs }) => totalMs);
    const counts = { outstanding: 0, contradictions: 0, recoveries: 0 };
    return { injection, samples, stopwatchMs, clockErrorMs, ...counts } satisfies InjectionRun;
  };
  const missed = (after: InjectionRun) =>
    truthTargets(attributionsOf([{ nothing: run('nothing', {}), injected: after }]), 60)
      .filter((target) => verdict(target) === 'missed')
      .map(({ what }) => what);

  it('is met where the delay is found in its stage, to 10 %', () => {
    expect(missed(run('encode', { encode: 61 }))).toEqual([]);
    expect(missed(run('encode', { encode: 64, wait: 3 }))).toEqual([]);
  });

  it('is missed where too much of it is elsewhere, or is nowhere', () => {
    expect(missed(run('encode', { encode: 51, network: 11 }))).toEqual([
      'encode: the stage farthest from the truth (encode)',
    ]);
    expect(missed(run('encode', { encode: 61, render: 9 }))).toHaveLength(3);
    expect(missed(run('encode', {}))).toHaveLength(3);
  });

  it('allows for the clock error alone where no clock can tell, and in the total for none', () => {
    expect(missed(run('one way', { uplink: 31, network: 31 }, 30.5))).toEqual([]);
    expect(missed(run('one way', { uplink: 31, network: 31 }, 10))).toHaveLength(1);
    expect(missed(run('one way', { uplink: 31 }, 30.5))).toContain(
      'one way: total, from what was injected',
    );
  });

  it('asks nothing of the pixels where the page shows them before it is told', () => {
    const rows = truthTargets(
      attributionsOf([{ nothing: run('nothing', {}), injected: run('present', {}) }]),
      60,
    );
    expect(rows.map(({ what }) => what).filter((what) => what.includes('pixels'))).toEqual([]);
  });

  it('stands beside a matrix with a row for each injection', () => {
    const attributions = attributionsOf([
      { nothing: run('nothing', {}), injected: run('decode', { decode: 61 }) },
    ]);
    expect(matrixTable(attributions, 60).rows).toEqual([
      ['decode', '0', '0', '0', '0', '0', '60', '0', '60', '60', '0.30'],
    ]);
  });
});

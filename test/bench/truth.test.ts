import { describe, expect, it } from 'vitest';
import { compareFrames } from '../../bench/support/frame-agreement.ts';
import { verdict } from '../../bench/support/target.ts';
import type { Comparison, Round } from '../../bench/truth/injection-runs.ts';
import { injectionsOf, NOTHING, pathProfile } from '../../bench/truth/injections.ts';
import { midmeanOf } from '../../bench/truth/midmean.ts';
import { estimateOf, sizeOf } from '../../bench/truth/paired-change.ts';
import { largestChange, stageTimes } from '../../bench/truth/stage-changes.ts';
import {
  attributionOf,
  isDecided,
  matrixTable,
  targetsOf,
} from '../../bench/truth/truth-tables.ts';
import type { LatencySample } from '../../client/player/player-snapshot.ts';
import { SeededRandom } from '../../gate/network/seeded-random.ts';
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

describe('what is typical of a stage', () => {
  it('is not moved by a stall, and does not jump where frames are between two', () => {
    expect(midmeanOf([2, 2, 2, 2, 2, 2, 2, 900])).toBe(2);
    const mixed = (ofNext: number) => [...Array(20 - ofNext).fill(2), ...Array(ofNext).fill(18)];
    expect(midmeanOf(mixed(11)) - midmeanOf(mixed(9))).toBeLessThan(4);
    expect(midmeanOf([])).toBeNaN();
  });

  it('is told stage by stage, and the one that changed most is known either way', () => {
    const times = stageTimes([sample({}), sample({ wait: 3 }), sample({ wait: 9 })]);
    expect(times).toMatchObject({ wait: 13 / 3, encode: 1 });
    expect(largestChange({ ...times, encode: -60 })).toBe('encode');
  });
});

describe('a change over rounds', () => {
  it('has an interval from six rounds on, which is that of the signed ranks', () => {
    expect(estimateOf([1, 2, 3, 4, 5])).toEqual({ ms: 3, lowMs: -Infinity, highMs: Infinity });
    // Both ends are in: 1 − 2/64 of all.
    expect(estimateOf([1, 2, 3, 4, 5, 6])).toEqual({ ms: 3.5, lowMs: 1, highMs: 6 });
    // Tables of Wilcoxon's T have 8 for ten pairs: so many means are left out at each end.
    expect(estimateOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])).toEqual({ ms: 5.5, lowMs: 3, highMs: 8 });
  });

  it('is not moved far by a round in which the machine stood still', () => {
    expect(estimateOf([9, 10, 10, 11, 10, 9, 11, 10, 500]).ms).toBeLessThan(11);
  });

  it('holds the truth as often as it says, however the noise is shaped', () => {
    const random = new SeededRandom(7);
    let held = 0;
    for (let trial = 0; trial < 400; trial++) {
      // The phase of a session in a frame, injected less the mean of two without.
      const phase = () => 16.7 * random.next();
      const rounds = Array.from({ length: 6 }, () => 100 + phase() - (phase() + phase()) / 2);
      const { lowMs, highMs } = estimateOf(rounds);
      if (lowMs <= 100 && highMs >= 100) held++;
    }
    expect(held).toBeGreaterThan(0.95 * 400);
  });

  it('has a size, whichever way it goes', () => {
    expect(sizeOf({ ms: -3, lowMs: -5, highMs: -1 })).toEqual({
      measured: 3,
      lowest: 1,
      highest: 5,
    });
    expect(sizeOf({ ms: 1, lowMs: -2, highMs: 4 })).toEqual({ measured: 1, lowest: 0, highest: 4 });
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
  const round = (stages: Partial<LatencySample['stages']>, clockErrorMs = 0.3): Round => {
    const samples = Array.from({ length: 10 }, () => sample(stages));
    const stopwatchMs = samples.map(({ totalMs }) => totalMs);
    const counts = { outstanding: 0, contradictions: 0, recoveries: 0 };
    return { samples, stopwatchMs, clockErrorMs, ...counts };
  };
  const compare = (name: string, injected: Round, rounds = 6): Comparison => {
    const injection = [NOTHING, ...injectionsOf(60)].find((one) => one.name === name);
    if (!injection) throw new Error(name);
    // A machine that gets slower all the time.
    const paired = Array.from({ length: rounds }, (_, i) => ({
      before: round({ render: 1 + i }),
      injected,
      after: round({ render: 1 - i }),
    }));
    return { injection, rounds: paired };
  };
  const told = (comparison: Comparison, outcome: string) =>
    targetsOf(attributionOf(comparison), 60)
      .filter((target) => verdict(target) === outcome)
      .map(({ what }) => what);
  const missed = (...args: Parameters<typeof compare>) => told(compare(...args), 'missed');

  it('is met where the delay is found in its stage, to 10 %', () => {
    expect(missed('encode', round({ encode: 61 }))).toEqual([]);
    expect(told(compare('encode', round({ encode: 64, wait: 3 })), 'met')).toHaveLength(3);
  });

  it('is missed where too much of it is elsewhere, or is nowhere', () => {
    expect(missed('encode', round({ encode: 51, network: 11 }))).toEqual([
      'encode: the stage farthest from the truth (encode)',
    ]);
    expect(missed('encode', round({ encode: 61, render: 9 }))).toHaveLength(3);
    expect(missed('encode', round({}))).toHaveLength(3);
  });

  it('is none where there are too few rounds, or these differ by more than what is allowed', () => {
    const found = round({ encode: 61 });
    expect(told(compare('encode', found, 5), 'undecided')).toHaveLength(3);
    expect(isDecided(compare('encode', found, 5), 60)).toBe(false);
    expect(isDecided(compare('encode', found), 60)).toBe(true);
    const { injection, rounds } = compare('encode', found);
    const noisy = rounds.map((one, i) => ({
      ...one,
      injected: round({ encode: 61 + 9 * (i % 3) }),
    }));
    expect(isDecided({ injection, rounds: noisy }, 60)).toBe(false);
  });

  it('counts no round in which hardly a press was followed', () => {
    const { injection, rounds } = compare('encode', round({ encode: 61 }), 7);
    const lost = rounds.map((one, i) =>
      i === 3 ? { ...one, after: { ...one.after, samples: [] } } : one,
    );
    expect(attributionOf({ injection, rounds: lost }).rounds).toBe(6);
    expect(isDecided({ injection, rounds: lost }, 60)).toBe(true);
  });

  it('allows for the clock error alone where no clock can tell, and in the total for none', () => {
    expect(missed('one way', round({ uplink: 31, network: 31 }, 30.5))).toEqual([]);
    expect(missed('one way', round({ uplink: 31, network: 31 }, 10))).toHaveLength(1);
    expect(missed('one way', round({ uplink: 31 }, 30.5))).toContain(
      'one way: total, from what was injected',
    );
  });

  it('asks nothing of the pixels where the page shows them before it is told', () => {
    const targets = targetsOf(attributionOf(compare('present', round({}))), 60);
    expect(targets.map(({ what }) => what).filter((what) => what.includes('pixels'))).toEqual([]);
  });

  it('stands beside a matrix with a row for each injection', () => {
    const { injection, rounds } = compare('decode', round({ decode: 61 }), 1);
    expect(matrixTable([attributionOf({ injection, rounds })], 60).rows).toEqual([
      ['decode', '1', '0', '0', '0', '0', '0', '60', '0', '60', '60', '0.30'],
    ]);
  });
});

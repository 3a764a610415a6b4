import { describe, expect, it } from 'vitest';
import { NOISES, NoisyMachine } from '../../bench/verdicts/noise-model.ts';
import { drawFrom, recordedRuns, slowed } from '../../bench/verdicts/recorded-runs.ts';
import { tally } from '../../bench/verdicts/trials.ts';
import { Distribution } from '../../gate/distribution.ts';
import { SeededRandom } from '../../gate/network/seeded-random.ts';
import { plausibleResult, plausibleRun } from '../support/gate/plausible-result.ts';

const [QUIET] = NOISES;
if (!QUIET) throw new Error('no model of noise');

/** Runs that all are the same, and so leave no doubt. */
const CERTAIN = () => (slowerMs: number) => slowed(Distribution.of([20, 21, 22]), slowerMs);

describe('tally', () => {
  const figure = 'clickToPhoton.p50Ms';

  it('counts comparisons by how they came out', () => {
    const options = { trials: 3, pairs: 8, figure, begin: CERTAIN };
    expect(tally({ ...options, slowerMs: 5 })).toEqual({
      trials: 3,
      fail: 3,
      pass: 0,
      undecided: 0,
    });
    expect(tally({ ...options, slowerMs: 0 })).toMatchObject({ pass: 3 });
    expect(tally({ ...options, slowerMs: 5, pairs: 4 })).toMatchObject({ undecided: 3 });
  });
});

describe('NoisyMachine', () => {
  const machine = (seed: number) => new NoisyMachine(QUIET, new SeededRandom(seed));

  it('is the same for the same seed, and another in each run', () => {
    const one = machine(1);
    const run = one.run(0).buckets();
    expect(machine(1).run(0).buckets()).toEqual(run);
    expect(one.run(0).buckets()).not.toEqual(run);
  });

  it('makes every input of a slower version slower by as much', () => {
    const [now, then] = [machine(1).run(5), machine(1).run(0)];
    expect(now.percentile(50) - then.percentile(50)).toBeCloseTo(5, 1);
    expect(now.percentile(95) - then.percentile(95)).toBeCloseTo(5, 1);
  });
});

describe('recordedRuns', () => {
  const runs = Array.from({ length: 12 }, (_, i) => plausibleRun('b', i + 1));

  it('takes the runs of one version in the order in which they were made', () => {
    const [recorded, ...others] = recordedRuns(plausibleResult(runs.toReversed()));
    expect(others).toEqual([]);
    expect(recorded?.runs.map((run) => run.percentile(50))).toEqual(
      runs.map(({ histograms }) =>
        Distribution.decoded(histograms.clickToPhoton ?? '').percentile(50),
      ),
    );
  });

  it('leaves out runs that could not be used, and what was measured too seldom', () => {
    const problem = { code: 'no-picture', what: 'The game showed no picture.' };
    const spoilt = runs.map((run, i) => (i < 3 ? { ...run, problem } : run));
    expect(recordedRuns(plausibleResult(spoilt))).toEqual([]);
  });
});

describe('drawFrom', () => {
  it('draws neighbours in pairs', () => {
    const runs = Array.from({ length: 10 }, (_, i) => Distribution.of([10 * (i + 1)]));
    const make = drawFrom({ name: 'ten', runs }, new SeededRandom(3));
    for (let pair = 0; pair < 20; pair++) {
      const [one, other] = [make(0), make(0)].map((run) => Math.round(run.percentile(50) / 10));
      expect(Math.abs((one ?? 0) - (other ?? 0))).toBe(1);
    }
  });
});

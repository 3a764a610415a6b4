import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../gate/network/seeded-random.ts';
import type { Measurement, Result } from '../../../gate/result.ts';
import { type Budget, budgetFileSchema } from '../../../gate/verdict/budgets.ts';
import { judge } from '../../../gate/verdict/judge.ts';
import {
  plausiblePairs,
  plausibleResult,
  plausibleRun,
} from '../../support/gate/plausible-result.ts';

const newRandom = () => new SeededRandom(1);

function judged(
  measurements: readonly Measurement[],
  budgets: readonly Budget[],
  { baseline }: { baseline?: Result } = {},
) {
  return judge(plausibleResult(measurements), {
    budgets: budgetFileSchema.parse({ schemaVersion: 1, budgets }),
    newRandom,
    ...(baseline && { baseline }),
  });
}

const SLOWER: Budget = { metric: 'clickToPhoton.p50Ms', against: {} };
const runsOfB = (runs: number, options = {}) =>
  Array.from({ length: runs }, (_, i) => plausibleRun('b', i + 1, options));

describe('judge against another side', () => {
  it('fails what became slower by more than the least that counts', () => {
    const [verdict] = judged(plausiblePairs(8, { slowerMs: 8 }), [SLOWER]);
    expect(verdict).toMatchObject({ outcome: 'fail', kind: 'against', runs: 8, unit: 'ms' });
    expect(verdict?.difference?.low).toBeGreaterThan(1);
    expect(verdict?.difference?.estimate).toBeGreaterThan(6);
    expect(verdict?.excess?.estimate).toBeCloseTo((verdict?.difference?.estimate ?? 0) - 1, 9);
    expect(verdict?.why).toContain('only +1.00 ms is allowed');
  });

  it('passes what stayed within an allowance that the noise leaves room for', () => {
    const [verdict] = judged(plausiblePairs(8, {}), [
      { metric: 'clickToPhoton.p50Ms', against: { by: 5 } },
    ]);
    expect(verdict?.outcome).toBe('pass');
  });

  it('never fails what became faster', () => {
    const [verdict] = judged(plausiblePairs(8, {}, { slowerMs: 8 }), [SLOWER]);
    expect(verdict?.outcome).toBe('pass');
    expect(verdict?.difference?.high).toBeLessThan(0);
  });

  it('needs the ratio and the difference to be exceeded', () => {
    const [both, little] = judged(plausiblePairs(8, { slowerMs: 8 }), [
      { metric: 'clickToPhoton.p50Ms', against: { ratio: 1.05 } },
      { metric: 'clickToPhoton.p50Ms', against: { ratio: 1.05, by: 30 } },
    ]);
    expect([both?.outcome, little?.outcome]).toEqual(['fail', 'pass']);
    expect(little?.allowed).toBe('× 1.05, and +30.0 ms in any case');
  });

  it('fails fewer pictures where there should be many', () => {
    const fewer = plausiblePairs(8, {}).map((one) =>
      one.side === 'b' ? { ...one, values: { ...one.values, framesPerSecond: 48 } } : one,
    );
    const [verdict] = judged(fewer, [{ metric: 'framesPerSecond', against: {} }]);
    expect(verdict?.outcome).toBe('fail');
    expect(verdict?.difference?.high).toBeLessThan(0);
  });

  it('uses only pairs that both sides measured', () => {
    const problem = { code: 'browser-saturated', what: 'The browser could not keep up.' };
    const [verdict] = judged(
      plausiblePairs(8, { slowerMs: 8 }).map((one) =>
        one.side === 'a' && one.run === 3 ? { ...one, problem } : one,
      ),
      [SLOWER],
    );
    expect(verdict).toMatchObject({ runs: 7, outcome: 'fail' });
  });

  it('says why nothing can be told where every run had a problem', () => {
    const problem = { code: 'browser-saturated', what: 'The browser could not keep up.' };
    const [verdict] = judged(
      plausiblePairs(8, {}).map((one) => ({ ...one, problem })),
      [SLOWER],
    );
    expect(verdict).toMatchObject({ outcome: 'undecided', runs: 0, moreRuns: 7 });
    expect(verdict?.why).toContain('The browser could not keep up.');
  });

  it('leaves a comparison out where there is no other side', () => {
    expect(judged(runsOfB(8), [SLOWER])).toEqual([]);
  });
});

describe('judge by limits', () => {
  it('passes below, fails above, and decides nothing near', () => {
    const outcomeAt = (limit: number) =>
      judged(runsOfB(8), [{ metric: 'clickToPhoton.p50Ms', limit }])[0]?.outcome;
    expect([60, 5].map(outcomeAt)).toEqual(['pass', 'fail']);
    const [near] = judged(runsOfB(8), [{ metric: 'clickToPhoton.p50Ms', limit: 60 }]);
    expect(outcomeAt(near?.measured ?? 0)).toBe('undecided');
  });

  it('never turns a verdict for the worse when the limit is loosened', () => {
    const rank = { fail: 0, undecided: 1, pass: 2 };
    const ranks = [5, 15, 20, 22, 24, 26, 30, 60].map((limit) => {
      const [verdict] = judged(runsOfB(8), [{ metric: 'clickToPhoton.p95Ms', limit }]);
      return rank[verdict?.outcome ?? 'fail'];
    });
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
  });

  it('judges the scenarios, networks and browsers that a budget is for', () => {
    const elsewhere = { profile: 'wifi', browser: 'firefox' as const };
    const measurements = [...runsOfB(7), ...runsOfB(7, elsewhere)];
    const of = (budget: Partial<Budget>) =>
      judged(measurements, [{ metric: 'clickToPhoton.p50Ms', limit: 60, ...budget }]).map(
        ({ profile, browser }) => `${profile} ${browser}`,
      );
    expect(of({})).toEqual(['lan chromium', 'wifi firefox']);
    expect(of({ profiles: ['wifi'] })).toEqual(['wifi firefox']);
    expect(of({ browsers: ['chromium'] })).toEqual(['lan chromium']);
    expect(of({ scenarios: ['other'] })).toEqual([]);
  });
});

describe('judge by a baseline', () => {
  const BUDGET: Budget = { metric: 'clickToPhoton.p50Ms', baseline: { ratio: 1.1 } };
  const baseline = plausibleResult(runsOfB(8));

  it('fails what became slower since', () => {
    const [verdict] = judged(runsOfB(8, { slowerMs: 9 }), [BUDGET], { baseline });
    expect(verdict).toMatchObject({ outcome: 'fail', kind: 'baseline' });
  });

  it('decides nothing by a baseline of another machine, and says so', () => {
    const other = { ...baseline, machine: { ...baseline.machine, model: 'Faster processor' } };
    const [verdict] = judged(runsOfB(8, { slowerMs: 9 }), [BUDGET], { baseline: other });
    expect(verdict?.outcome).toBe('undecided');
    expect(verdict?.why).toContain('2 × Faster processor, and this is 2 × Test processor');
  });

  it('decides nothing by a baseline of another browser, unless its versions are neighbours', () => {
    const withBrowser = (chromium: string) => ({
      ...baseline,
      versions: { ...baseline.versions, browsers: { chromium } },
    });
    const outcome = (version: string) =>
      judged(runsOfB(8, { slowerMs: 9 }), [BUDGET], { baseline: withBrowser(version) })[0]?.outcome;
    expect(outcome('Chromium 149.0.0.1')).toBe('undecided');
    expect(outcome('Chromium 150.9.9.9')).toBe('fail');
  });

  it('says so where the baseline does not have it', () => {
    const [verdict] = judged(runsOfB(8, { profile: 'wifi' }), [BUDGET], { baseline });
    expect(verdict?.outcome).toBe('undecided');
    expect(verdict?.why).toContain('The baseline does not have it');
  });
});

describe('judge', () => {
  it('is undecided rather than wrong, whichever side is the slower one and by how much', () => {
    const drawn = fc.tuple(
      fc.integer({ min: -12, max: 12 }),
      fc.integer({ min: 2, max: 12 }),
      // Another name is another seed of what is measured.
      fc.integer({ min: 1, max: 200 }),
    );
    fc.assert(
      fc.property(drawn, ([slowerMs, runs, seed]) => {
        const profile = 'x'.repeat(seed);
        const [b, a] = [Math.max(0, slowerMs), Math.max(0, -slowerMs)];
        const [verdict] = judged(
          plausiblePairs(runs, { profile, slowerMs: b }, { profile, slowerMs: a }),
          [{ metric: 'clickToPhoton.p50Ms', against: { by: 2 } }],
        );
        if (slowerMs <= 0) expect(verdict?.outcome).not.toBe('fail');
        if (slowerMs >= 5) expect(verdict?.outcome).not.toBe('pass');
        if (runs < 5) expect(verdict?.outcome).toBe('undecided');
      }),
      { numRuns: 15, seed: 7 },
    );
  });

  it('asks for more runs the more budgets there are', () => {
    const budget: Budget = { metric: 'clickToPhoton.p50Ms', limit: 5 };
    const outcomes = (budgets: readonly Budget[]) =>
      judged(runsOfB(7), budgets).map(({ outcome }) => outcome);
    expect(outcomes([budget])).toEqual(['fail']);
    expect(outcomes([budget, budget, budget])).toEqual(Array(3).fill('undecided'));
  });

  it('judges the same whenever it is asked', () => {
    const measurements = plausiblePairs(8, { slowerMs: 1 });
    expect(judged(measurements, [SLOWER])).toEqual(judged(measurements, [SLOWER]));
  });
});

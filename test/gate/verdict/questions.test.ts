import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../gate/network/seeded-random.ts';
import { type Budget, budgetFileSchema } from '../../../gate/verdict/budgets.ts';
import { judge } from '../../../gate/verdict/judge.ts';
import { questionsOf, runsFor } from '../../../gate/verdict/questions.ts';
import { plausibleResult, plausibleRun } from '../../support/gate/plausible-result.ts';

const CELLS = ['lan', 'wifi'].map((profile) => ({
  scenario: 'skimmer',
  profile,
  browser: 'chromium' as const,
}));
const NOTHING = { baseline: false, against: false };
const file = (...budgets: Budget[]) => budgetFileSchema.parse({ schemaVersion: 1, budgets });

describe('questionsOf', () => {
  const all: Budget = { metric: 'clickToPhoton.p50Ms', limit: 60, baseline: {}, against: {} };

  it('asks by the limit, and by what there is to compare with', () => {
    const kinds = (comparable: { baseline: boolean; against: boolean }) =>
      questionsOf(file({ ...all, profiles: ['lan'] }), CELLS, comparable).map(
        ({ allowance }) => allowance.kind,
      );
    expect(kinds(NOTHING)).toEqual(['limit']);
    expect(kinds({ baseline: true, against: false })).toEqual(['limit', 'baseline']);
    expect(kinds({ baseline: false, against: true })).toEqual(['limit', 'against']);
  });

  it('asks for each scenario, network and browser that a budget is for', () => {
    expect(questionsOf(file(all), CELLS, NOTHING)).toHaveLength(2);
    expect(questionsOf(file({ ...all, browsers: ['firefox'] }), CELLS, NOTHING)).toEqual([]);
  });
});

describe('runsFor', () => {
  const budget: Budget = { metric: 'clickToPhoton.p50Ms', limit: 5 };

  it('is more the more is asked', () => {
    expect(runsFor(file(budget), CELLS.slice(0, 1), NOTHING)).toBe(12);
    expect(runsFor(file(...Array<Budget>(40).fill(budget)), CELLS, NOTHING)).toBe(14);
  });

  it('lets every budget fail, with a run to spare', () => {
    const budgets = file(...Array<Budget>(40).fill(budget));
    const runs = runsFor(budgets, CELLS.slice(0, 1), NOTHING);
    const measured = Array.from({ length: runs - 1 }, (_, i) => plausibleRun('b', i + 1));
    const verdicts = judge(plausibleResult(measured), {
      budgets,
      newRandom: () => new SeededRandom(1),
    });
    expect(verdicts.map(({ outcome }) => outcome)).toEqual(Array(40).fill('fail'));
  });
});

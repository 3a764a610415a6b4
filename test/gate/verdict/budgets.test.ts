import { describe, expect, it } from 'vitest';
import { budgetsJsonSchema, parseBudgets } from '../../../gate/verdict/budgets.ts';
import { RockpoolError } from '../../../protocol/errors.ts';

const KNOWN = { scenarios: ['skimmer', 'calibration'], profiles: ['lan', 'wifi'] };

function parse(file: unknown) {
  return parseBudgets(JSON.stringify(file), 'rockpool.bench.json', KNOWN);
}

function complaint(file: unknown): string {
  try {
    parse(file);
  } catch (error) {
    if (error instanceof RockpoolError && error.code === 'bad-configuration') return error.message;
  }
  throw new Error('accepted');
}

const budget = { metric: 'clickToPhoton.p95Ms', limit: 60 };

describe('parseBudgets', () => {
  it('fills in what is not said', () => {
    expect(parse({ schemaVersion: 1, budgets: [budget] })).toEqual({
      schemaVersion: 1,
      falseAlarms: 0.01,
      missed: 0.05,
      undecided: 'pass',
      anyMachine: false,
      budgets: [budget],
    });
  });

  it('names the metrics there are where one does not exist', () => {
    const message = complaint({ schemaVersion: 1, budgets: [{ metric: 'latency', limit: 60 }] });
    expect(message).toContain('budgets[0]: there is no metric "latency". There is: ');
    expect(message).toContain('clickToPhoton.p95Ms');
    expect(message).toContain('firstFrameMs');
  });

  it('names the scenarios and networks there are, and everything that is wrong at once', () => {
    const message = complaint({
      schemaVersion: 1,
      budgets: [budget, { ...budget, scenarios: ['skimer'], profiles: ['moon'] }],
    });
    expect(message).toContain(
      'budgets[1]: there is no scenario "skimer". There is: skimmer, calibration.',
    );
    expect(message).toContain('budgets[1]: there is no profile "moon". There is: lan, wifi.');
  });

  it.each([
    ['nothing allowed', { metric: 'psnrDb' }, 'budgets[0]: what is allowed?'],
    [
      'a word that there is not',
      { ...budget, atMost: 3 },
      'budgets[0]: Unrecognized key: "atMost"',
    ],
    ['a text for a number', { ...budget, limit: '60' }, 'budgets[0].limit: '],
    ['no scenario at all', { ...budget, scenarios: [] }, 'budgets[0].scenarios: '],
  ])('refuses %s', (_, bad, what) => {
    expect(complaint({ schemaVersion: 1, budgets: [bad] })).toContain(what);
  });

  it('takes a limit of nothing', () => {
    const none = { metric: 'freezesPerMinute', limit: 0 };
    expect(parse({ schemaVersion: 1, budgets: [none] }).budgets).toEqual([none]);
  });

  it('refuses what is no JSON, and says which file', () => {
    expect(() => parseBudgets('{', 'rockpool.bench.json', KNOWN)).toThrow(
      /^rockpool\.bench\.json is not JSON/,
    );
  });
});

describe('budgetsJsonSchema', () => {
  it('describes the file as it is written, with what may be left out', () => {
    expect(budgetsJsonSchema()).toMatchObject({
      type: 'object',
      required: ['schemaVersion', 'budgets'],
      additionalProperties: false,
    });
  });
});

import { cellKey } from '../cells.ts';
import type { Measurement, Result, Verdict } from '../result.ts';
import { allowedText } from './allowance.ts';
import { mismatch } from './baseline-match.ts';
import type { Levels } from './bootstrap.ts';
import type { BudgetFile } from './budgets.ts';
import { decide } from './decide.ts';
import { evidenceOf, intervalsOf } from './evidence.ts';
import { failLevel, type Question, questionsOf } from './questions.ts';
import type { Random } from './random.ts';
import { figureOf } from './run-pool.ts';
import { explain } from './verdict-text.ts';

export interface JudgeOptions {
  readonly budgets: BudgetFile;
  /** What was measured before; its `b` is what this is compared with. */
  readonly baseline?: Result;
  /** Begins the same stream of chance at every call: no verdict depends on the others. */
  readonly newRandom: () => Random;
}

/**
 * What becomes of each budget, for each scenario, network and browser that it is for. A budget that
 * compares with something that is not there is left out.
 */
export function judge(
  result: Pick<Result, 'measurements' | 'machine' | 'versions'>,
  options: JudgeOptions,
): Verdict[] {
  const { budgets, baseline } = options;
  const { measurements } = result;
  const cells = new Map(
    measurements.filter(({ side }) => side === 'b').map((one) => [cellKey(one), one]),
  );
  const questions = questionsOf(budgets, [...cells.values()], {
    baseline: baseline !== undefined,
    against: measurements.some(({ side }) => side === 'a'),
  });
  const levels: Levels = { low: failLevel(budgets, questions.length), high: budgets.missed };
  return questions.map((question) => answer(question, result, levels, options));
}

function answer(
  { figure, cell, allowance }: Question,
  result: Pick<Result, 'measurements' | 'machine' | 'versions'>,
  levels: Levels,
  { budgets, baseline, newRandom }: JudgeOptions,
): Verdict {
  const here = (all: readonly Measurement[]) => all.filter((one) => cellKey(one) === cellKey(cell));
  const measurements = here(result.measurements);
  const { kind } = allowance;
  const before = baseline ? here(baseline.measurements) : [];
  const evidence = evidenceOf(figure, kind, measurements, before);
  const { judged, reference } = evidence;
  const runs = Math.min(judged.runs, reference?.runs ?? judged.runs);
  const other =
    kind === 'baseline' && baseline && !budgets.anyMachine
      ? mismatch(result, baseline, cell.browser)
      : undefined;
  const known = runs >= 2 ? intervalsOf(figure, allowance, evidence, levels, newRandom) : {};
  const decision = other ? { outcome: 'undecided' as const } : decide(known.excess, runs, levels);
  const facts = {
    figure: figure.name,
    scenario: cell.scenario,
    profile: cell.profile,
    browser: cell.browser,
    kind,
    unit: figure.unit,
    allowed: allowedText(figure, allowance),
    ...(judged.runs > 0 && { measured: figureOf(judged) }),
    ...(reference && reference.runs > 0 && { reference: figureOf(reference) }),
    ...known,
    runs,
    ...decision,
  };
  const problem = measurements.find((one) => one.side === 'b' && one.problem)?.problem;
  return { ...facts, why: explain(figure, facts, { otherMachine: other, problem: problem?.what }) };
}

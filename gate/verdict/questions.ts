import type { CellName } from '../cells.ts';
import { FIGURES, type Figure } from '../figures.ts';
import type { Allowance } from './allowance.ts';
import type { Budget, BudgetFile } from './budgets.ts';
import { fewestRuns } from './decide.ts';
import { DEFAULT_RUNS } from './run-plan.ts';

/** What there is to compare with. */
export interface Comparable {
  readonly baseline: boolean;
  readonly against: boolean;
}

/** What becomes of one budget in one cell, beside one thing. */
export interface Question {
  readonly figure: Figure;
  readonly cell: CellName;
  readonly allowance: Allowance;
}

/** All that budgets ask of these cells. One that compares with what is not there asks nothing. */
export function questionsOf(
  { budgets }: Pick<BudgetFile, 'budgets'>,
  cells: readonly CellName[],
  comparable: Comparable,
): Question[] {
  return budgets.flatMap((budget) => {
    const figure = FIGURES.get(budget.metric);
    if (!figure) return [];
    const allowances = allowancesOf(budget, comparable);
    return cells
      .filter((cell) => isFor(budget, cell))
      .flatMap((cell) => allowances.map((allowance) => ({ figure, cell, allowance })));
  });
}

/** The chance of failing that each question may have, so that many fail no more often than one (Bonferroni). */
export function failLevel({ falseAlarms }: BudgetFile, questions: number): number {
  return falseAlarms / Math.max(1, questions);
}

/**
 * How often everything has to be played for budgets to be able to fail at all: the more questions are
 * asked, the surer each answer has to be. One run more than that, since one may be spoilt.
 */
export function runsFor(
  file: BudgetFile,
  cells: readonly CellName[],
  comparable: Comparable,
): number {
  const questions = questionsOf(file, cells, comparable).length;
  return Math.max(DEFAULT_RUNS, fewestRuns(failLevel(file, questions)) + 1);
}

function isFor(budget: Budget, { scenario, profile, browser }: CellName): boolean {
  const within = (names: readonly string[] | undefined, name: string) =>
    names?.includes(name) ?? true;
  return (
    within(budget.scenarios, scenario) &&
    within(budget.profiles, profile) &&
    within(budget.browsers, browser)
  );
}

function allowancesOf({ limit, baseline, against }: Budget, comparable: Comparable): Allowance[] {
  return [
    ...(limit === undefined ? [] : [{ kind: 'limit' as const, limit }]),
    ...(baseline && comparable.baseline
      ? [{ kind: 'baseline' as const, comparison: baseline }]
      : []),
    ...(against && comparable.against ? [{ kind: 'against' as const, comparison: against }] : []),
  ];
}

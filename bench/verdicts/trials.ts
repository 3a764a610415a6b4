import type { Distribution } from '../../gate/distribution.ts';
import { SeededRandom } from '../../gate/network/seeded-random.ts';
import { emptyMeasurement, type Measurement, type Side, type Verdict } from '../../gate/result.ts';
import { type BudgetFile, budgetFileSchema } from '../../gate/verdict/budgets.ts';
import { judge } from '../../gate/verdict/judge.ts';
import { sidesInTurn } from '../../gate/verdict/run-plan.ts';

/** Makes a run: what one trial measures, in the order of its plan. */
export type MakeRun = (slowerMs: number) => Distribution;

/** Of many trials, how many came out how. */
export interface Tally {
  readonly trials: number;
  readonly pass: number;
  readonly fail: number;
  readonly undecided: number;
}

export interface TrialOptions {
  readonly trials: number;
  /** Of each side. */
  readonly pairs: number;
  /** What `b` is slower by than `a`, milliseconds. */
  readonly slowerMs: number;
  /** What the budget is for. */
  readonly figure: string;
  /** Begins a trial: runs on one machine, one after another. */
  readonly begin: (trial: number) => MakeRun;
}

function measurement(side: Side, run: number, clickToPhoton: Distribution): Measurement {
  const startedAt = '2026-01-01T00:00:00.000Z';
  const cell = { scenario: 'simulated', profile: 'lan', browser: 'chromium' } as const;
  const histograms = { clickToPhoton: clickToPhoton.encoded() };
  return { ...emptyMeasurement({ ...cell, side, run, startedAt }), histograms };
}

/** The circumstances of a comparison within one result play no part. */
const CIRCUMSTANCES = {
  machine: { cores: 1, model: '', memoryGiB: 1, system: '', loadBefore: 0 },
  versions: { rockpool: '', protocol: 1, node: '', browsers: {} },
};

function budgetsFor(figure: string): BudgetFile {
  return budgetFileSchema.parse({ schemaVersion: 1, budgets: [{ metric: figure, against: {} }] });
}

/** Judges comparisons of which it is known how they should come out. */
export function tally({ trials, pairs, slowerMs, figure, begin }: TrialOptions): Tally {
  const counts: Record<Verdict['outcome'], number> = { pass: 0, fail: 0, undecided: 0 };
  const budgets = budgetsFor(figure);
  for (let trial = 0; trial < trials; trial++) {
    const make = begin(trial);
    const measurements = Array.from({ length: pairs }, (_, i) => i + 1).flatMap((run) =>
      sidesInTurn(run).map((side) => measurement(side, run, make(side === 'b' ? slowerMs : 0))),
    );
    const newRandom = () => new SeededRandom(trial);
    const [verdict] = judge({ measurements, ...CIRCUMSTANCES }, { budgets, newRandom });
    if (!verdict) throw new Error(`no verdict about ${figure}`);
    counts[verdict.outcome]++;
  }
  return { trials, ...counts };
}

import { SeededRandom } from '../../../gate/network/seeded-random.ts';
import type { Measurement, Result } from '../../../gate/result.ts';
import { type Budget, budgetFileSchema } from '../../../gate/verdict/budgets.ts';
import { judge } from '../../../gate/verdict/judge.ts';
import { plausiblePairs, plausibleResult } from './plausible-result.ts';

const BUDGETS: readonly Budget[] = [
  { metric: 'clickToPhoton.p50Ms', against: {} },
  { metric: 'clickToPhoton.p95Ms', limit: 60 },
  { metric: 'clickToPhoton.p99Ms', against: { by: 8 } },
  { metric: 'framesPerSecond', limit: 55 },
];

/** Two networks, slower over one of them, with what becomes of a few budgets. */
export function judgedResult(overrides: Partial<Result> = {}): Result {
  const measurements: Measurement[] = [
    ...plausiblePairs(10, { slowerMs: 7, freezes: true }),
    ...plausiblePairs(10, { profile: 'wifi', slowerMs: 1.2 }, { profile: 'wifi' }),
  ];
  const result = plausibleResult(measurements, overrides);
  const verdicts = judge(result, {
    budgets: budgetFileSchema.parse({ schemaVersion: 1, budgets: BUDGETS }),
    newRandom: () => new SeededRandom(1),
  });
  return { ...result, verdicts, ...overrides };
}

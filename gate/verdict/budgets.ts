import { z } from 'zod';
import { RockpoolError } from '../../protocol/errors.ts';
import { FIGURES } from '../figures.ts';
import { parseJson } from '../json-text.ts';
import { browserNameSchema } from '../result.ts';

const BUDGETS_SCHEMA_VERSION = 1;

const comparisonSchema = z.strictObject({
  /** How many times the other: 1.1 allows a tenth more, or 0.9 a tenth less of what there should be much of. */
  ratio: z.number().positive().optional(),
  /** How much worse, in the figure's unit. The metric's minimum effect, where this is not said. */
  by: z.number().nonnegative().optional(),
});
export type Comparison = z.infer<typeof comparisonSchema>;

const budgetSchema = z.strictObject({
  metric: z.string().meta({ description: 'A figure: clickToPhoton.p95Ms, firstFrameMs, …' }),
  /** All that are played, where this is not said; so for the two after it. */
  scenarios: z.array(z.string()).nonempty().optional(),
  profiles: z.array(z.string()).nonempty().optional(),
  browsers: z.array(browserNameSchema).nonempty().optional(),
  /** The most, or of what there should be much of, the least; in the figure's unit. */
  limit: z.number().optional(),
  baseline: comparisonSchema.optional(),
  against: comparisonSchema.optional(),
});
export type Budget = z.infer<typeof budgetSchema>;

/** A chance: of less than half, and more than a resampled distribution can tell from none. */
const chance = z.number().min(1e-4).max(0.25);

export const budgetFileSchema = z
  .strictObject({
    $schema: z.string().optional(),
    schemaVersion: z.literal(BUDGETS_SCHEMA_VERSION),
    /** Of failing where nothing is worse than allowed, over all budgets together. */
    falseAlarms: chance.default(0.01),
    /** Of passing what is worse than allowed, for each budget. */
    missed: chance.default(0.05),
    /** What becomes of a call whose runs are too few or too unlike to tell. */
    undecided: z.enum(['pass', 'fail']).default('pass'),
    /** Whether a baseline of another machine or browser counts. */
    anyMachine: z.boolean().default(false),
    budgets: z.array(budgetSchema).nonempty(),
  })
  .meta({ title: 'rockpool.bench.json: what a game may cost' });
export type BudgetFile = z.infer<typeof budgetFileSchema>;

/** What there is to set budgets for. */
export interface KnownNames {
  readonly scenarios: readonly string[];
  readonly profiles: readonly string[];
}

/** For editors: `"$schema"` at the head of the file. */
export function budgetsJsonSchema(): unknown {
  return z.toJSONSchema(budgetFileSchema, { io: 'input' });
}

/**
 * @param name of the file, for the sentences.
 * @throws RockpoolError `bad-configuration` with everything that is wrong, and with what there is instead.
 */
export function parseBudgets(text: string, name: string, known: KnownNames): BudgetFile {
  const parsed = budgetFileSchema.safeParse(parseJson(text, name));
  const problems = parsed.success
    ? parsed.data.budgets.flatMap((budget, at) => problemsOf(budget, `budgets[${at}]`, known))
    : parsed.error.issues.map(({ path, message }) => `${pathText(path) || 'the file'}: ${message}`);
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new RockpoolError('bad-configuration', [`${name}:`, ...problems].join('\n  '));
}

function problemsOf(budget: Budget, where: string, known: KnownNames): string[] {
  const problems: string[] = [];
  const check = (what: string, given: readonly string[] = [], there: Iterable<string>) => {
    const names = new Set(there);
    for (const one of given.filter((one) => !names.has(one))) {
      problems.push(`${where}: there is no ${what} "${one}". There is: ${[...names].join(', ')}.`);
    }
  };
  check('metric', [budget.metric], FIGURES.keys());
  check('scenario', budget.scenarios, known.scenarios);
  check('profile', budget.profiles, known.profiles);
  if (budget.limit === undefined && !budget.baseline && !budget.against) {
    problems.push(`${where}: what is allowed? Say "limit", "baseline" or "against".`);
  }
  return problems;
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}

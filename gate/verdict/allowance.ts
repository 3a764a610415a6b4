import { differenceText, figureText } from '../figure-text.ts';
import type { Figure } from '../figures.ts';
import type { Comparison } from './budgets.ts';

/** What a figure may be: by itself, or beside a stored result or the other side of this one. */
export type Allowance =
  | { readonly kind: 'limit'; readonly limit: number }
  | { readonly kind: 'baseline' | 'against'; readonly comparison: Comparison };

/** How much worse than allowed a figure is, in its unit; negative where it is better. */
export function excessOf(
  { better, minimumEffect }: Figure,
  allowance: Allowance,
  measured: number,
  reference: number,
): number {
  const sign = better === 'less' ? 1 : -1;
  if (allowance.kind === 'limit') return sign * (measured - allowance.limit);
  const { ratio, by = minimumEffect } = allowance.comparison;
  const beyond = sign * (measured - reference) - by;
  // Both have to be exceeded: a tenth more of next to nothing is still nothing.
  return ratio === undefined ? beyond : Math.min(beyond, sign * (measured - ratio * reference));
}

/** What is allowed, in words. */
export function allowedText({ better, unit, minimumEffect }: Figure, allowance: Allowance): string {
  if (allowance.kind === 'limit') {
    return `at ${better === 'less' ? 'most' : 'least'} ${figureText(allowance.limit, unit)}`;
  }
  const { ratio, by = minimumEffect } = allowance.comparison;
  const difference = differenceText(better === 'less' ? by : -by, unit);
  return ratio === undefined ? difference : `× ${ratio}, and ${difference} in any case`;
}

import { rangeText } from '../figure-text.ts';
import { FIGURES } from '../figures.ts';
import type { Verdict } from '../result.ts';
import { element } from './markup.ts';

const WIDTH = 150;
const HEIGHT = 18;
const MIDDLE = HEIGHT / 2;
const MARGIN = 6;

/**
 * Where the truth lies beside what is allowed, the upright line: to the right of
 * it is worse. Nothing where there were too few runs to tell.
 */
export function intervalPlot({ excess, outcome, figure }: Verdict): string {
  if (!excess) return '';
  const { low, high, estimate } = excess;
  const reach = Math.max(Math.abs(low), Math.abs(high), Number.MIN_VALUE);
  const xOf = (value: number) => {
    const x = WIDTH / 2 + (value / reach) * (WIDTH / 2 - MARGIN);
    return Math.round(x * 10) / 10;
  };
  const unit = FIGURES.get(figure)?.unit ?? 'points';
  return element(
    'svg',
    {
      class: `interval ${outcome}`,
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: 'img',
      'aria-label': `Worse than allowed by ${rangeText(low, high, unit, true)}`,
    },
    [
      element('path', { class: 'allowed', d: `M${WIDTH / 2} 0v${HEIGHT}` }),
      element('path', { class: 'range', d: `M${xOf(low)} ${MIDDLE}H${xOf(high)}` }),
      element('circle', { class: 'estimate', cx: xOf(estimate), cy: MIDDLE, r: 3.5 }),
    ].join(''),
  );
}

import { LATENCY_STAGES, type LatencyStage } from '../../protocol/latency-stages.ts';
import { figureText } from '../figure-text.ts';
import { METRICS } from '../metrics.ts';
import { element, escaped } from './markup.ts';
import { roundUp } from './plot.ts';

/** One bar: the stages of a latency, one after another. */
export interface StageBar {
  readonly title: string;
  readonly stagesMs: Readonly<Record<LatencyStage, number>>;
}

/** Round parts of the scale. */
const PARTS = 4;

function totalOf({ stagesMs }: StageBar): number {
  return LATENCY_STAGES.reduce((sum, stage) => sum + stagesMs[stage], 0);
}

/** Which of them takes longest. */
export function largestStage(stagesMs: StageBar['stagesMs']): LatencyStage {
  return LATENCY_STAGES.reduce((most, stage) => (stagesMs[stage] > stagesMs[most] ? stage : most));
}

/** Bars below one another, on one scale, each under its title: as wide as there is room for. */
export function stageBars(bars: readonly StageBar[]): string {
  const most = roundUp(Math.max(1, ...bars.map(totalOf)), PARTS);
  const items = bars.map(({ title, stagesMs }) => {
    const parts = LATENCY_STAGES.filter((stage) => stagesMs[stage] > 0).map((stage) => {
      const ms = stagesMs[stage];
      const width = `width:${((100 * ms) / most).toFixed(2)}%`;
      const told = `${METRICS[stage].title}: ${figureText(ms, 'ms')}`;
      return element('span', { class: `stage ${stage}`, style: width, title: told });
    });
    return element('li', {}, escaped(title) + element('div', { class: 'bar' }, parts.join('')));
  });
  const scale = Array.from({ length: PARTS + 1 }, (_, i) => {
    const ms = Number(((i * most) / PARTS).toPrecision(3));
    return element('span', {}, i === PARTS ? `${ms} ms` : String(ms));
  });
  return (
    element('ol', { class: 'bars' }, items.join('\n')) +
    element('div', { class: 'scale', 'aria-hidden': 'true' }, scale.join(''))
  );
}

/** What the colours mean. */
export function stageLegend(): string {
  const items = LATENCY_STAGES.map((stage) =>
    element('li', { class: `stage ${stage}` }, escaped(METRICS[stage].title)),
  );
  return element('ul', { class: 'legend', 'aria-label': 'Stages' }, items.join(''));
}

import { figureText } from '../figure-text.ts';
import { STAGES, type Stage } from '../metrics.ts';
import { element, escaped } from './markup.ts';
import { roundUp } from './plot.ts';

/** One bar: the stages of a latency, one after another. */
export interface StageBar {
  readonly title: string;
  readonly stagesMs: Readonly<Record<Stage, number>>;
}

export const STAGE_TITLES: Readonly<Record<Stage, string>> = {
  uplink: 'Uplink',
  wait: 'Wait for the tick',
  render: 'Render',
  encode: 'Convert and encode',
  network: 'Send and network',
  decode: 'Jitter buffer and decode',
  present: 'Present',
};

const WIDTH = 680;
const LINE = 30;
const BAR = 12;
const TITLE = 11;
const FOOT = 16;
const PARTS = 4;

function totalOf({ stagesMs }: StageBar): number {
  return STAGES.reduce((sum, stage) => sum + stagesMs[stage], 0);
}

/** Which of them takes longest. */
export function largestStage(stagesMs: StageBar['stagesMs']): Stage {
  return STAGES.reduce((most, stage) => (stagesMs[stage] > stagesMs[most] ? stage : most));
}

/** Bars below one another, on one scale; their titles above them, so that a phone is wide enough. */
export function stageBars(bars: readonly StageBar[], label: string): string {
  const most = roundUp(Math.max(1, ...bars.map(totalOf)), PARTS);
  const height = bars.length * LINE;
  const xOf = (ms: number) => Math.round((ms / most) * WIDTH * 10) / 10;
  const grid = Array.from({ length: PARTS + 1 }, (_, i) => (i * most) / PARTS).map((ms) => {
    const side = ms === 0 ? '' : ms === most ? 'end' : 'x';
    const text = `${Number(ms.toPrecision(3))}${ms === most ? ' ms' : ''}`;
    return (
      element('path', { class: 'grid', d: `M${xOf(ms)} 0v${height}` }) +
      element('text', { class: `tick ${side}`, x: xOf(ms), y: height + 12 }, text)
    );
  });
  const drawn = bars.map((bar, i) => {
    let from = 0;
    const parts = STAGES.map((stage) => {
      const ms = bar.stagesMs[stage];
      const x = xOf(from);
      from += ms;
      const width = Math.max(0, Math.round((xOf(from) - x) * 10) / 10);
      if (width === 0) return '';
      const title = element(
        'title',
        {},
        escaped(`${STAGE_TITLES[stage]}: ${figureText(ms, 'ms')}`),
      );
      const y = i * LINE + TITLE + 4;
      return element('rect', { class: `stage ${stage}`, x, y, width, height: BAR }, title);
    });
    const name = element('text', { class: 'title', x: 0, y: i * LINE + TITLE }, escaped(bar.title));
    return name + parts.join('');
  });
  return element(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${height + FOOT}`, role: 'img', 'aria-label': label },
    [...grid, ...drawn].join(''),
  );
}

/** What the colours mean. */
export function stageLegend(): string {
  const items = STAGES.map((stage) =>
    element('li', { class: `stage ${stage}` }, escaped(STAGE_TITLES[stage])),
  );
  return element('ul', { class: 'legend', 'aria-label': 'Stages' }, items.join(''));
}

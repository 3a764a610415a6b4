import { LATENCY_STAGES } from '../../protocol/latency-stages.ts';
import { figureText, plural } from '../figure-text.ts';
import { FIGURES } from '../figures.ts';
import { METRICS } from '../metrics.ts';
import type { Result, WorstFrame } from '../result.ts';
import { type CellView, cellsOf, cellTitle, type SideView } from './cells.ts';
import { distributionPlot } from './distribution-plot.ts';
import { STYLE } from './html-style.ts';
import { renderHtmlTable } from './html-table.ts';
import { intervalPlot } from './interval-plot.ts';
import { element, escaped } from './markup.ts';
import { figureTable, overviewTable, stageTable, worstFirst } from './result-tables.ts';
import { largestStage, type StageBar, stageBars, stageLegend } from './stage-bars.ts';
import {
  harnessText,
  headline,
  machineText,
  OUTCOME_WORDS,
  sidesText,
  warnings,
} from './summary.ts';
import { extentsOf, frozenMs, timelinePlot } from './timeline-plot.ts';

const TITLE = 'Rockpool latency gate';
/** As many worst frames as a person looks at. */
const WORST = 10;
/** Runs whose time lines are there to see at once; the others unfold. */
const OPEN_RUNS = 2;

/** The result as one self-contained HTML page: nothing is loaded from anywhere, and no script runs. */
export function renderHtml(result: Result, baseline?: Result): string {
  const cells = cellsOf(result, baseline);
  const about = [`${result.startedAt.slice(0, 16).replace('T', ' ')} UTC`, sidesText(result)];
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    element('title', {}, TITLE),
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    '<header>',
    element('h1', {}, TITLE),
    element('p', { class: 'headline' }, escaped(headline(result))),
    element('p', { class: 'about' }, escaped(about.filter(Boolean).join('. '))),
    list('warnings', warnings(result)),
    '</header>',
    '<main>',
    budgetSection(result),
    cells.length > 0 ? renderHtmlTable(overviewTable(cells)) : '',
    ...cells.map(cellSection),
    aboutSection(result),
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function budgetSection({ verdicts }: Result): string {
  if (verdicts.length === 0) return '';
  const items = worstFirst(verdicts).map((verdict) => {
    const title = FIGURES.get(verdict.figure)?.title ?? verdict.figure;
    return element(
      'li',
      { class: verdict.outcome },
      element('strong', {}, escaped(OUTCOME_WORDS[verdict.outcome])) +
        element('div', {}, `${element('b', {}, escaped(title))} ${escaped(cellTitle(verdict))}`) +
        intervalPlot(verdict) +
        element('p', {}, escaped(verdict.why)),
    );
  });
  const note =
    'The bar is where the figure lies as far as the runs tell; right of the upright line is worse than allowed.';
  return element(
    'section',
    { id: 'budgets' },
    element('h2', {}, 'Budgets') +
      element('p', { class: 'note' }, note) +
      element('ul', { class: 'verdicts' }, items.join('\n')),
  );
}

function cellSection(cell: CellView, index: number): string {
  const problems = cell.sides.flatMap((side) =>
    side.failed.map(({ run, problem }) => `Run ${run} of ${side.side}: ${problem?.what ?? ''}`),
  );
  return element(
    'section',
    { id: `cell-${index + 1}` },
    [
      element('h2', {}, escaped(cellTitle(cell))),
      list('warnings', problems),
      distributions(cell),
      waterfall(cell),
      renderHtmlTable(stageTable(cell)),
      timelines(cell),
      worstFrames(cell),
      renderHtmlTable(figureTable(cell)),
    ].join('\n'),
  );
}

function distributions({ sides }: CellView): string {
  const drawn = (name: 'clickToPhoton' | 'clickToPhotonPixels' | 'frameInterval') =>
    sides.flatMap((side) => {
      const distribution = side.distribution(name);
      return distribution ? [{ side: side.side, distribution }] : [];
    });
  const plots = (
    [
      ['clickToPhoton', 'Click to photon'],
      ['clickToPhotonPixels', 'Click to photon, read from the picture'],
      ['frameInterval', 'Between two pictures'],
    ] as const
  ).flatMap(([name, title]) => {
    const of = drawn(name);
    return of.length > 0 ? [element('figure', {}, distributionPlot(of, title))] : [];
  });
  return plots.length === 0
    ? ''
    : sideLegend(sides) + element('div', { class: 'plots' }, plots.join(''));
}

function sideLegend(sides: readonly SideView[]): string {
  const items = sides.map(({ side, label, name }) =>
    element('li', { class: `side ${side}` }, escaped(name === label ? label : `${label}: ${name}`)),
  );
  const percentiles = element('li', { class: 'mark' }, 'p50, and dashed p95');
  return element('ul', { class: 'legend', 'aria-label': 'Sides' }, items.join('') + percentiles);
}

/** Means: they alone add up to the mean of the whole. */
function waterfall({ sides }: CellView): string {
  const bars = sides.flatMap((side): StageBar[] => {
    const means = LATENCY_STAGES.map(
      (stage) => [stage, side.distribution(stage)?.mean() ?? 0] as const,
    );
    const total = means.reduce((sum, [, ms]) => sum + ms, 0);
    if (total === 0) return [];
    const stagesMs = Object.fromEntries(means) as StageBar['stagesMs'];
    return [{ title: `${side.name}: ${figureText(total, 'ms')} on average`, stagesMs }];
  });
  if (bars.length === 0) return '';
  return (
    element('h3', {}, 'Where the time goes') +
    stageLegend() +
    element('figure', {}, stageBars(bars))
  );
}

function timelines({ sides }: CellView): string {
  const runs = sides.flatMap((side) => side.runs).filter(({ timeline }) => timeline.length > 0);
  if (runs.length === 0) return '';
  const extents = extentsOf(runs);
  const figures = runs
    .toSorted((one, other) => frozenMs(other) - frozenMs(one) || one.run - other.run)
    .map((run) => {
      const text = `${run.side}, run ${run.run}`;
      const frozen =
        run.freezes.length > 0
          ? ` ${run.freezes.length} × frozen, ${figureText(frozenMs(run), 'ms')} altogether`
          : ' no freeze';
      const caption = element('strong', {}, escaped(text)) + escaped(frozen);
      return element('figure', {}, element('figcaption', {}, caption) + timelinePlot(run, extents));
    });
  const grid = (of: readonly string[]) => element('div', { class: 'multiples' }, of.join('\n'));
  const rest = figures.slice(OPEN_RUNS);
  const folded =
    rest.length === 0
      ? ''
      : element(
          'details',
          {},
          element('summary', {}, `${rest.length} more, those that froze longest first`) +
            grid(rest),
        );
  return (
    element('h3', {}, 'Over time') + TIMELINE_LEGEND + grid(figures.slice(0, OPEN_RUNS)) + folded
  );
}

const TIMELINE_LEGEND = element(
  'ul',
  { class: 'legend', 'aria-label': 'What the time lines show' },
  [
    ['latency', 'an input, shown'],
    ['beyond', 'the same, later than the scale'],
    ['framesPerSecond', 'pictures'],
    ['bitrateBps', 'bit rate'],
    ['capacity', 'what the link carries'],
    ['freeze', 'no new picture'],
  ]
    .map(([name = '', text = '']) => element('li', { class: name }, text))
    .join(''),
);

function worstFrames({ sides }: CellView): string {
  const judged = sides.find(({ side }) => side === 'b');
  const worst = (judged?.runs ?? [])
    .flatMap(({ run, worstFrames: of }) => of.map((frame) => ({ run, frame })))
    .toSorted((one, other) => other.frame.totalMs - one.frame.totalMs)
    .slice(0, WORST);
  if (!judged || worst.length === 0) return '';
  const bars = worst.map(
    ({ run, frame }): StageBar => ({
      title: worstTitle(run, frame),
      stagesMs: frame.stages,
    }),
  );
  return (
    element('h3', {}, 'Worst frames, and what delayed them') +
    stageLegend() +
    element('figure', {}, stageBars(bars))
  );
}

function worstTitle(run: number, { totalMs, atMs, frameNumber, stages }: WorstFrame): string {
  const stage = largestStage(stages);
  return `${figureText(totalMs, 'ms')}: ${METRICS[stage].title} ${figureText(stages[stage], 'ms')} (run ${run} at ${(atMs / 1000).toFixed(1)} s, frame ${frameNumber})`;
}

function aboutSection(result: Result): string {
  const { command, startedAt, endedAt } = result;
  const harness = harnessText(result);
  const lines = [
    machineText(result),
    command,
    `From ${startedAt} to ${endedAt}; ${runsText(result)}.`,
    ...(harness === undefined ? [] : [harness]),
  ];
  return element(
    'section',
    { id: 'about' },
    element('h2', {}, 'How it was measured') + list('notes', lines),
  );
}

function runsText({ options: { runs }, sides }: Result): string {
  const count = `${plural(runs, 'run')} of each network and browser`;
  return sides.a ? `${count} on each side` : count;
}

function list(name: string, lines: readonly string[]): string {
  if (lines.length === 0) return '';
  const items = lines.map((line) => element('li', {}, escaped(line)));
  return element('ul', { class: name }, items.join(''));
}

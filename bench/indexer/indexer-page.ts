import { renderHtmlTable } from '../../gate/report/html-table.ts';
import { element, escaped } from '../../gate/report/markup.ts';
import { busyWarning, machineLine } from '../support/machine.ts';
import type { BenchResult } from '../support/results.ts';
import { type GrowthSeries, growthPlot } from './growth-plot.ts';

export interface IndexerReport {
  readonly result: BenchResult;
  readonly series: readonly GrowthSeries[];
  /** What a decision may take at a size, microseconds. */
  readonly limits: readonly { readonly containers: number; readonly us: number }[];
  /** Of the whole page. */
  readonly css: string;
}

const TITLE = 'Choosing a container';

/** One self-contained HTML page: nothing is loaded from anywhere. */
export function renderIndexerPage({ result, series, limits, css }: IndexerReport): string {
  const [machine = ''] = machineLine(result.machine).split('\n');
  const warning = busyWarning(result.machine);
  const about = [`${result.at.slice(0, 10)}. ${machine}.`, warning ?? ''].join(' ').trim();
  const legend = [...series, { name: 'limit', title: 'what it may take' }].map(({ name, title }) =>
    element('li', { class: name }, escaped(title)),
  );
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    element('title', {}, TITLE),
    `<style>${css}</style>`,
    `<header>${element('h1', {}, TITLE)}${element('p', { class: 'machine' }, escaped(about))}</header>`,
    '<main>',
    element('ul', { class: 'legend', 'aria-label': 'What the plot shows' }, legend.join('')),
    element('figure', { class: 'growth' }, growthPlot(series, limits)),
    ...result.tables.map(renderHtmlTable),
    element(
      'ul',
      { class: 'notes' },
      result.notes.map((note) => element('li', {}, escaped(note))).join(''),
    ),
    '</main>',
    '</html>',
    '',
  ].join('\n');
}

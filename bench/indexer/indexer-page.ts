import { element, escaped } from '../network/report/markup.ts';
import { busyWarning, machineLine } from '../support/machine.ts';
import type { BenchResult } from '../support/results.ts';
import type { Table } from '../support/table.ts';
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
    ...result.tables.map(renderTable),
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

function renderTable({ title, head, rows }: Table): string {
  const heads = head.map((cell) => element('th', { scope: 'col' }, escaped(cell))).join('');
  const lines = rows.map(([first = '', ...figures]) => {
    const cells = figures.map((cell) => {
      const isVerdict = cell === 'met' || cell === 'missed';
      return element('td', isVerdict ? { class: cell } : {}, escaped(cell));
    });
    return element('tr', {}, element('th', { scope: 'row' }, escaped(first)) + cells.join(''));
  });
  const table = element(
    'table',
    {},
    element('caption', {}, escaped(title)) +
      element('thead', {}, element('tr', {}, heads)) +
      element('tbody', {}, lines.join('\n')),
  );
  // A region that scrolls has to be reachable by keyboard.
  return element(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': title },
    table,
  );
}

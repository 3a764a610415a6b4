import type { LinkModel } from '../../../gate/network/link-model.ts';
import { type Profile, roundTripMs } from '../../../gate/network/profiles.ts';
import { renderHtmlTable } from '../../../gate/report/html-table.ts';
import { element, escaped } from '../../../gate/report/markup.ts';
import { figure, type Table } from '../../../gate/report/table.ts';
import { busyWarning, machineLine } from '../../support/machine.ts';
import type { BenchResult } from '../../support/results.ts';
import type { RunRecord } from '../measure/run-record.ts';
import { summarize } from '../measure/run-summary.ts';
import { extentsOf, runPlot } from './run-plot.ts';

/** Everything the page shows. */
export interface NetworkReport {
  /** In the order in which they are shown. */
  readonly results: readonly BenchResult[];
  readonly records: readonly RunRecord[];
  readonly profiles: ReadonlyMap<string, Profile>;
  /** Of the whole page. */
  readonly css: string;
}

const TITLE = 'Rockpool on bad networks';

/** One self-contained HTML page: nothing is loaded from anywhere. */
export function renderPage(report: NetworkReport): string {
  const { results, records, css } = report;
  const names = [...new Set(records.map(({ profile }) => profile))];
  const body = [
    '<header>',
    element('h1', {}, TITLE),
    element('p', { class: 'machine' }, machineText(results)),
    '</header>',
    '<main>',
    ...results.flatMap(({ tables }) => tables.filter(isTargetTable)).map(renderHtmlTable),
    names.length > 0 ? LEGEND : '',
    ...names.map((name) => profileSection(name, report)),
    element('h2', {}, 'All figures'),
    ...results
      .flatMap(({ tables }) => tables.filter((table) => !isTargetTable(table)))
      .map(renderHtmlTable),
    element(
      'ul',
      { class: 'notes' },
      results
        .flatMap(({ notes }) => notes)
        .map(item)
        .join(''),
    ),
    element('ul', { class: 'notes' }, results.map(provenance).map(item).join('')),
    '</main>',
  ];
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    element('title', {}, TITLE),
    `<style>${css}</style>`,
    ...body,
    '</html>',
    '',
  ].join('\n');
}

const LEGEND = element(
  'ul',
  { class: 'legend', 'aria-label': 'What the plots show' },
  [
    ['rate', 'what came through'],
    ['capacity', 'what the link carries'],
    ['queue', 'longest wait in the queue, of each 100 ms'],
    ['lost', 'packets lost by chance'],
    ['dropped', 'packets a full queue refused'],
    ['latency', 'a key press, shown'],
    ['beyond', 'the same, later than the scale'],
    ['freeze', 'no new picture'],
  ]
    .map(([name = '', text = '']) => element('li', { class: name }, escaped(text)))
    .join(''),
);

function profileSection(name: string, { records, profiles }: NetworkReport): string {
  const runs = records.filter(({ profile }) => profile === name);
  const extents = extentsOf(runs);
  const profile = profiles.get(name);
  const figures = runs.map((run) =>
    element('figure', {}, element('figcaption', {}, caption(run)) + runPlot(run, extents)),
  );
  return element(
    'section',
    { id: name },
    element('h2', {}, escaped(name)) +
      (profile ? element('p', {}, escaped(describeProfile(profile))) : '') +
      element('div', { class: 'multiples' }, figures.join('')),
  );
}

function caption(run: RunRecord): string {
  const { latencyP50Ms, latencyP95Ms, frozenMs, framesPerSecond } = summarize(run);
  const codec = run.codec.replace(/^video\//, '');
  const text = `${figure(latencyP50Ms)} / ${figure(latencyP95Ms)} ms, frozen ${figure(frozenMs)} ms, ${figure(framesPerSecond)} frames/s`;
  return `${element('strong', {}, escaped(run.sender))} ${escaped(codec)}<br>${escaped(text)}`;
}

/** The way down in words. */
export function describeProfile(profile: Profile): string {
  const { rate, loss, jitter, queue, delayMs } = profile.down;
  const rates = rate.map(({ bitrateBps }) => bitrateBps / 1e6);
  const least = Math.min(...rates);
  const most = Math.max(...rates);
  const parts = [
    least === most ? `${figure(most)} Mbit/s` : `${figure(least)} to ${figure(most)} Mbit/s`,
    `${delayMs} ms each way${jitter.spreadMs > 0 ? ` ± ${jitter.spreadMs} ms` : ''}`,
    `round trip ${roundTripMs(profile)} ms`,
    ...(jitter.reorder ? ['packets overtake one another'] : []),
    ...(loss.share > 0 ? [lossText(loss)] : []),
    'delayMs' in queue ? `queue of ${queue.delayMs} ms` : `queue of ${queue.bytes} bytes`,
  ];
  return `${parts.join(', ')}.`;
}

function lossText(loss: LinkModel['loss']): string {
  const share = `${figure(100 * loss.share)} % lost`;
  return loss.kind === 'bursts' ? `${share} in bursts of ${loss.meanBurstPackets} packets` : share;
}

function isTargetTable({ head }: Table): boolean {
  return head.at(-1) === 'verdict';
}

function machineText(results: readonly BenchResult[]): string {
  const [first] = results;
  if (!first) return 'Nothing was measured yet.';
  const [line = ''] = machineLine(first.machine).split('\n');
  const warnings = new Set(results.map(({ machine }) => busyWarning(machine)));
  const warning = [...warnings].filter((one) => one !== undefined).join(' ');
  return escaped([`${first.at.slice(0, 10)}. ${line}.`, warning].filter(Boolean).join(' '));
}

function provenance({ bench, at, command }: BenchResult): string {
  return `${bench}: ${command}, ${at.slice(0, 16).replace('T', ' ')} UTC`;
}

function item(text: string): string {
  return element('li', {}, escaped(text));
}

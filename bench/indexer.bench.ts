import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { figure, type Table } from '../gate/report/table.ts';
import type { GrowthSeries } from './indexer/growth-plot.ts';
import { renderIndexerPage } from './indexer/indexer-page.ts';
import { type IndexMeasurement, measureIndex } from './indexer/measure-index.ts';
import { publish, RESULTS_FOLDER, readResults } from './support/results.ts';
import { runBench } from './support/run-bench.ts';
import { targetTable } from './support/target.ts';

/*
 * How long the indexer takes to choose a container, over pools of growing size: containers tell their
 * load between decisions, as they do in use, and there are tickets that find little or nothing.
 */

const SIZES = [100, 1_000, 10_000, 100_000];
const LIMITS = [
  { containers: 10_000, us: 1_000 },
  { containers: 100_000, us: 5_000 },
];
const STYLES = [
  '../client/styles/tokens.css',
  './network/report/page.css',
  './indexer/growth.css',
].map((path) => new URL(path, import.meta.url));

function worstP99Us({ decisions }: IndexMeasurement): number {
  return 1000 * Math.max(...decisions.map(({ summary }) => summary.p99));
}

function decisionTable({ containers, decisions }: IndexMeasurement): Table {
  return {
    title: `Decisions over ${containers.toLocaleString('en')} containers`,
    head: ['ticket', 'p50 µs', 'p99 µs', 'max µs', 'placed'],
    rows: decisions.map(({ kind, summary: { p50, p99, max }, placed }) => [
      kind,
      ...[p50, p99, max].map((ms) => figure(1000 * ms)),
      figure(100 * placed, '%'),
    ]),
  };
}

function upkeepTable(measurements: readonly IndexMeasurement[]): Table {
  return {
    title: 'Upkeep of the index',
    head: [
      'containers',
      'updates a second',
      'a new one',
      'filing all anew',
      'longest slice of that',
      'bytes a container',
    ],
    rows: measurements.map((one) => [
      one.containers.toLocaleString('en'),
      Math.round(one.updatesPerSecond).toLocaleString('en'),
      figure(one.joinUs, 'µs'),
      figure(one.refreshMs, 'ms'),
      figure(one.longestSliceMs, 'ms'),
      figure(one.bytesPerContainer),
    ]),
  };
}

function seriesOf(measurements: readonly IndexMeasurement[]): GrowthSeries[] {
  const pick = (title: string, name: string, usOf: (one: IndexMeasurement) => number) => ({
    title,
    name,
    points: measurements.map((one) => ({ containers: one.containers, us: usOf(one) })),
  });
  const ordinary = ({ decisions }: IndexMeasurement) =>
    decisions.find(({ kind }) => kind === 'ordinary')?.summary;
  return [
    pick('ordinary tickets, p50', 'ordinary median', (one) => 1000 * (ordinary(one)?.p50 ?? 0)),
    pick('ordinary tickets, p99', 'ordinary', (one) => 1000 * (ordinary(one)?.p99 ?? 0)),
    pick('the worst kind of ticket, p99', 'worst', worstP99Us),
  ];
}

async function writePage(measurements: readonly IndexMeasurement[]): Promise<void> {
  const result = (await readResults()).find(({ bench }) => bench === 'indexer');
  if (!result) throw new Error('The result of the indexer was not kept.');
  const css = await Promise.all(STYLES.map((style) => readFile(style, 'utf8')));
  const path = join(RESULTS_FOLDER, 'indexer.html');
  const series = seriesOf(measurements);
  await writeFile(path, renderIndexerPage({ result, series, limits: LIMITS, css: css.join('\n') }));
  console.log(`Drawn as ${path}`);
}

await runBench(async () => {
  const { values } = parseArgs({
    options: {
      sizes: { type: 'string', default: SIZES.join(',') },
      decisions: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
    },
  });
  const measurements: IndexMeasurement[] = [];
  for (const size of values.sizes.split(',').map(Number)) {
    console.log(`${size.toLocaleString('en')} containers…`);
    measurements.push(measureIndex(size, Number(values.decisions), Number(values.seed)));
  }
  const targets = LIMITS.flatMap(({ containers, us }) => {
    const measured = measurements.find((one) => one.containers === containers);
    if (!measured) return [];
    const what = `${containers.toLocaleString('en')} containers: p99 of the worst kind of ticket`;
    return [{ what, measured: worstP99Us(measured) / 1000, limit: us / 1000, unit: 'ms' }];
  });
  await publish('indexer', {
    tables: [
      targetTable('Indexer: targets', targets),
      ...measurements.map(decisionTable),
      upkeepTable(measurements),
    ],
    notes: [
      `20 regions, 50 games, each on about 60 % of the containers, and 1,000 builds of studios, which four of five can fetch; ${values.decisions} decisions of each kind, 20 heartbeats before each, not included.`,
      'Bytes are those of the index: what a container told is kept besides.',
    ],
    data: measurements,
  });
  await writePage(measurements);
});

import { parseArgs } from 'node:util';
import { countOpenFiles, descendantsOf, readProcess } from '../gate/machine/process-statistics.ts';
import { figure, type Table } from '../gate/report/table.ts';
import { measureNativeSessions } from './sessions/native-sessions.ts';
import { measureTwoNative } from './sessions/two-native.ts';
import { growthOf, sparkline } from './support/growth.ts';
import { publish } from './support/results.ts';
import {
  leave,
  MEASURED_STREAM,
  openLibrary,
  openPage,
  play,
  Rockpool,
  requireBuild,
  startBrowser,
} from './support/rig.ts';
import { type Belongings, runBench } from './support/run-bench.ts';
import { targetTable } from './support/target.ts';

/*
 * Sessions started and ended one after another, by a real browser: what does the program keep of
 * them? Signaling and container are one process here; a reading is taken when it is at rest.
 */

const SESSION_PROBE = new URL('./page/session-probe.ts', import.meta.url);
const GAME = 'calibration';
/** Before these, caches and compiled code grow and nothing leaks. */
const WARM_UP = 10;
const BETWEEN_READINGS = 10;
const GROWTH_LIMIT_PERCENT = 10;
const MIB = 2 ** 20;

interface Reading {
  readonly sessions: number;
  /** Below the program; at rest this is the spare worker alone. */
  readonly processes: number;
  readonly openFiles: number;
  readonly rssBytes: number;
}

async function read(rockpool: Rockpool, sessions: number): Promise<Reading> {
  await rockpool.spareReady();
  const statistics = await readProcess(rockpool.pid);
  return {
    sessions,
    processes: (await descendantsOf(rockpool.pid)).length,
    openFiles: await countOpenFiles(rockpool.pid),
    rssBytes: statistics?.rssBytes ?? Number.NaN,
  };
}

interface Series {
  readonly what: string;
  readonly unit: string;
  readonly values: readonly number[];
}

function seriesOf(readings: readonly Reading[]): Series[] {
  return [
    { what: 'processes', unit: '', values: readings.map((r) => r.processes) },
    { what: 'open file descriptors', unit: '', values: readings.map((r) => r.openFiles) },
    { what: 'memory (RSS)', unit: 'MiB', values: readings.map((r) => r.rssBytes / MIB) },
  ];
}

function growthTable(series: readonly Series[], sessions: number): Table {
  return {
    title: `${sessions} sessions one after another`,
    head: ['', 'first', 'last', 'growth', 'at rest, over time'],
    rows: series.map(({ what, unit, values }) => {
      const { first, last, share } = growthOf(values);
      const cells = [figure(first, unit), figure(last, unit), figure(100 * share, '%')];
      return [what, ...cells, sparkline(values)];
    }),
  };
}

async function measureGrowth(belongings: Belongings, count: number): Promise<void> {
  const browser = await startBrowser(belongings);
  const rockpool = await Rockpool.start(belongings);
  const page = await openPage(browser, SESSION_PROBE, MEASURED_STREAM);
  await openLibrary(page, rockpool.url, GAME);
  const playOne = async () => {
    await play(page, GAME);
    await leave(page, rockpool, GAME);
  };
  console.log(`${WARM_UP} sessions to warm up…`);
  for (let session = 0; session < WARM_UP; session++) await playOne();
  const readings = [await read(rockpool, 0)];
  const beganMs = performance.now();
  for (let session = 1; session <= count; session++) {
    await playOne();
    if (session % BETWEEN_READINGS !== 0 && session !== count) continue;
    readings.push(await read(rockpool, session));
    console.log(`${session} of ${count} sessions`);
  }
  const minutes = (performance.now() - beganMs) / 60_000;
  const series = seriesOf(readings);
  await publish('sessions', {
    tables: [
      targetTable(
        'Sessions: targets',
        series.map((one) => ({
          what: `growth of ${one.what}`,
          measured: 100 * growthOf(one.values).share,
          limit: GROWTH_LIMIT_PERCENT,
          unit: '%',
        })),
      ),
      growthTable(series, count),
    ],
    notes: [
      `${GAME}, by one browser page: click, first picture, back to the library; ${figure(minutes)} minutes after ${WARM_UP} sessions that do not count.`,
      'First and last are medians of the first and the last fifth of the readings.',
    ],
    data: readings,
  });
}

await runBench(async (belongings) => {
  const { values } = parseArgs({
    options: {
      count: { type: 'string' },
      native: { type: 'boolean', default: false },
      'two-native': { type: 'boolean', default: false },
      seconds: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
    },
  });
  requireBuild();
  if (values['two-native']) await measureTwoNative(belongings, Number(values.seconds));
  else if (values.native) {
    await measureNativeSessions(belongings, Number(values.count ?? 100), Number(values.seed));
  } else await measureGrowth(belongings, Number(values.count ?? 200));
});

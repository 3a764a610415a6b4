import { parseArgs } from 'node:util';
import { readProcess } from '../gate/machine/process-statistics.ts';
import { medianOf } from '../gate/median.ts';
import { PROFILES, roundTripMs } from '../gate/network/profiles.ts';
import { figure, type Table } from '../gate/report/table.ts';
import { jitterBufferDelays } from './network/measure/jitter-buffer.ts';
import { settle } from './network/measure/measure-run.ts';
import { startRelay } from './network/measure/profile-runs.ts';
import { type Reading, slopePerMinute } from './network/measure/trend.ts';
import { RelayedSession } from './network/senders/rockpool-sender.ts';
import { sparkline } from './support/growth.ts';
import { pressKeys } from './support/key-presses.ts';
import { publish } from './support/results.ts';
import { MEASURED_STREAM, Rockpool, requireBuild, sizeNamed, startBrowser } from './support/rig.ts';
import { runBench } from './support/run-bench.ts';
import { type Target, targetTable } from './support/target.ts';

/* One long session over a network: does its delay creep up, does its memory grow? */

const MINUTE_MS = 60_000;
const MIB = 2 ** 20;
const READING_MS = 5000;
/** A key now and then, as a game has them. */
const RHYTHM = { leastMs: 500, mostMs: 1500 };

/** Both ways: a delay that only falls was too high before. */
const DELAY_SLOPE_MS = 0.1;
/** Compiled code, packet history and pools reach their size in this time. */
const MEMORY_SETTLES_MINUTES = 5;
/** A packet that is never let go, once a second, makes 0.07 MiB a minute. */
const MEMORY_SLOPE_MIB = 0.1;

/** A character for each of so many equal parts of the time. */
const SPARKS = 30;

function trendTable(delays: readonly Reading[], memory: readonly Reading[]): Table {
  const row = (what: string, unit: string, readings: readonly Reading[]) => {
    const values = readings.map(({ value }) => value);
    return [
      what,
      figure(medianOf(values), unit),
      figure(Math.min(...values), unit),
      figure(Math.max(...values), unit),
      `${figure(slopePerMinute(readings), unit)}/min`,
      sparkline(parts(values)),
    ];
  };
  return {
    title: 'From beginning to end',
    head: ['', 'median', 'least', 'most', 'slope', 'over time'],
    rows: [
      row('delay in the jitter buffer', 'ms', delays),
      row('memory of the worker (RSS)', 'MiB', memory),
    ],
  };
}

function memoryTarget(settled: readonly Reading[]): Target {
  return {
    what: `slope of the worker's memory, a minute, after ${MEMORY_SETTLES_MINUTES} minutes`,
    measured: slopePerMinute(settled),
    limit: MEMORY_SLOPE_MIB,
    unit: 'MiB',
  };
}

/** Medians of equal parts. */
function parts(values: readonly number[]): number[] {
  const size = Math.max(1, Math.ceil(values.length / SPARKS));
  const starts = Array.from({ length: Math.ceil(values.length / size) }, (_, i) => i * size);
  return starts.map((start) => medianOf(values.slice(start, start + size)));
}

await runBench(async (belongings) => {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '30' },
      profile: { type: 'string', default: 'cable' },
      seed: { type: 'string', default: '1' },
      size: { type: 'string', default: '1280x720' },
    },
  });
  const minutes = Number(values.minutes);
  const profile = PROFILES.get(values.profile);
  if (!profile) throw new Error(`There is no profile ${values.profile}.`);
  requireBuild();
  const size = sizeNamed(values.size);
  const browser = await startBrowser(belongings, size);
  const rockpool = await Rockpool.start(belongings);
  // The spare worker becomes the session's.
  const worker = await rockpool.spareReady();
  const relay = await startRelay(profile, Number(values.seed), belongings);
  const session = await RelayedSession.open(
    browser,
    rockpool,
    { ...MEASURED_STREAM, resolution: size },
    relay,
  );
  const { page } = session;
  await settle(page);
  await page.evaluate(() => window.networkProbe?.start());

  const memory: Reading[] = [];
  const beganMs = performance.now();
  const endMs = beganMs + minutes * MINUTE_MS;
  let nextReadingMs = beganMs;
  let minute = 0;
  while (performance.now() < endMs) {
    await pressKeys(page, 1, RHYTHM);
    const atMs = performance.now() - beganMs;
    if (performance.now() < nextReadingMs) continue;
    nextReadingMs += READING_MS;
    const { rssBytes = Number.NaN } = (await readProcess(worker)) ?? {};
    memory.push({ atMs, value: rssBytes / MIB });
    if (atMs < minute * MINUTE_MS) continue;
    console.log(`minute ${minute} of ${minutes}: worker ${figure(rssBytes / MIB, 'MiB')}`);
    minute++;
  }
  const report = await page.evaluate(() => window.networkProbe?.take());
  const { down } = await relay.statistics();
  await session.close();
  if (!report) throw new Error('The page has lost its probe.');
  const delays = jitterBufferDelays(report.statistics);
  const settledMs = MEMORY_SETTLES_MINUTES * MINUTE_MS;
  const settled = memory.filter(({ atMs }) => atMs >= settledMs);
  const last = report.statistics.at(-1);
  await publish('soak', {
    tables: [
      targetTable('Soak: targets', [
        {
          what: 'slope of the delay in the jitter buffer, a minute, either way',
          measured: Math.abs(slopePerMinute(delays)),
          limit: DELAY_SLOPE_MS,
          unit: 'ms',
        },
        ...(settled.length > 1 ? [memoryTarget(settled)] : []),
      ]),
      trendTable(delays, memory),
    ],
    notes: [
      `${profile.name}, round trip ${roundTripMs(profile)} ms, ${minutes} minutes; the scene at its busiest, ${figure((down.bytesDelivered * 8) / (minutes * MINUTE_MS) / 1000)} Mbit/s came through.`,
      `Slopes are those of straight lines with the least squares; ${last?.freezeCount ?? 0} freezes as the browser counts them.`,
    ],
    data: { delays, memory },
  });
});

import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Distribution } from '../gate/distribution.ts';
import { readProcess, readThreadCpuMs } from '../gate/machine/process-statistics.ts';
import { medianOf } from '../gate/median.ts';
import { figure, type Table } from '../gate/report/table.ts';
import type { Health } from './page/session-probe.ts';
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
import { runBench } from './support/run-bench.ts';
import { measureStageCost, STAGE_COST_GAME, type StageCost } from './support/stage-cost.ts';
import { targetTable } from './support/target.ts';

/* What one session costs the machine: event loop, processor by stage, memory, steadiness. */

const SESSION_PROBE = new URL('./page/session-probe.ts', import.meta.url);
const LOOP_DELAY_LIMIT_MS = 5;
/** Compilers and rate control have settled. */
const SETTLE_MS = 3000;
const MIB = 2 ** 20;

interface WorkerUse {
  readonly seconds: number;
  readonly frames: number;
  /** Milliseconds, from /proc in steps of 10. */
  readonly mainThreadMs: number;
  readonly otherThreadsMs: number;
  readonly rssBytes: number;
  readonly health: readonly Health[];
  readonly encoder: string;
}

function processorTable(use: WorkerUse, cost: StageCost): Table {
  const { mainThreadMs, otherThreadsMs, frames, seconds } = use;
  const row = (what: string, ms: number) => [
    what,
    figure(ms / frames),
    figure((100 * ms) / 1000 / seconds),
  ];
  const total = mainThreadMs + otherThreadsMs;
  const known = frames * (cost.renderMs + cost.encodeMs + cost.packetizeMs);
  return {
    title: 'Processor time of the worker',
    head: ['', 'ms a frame', '% of a core'],
    rows: [
      row('whole process', total),
      row('  main thread', mainThreadMs),
      row('  other threads (libuv pool, encoder, V8)', otherThreadsMs),
      row('by stage: render', frames * cost.renderMs),
      row('  convert + encode', frames * cost.encodeMs),
      row('  packetize', frames * cost.packetizeMs),
      row('  the rest: encryption, sockets, timers, sound, V8', total - known),
    ],
  };
}

function healthTable({ health, rssBytes }: WorkerUse): Table {
  const row = (what: string, unit: string, values: readonly number[]) => [
    what,
    figure(medianOf(values), unit),
    figure(Math.min(...values), unit),
    figure(Math.max(...values), unit),
  ];
  return {
    title: 'The worker second by second',
    head: ['', 'median', 'least', 'most'],
    rows: [
      row(
        'frames sent',
        '/s',
        health.map((h) => h.framesPerSecond),
      ),
      row(
        'event-loop delay, p99 of a second',
        'ms',
        health.map((h) => h.eventLoopDelayP99Ms),
      ),
      row(
        'bitrate',
        'Mbit/s',
        health.map((h) => h.bitrateBps / 1e6),
      ),
      row(
        'memory (RSS)',
        'MiB',
        [...health.map((h) => h.rssBytes), rssBytes].map((b) => b / MIB),
      ),
    ],
  };
}

await runBench(async (belongings) => {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '20' } } });
  const seconds = Number(values.seconds);
  requireBuild();
  const browser = await startBrowser(belongings);
  const rockpool = await Rockpool.start(belongings);
  const worker = await rockpool.spareReady();
  const page = await openPage(browser, SESSION_PROBE, MEASURED_STREAM);
  await openLibrary(page, rockpool.url, STAGE_COST_GAME);
  await play(page, STAGE_COST_GAME);
  await sleep(SETTLE_MS);

  const reset = () => {
    const { sessionProbe, rockpool: player } = window;
    const health = sessionProbe?.health.splice(0) ?? [];
    return { health, encoder: player?.snapshot.stream?.encoder ?? '' };
  };
  await page.evaluate(reset);
  const cpuBefore = await readProcess(worker);
  const threadsBefore = await readThreadCpuMs(worker);
  const beganMs = performance.now();
  await sleep(seconds * 1000);
  const elapsedS = (performance.now() - beganMs) / 1000;
  const cpuAfter = await readProcess(worker);
  const threadsAfter = await readThreadCpuMs(worker);
  const { health, encoder } = await page.evaluate(reset);
  await leave(page, rockpool, STAGE_COST_GAME);
  if (!cpuBefore || !cpuAfter) throw new Error('The worker ended during the measurement.');

  const mainThreadMs = (threadsAfter.get(worker) ?? 0) - (threadsBefore.get(worker) ?? 0);
  const framesPerSecond = health.reduce((sum, h) => sum + h.framesPerSecond, 0) / health.length;
  const use: WorkerUse = {
    seconds: elapsedS,
    frames: framesPerSecond * elapsedS,
    mainThreadMs,
    otherThreadsMs: cpuAfter.cpuMs - cpuBefore.cpuMs - mainThreadMs,
    rssBytes: cpuAfter.rssBytes,
    health,
    encoder,
  };
  const { maxBitrateBps: bitrateBps, frameRate } = MEASURED_STREAM;
  const cost = await measureStageCost({
    frames: 600,
    width: 1280,
    height: 720,
    frameRate,
    bitrateBps,
    encoder,
    threads: Math.min(4, availableParallelism()),
  });
  const delays = health.map((h) => h.eventLoopDelayP99Ms);
  await publish('worker', {
    tables: [
      targetTable('Worker: targets', [
        {
          what: 'event-loop delay, p99 of a second, median',
          measured: medianOf(delays),
          limit: LOOP_DELAY_LIMIT_MS,
          unit: 'ms',
        },
        {
          what: 'event-loop delay, p99 of a second, p95',
          measured: Distribution.of(delays).percentile(95),
          limit: LOOP_DELAY_LIMIT_MS,
          unit: 'ms',
        },
      ]),
      processorTable(use, cost),
      healthTable(use),
    ],
    notes: [
      `${STAGE_COST_GAME} at 1280x720, 60 frames a second, encoder ${encoder}, ${figure(elapsedS)} s.`,
      'Node gives its threads no names of their own: the process and its main thread are exact, the stages were measured one by one in a process of their own, and the rest is the difference.',
    ],
    data: { use, cost },
  });
});

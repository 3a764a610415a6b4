import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'puppeteer-core';
import { figure, type Table } from '../../gate/report/table.ts';
import {
  NATIVE_CALIBRATION,
  requireNativeGames,
  writeNativeGames,
} from '../capture/native-games.ts';
import { publish } from '../support/results.ts';
import {
  backToLibrary,
  leave,
  MEASURED_STREAM,
  openLibrary,
  openPage,
  play,
  pressPlay,
  Rockpool,
  startBrowser,
  until,
} from '../support/rig.ts';
import type { Belongings } from '../support/run-bench.ts';
import { targetTable } from '../support/target.ts';
import { killPlan } from './kill-plan.ts';
import { TRACE_KINDS, type Traces, traceCount, traceDifference } from './left-behind.ts';
import { readTraces } from './machine-traces.ts';

const SESSION_PROBE = new URL('../page/session-probe.ts', import.meta.url);
/** Before these nothing is counted: what stays for good is there afterwards. */
const WARM_UP = 2;
/** From the click on Play on: while it connects, while the game starts, while it is played. */
const LATEST_KILL_MS = 3000;
/**
 * Of whoever leaves while their game is started anew, the place is kept for a minute, as after any
 * broken connection: until then a session goes on.
 */
const LAST_SESSION_MS = 90_000;
/** What is left of a killed worker may be taken away a little later. */
const SWEEP_MS = 15_000;
const SWEEP_POLL_MS = 250;

async function playAndKill(page: Page, worker: number, afterMs: number): Promise<void> {
  await pressPlay(page, NATIVE_CALIBRATION);
  await sleep(afterMs);
  process.kill(worker, 'SIGKILL');
  await backToLibrary(page, NATIVE_CALIBRATION);
}

async function readWhenSwept(folder: string, before: Traces): Promise<Traces> {
  const deadline = performance.now() + SWEEP_MS;
  for (;;) {
    const left = traceDifference(before, await readTraces(folder));
    if (traceCount(left) === 0 || performance.now() > deadline) return left;
    await sleep(SWEEP_POLL_MS);
  }
}

function leftTable(left: Traces): Table {
  return {
    title: 'Left behind',
    head: ['', 'count', 'for example'],
    rows: TRACE_KINDS.map((kind) => {
      const names = left[kind];
      return [kind, String(names.length), names[0]?.slice(0, 100) ?? ''];
    }),
  };
}

/**
 * Sessions of a native game one after another, half of them killed: what do they leave on the
 * machine?
 */
export async function measureNativeSessions(
  belongings: Belongings,
  count: number,
  seed: number,
): Promise<void> {
  const games = await writeNativeGames(belongings);
  // All temporary files of the program, and by them its processes, are told from everybody else's.
  const folder = await mkdtemp(join(tmpdir(), 'rockpool-bench-'));
  await chmod(folder, 0o711);
  const remove = () => rm(folder, { recursive: true, force: true });
  belongings.add({ close: remove, kill: () => undefined });
  const browser = await startBrowser(belongings);
  const rockpool = await Rockpool.start(belongings, {
    ROCKPOOL_GAMES: games.folders,
    TMPDIR: folder,
  });
  await requireNativeGames(rockpool);
  const page = await openPage(browser, SESSION_PROBE, MEASURED_STREAM);
  await openLibrary(page, rockpool.url, NATIVE_CALIBRATION);
  for (let session = 0; session < WARM_UP; session++) {
    await play(page, NATIVE_CALIBRATION);
    await leave(page, rockpool, NATIVE_CALIBRATION);
  }
  await rockpool.spareReady();
  const before = await readTraces(folder);
  const plan = killPlan(count, LATEST_KILL_MS, seed);
  const beganMs = performance.now();
  for (const [session, killMs] of plan.entries()) {
    const worker = await rockpool.spareReady();
    if (killMs === undefined) {
      await play(page, NATIVE_CALIBRATION);
      await leave(page, rockpool, NATIVE_CALIBRATION);
    } else {
      await playAndKill(page, worker, killMs);
      await until('the worker gone', async () => !(await rockpool.workers()).includes(worker));
    }
    if ((session + 1) % 10 === 0) console.log(`${session + 1} of ${count} sessions`);
  }
  const minutes = (performance.now() - beganMs) / 60_000;
  const isAtRest = async () => (await rockpool.workers()).length === 1;
  await until('no session left', isAtRest, LAST_SESSION_MS);
  await rockpool.spareReady();
  const left = await readWhenSwept(folder, before);
  const killed = plan.filter((killMs) => killMs !== undefined).length;
  await publish('sessions-native', {
    tables: [
      targetTable(
        'Native sessions: left behind',
        TRACE_KINDS.map((what) => ({ what, measured: left[what].length, limit: 0, unit: '' })),
      ),
      leftTable(left),
    ],
    notes: [
      `${NATIVE_CALIBRATION}: ${count} sessions in ${figure(minutes)} minutes, ${killed} of them killed (SIGKILL to the worker) up to ${LATEST_KILL_MS / 1000} s after the click; seed ${seed}.`,
      'Displays, control groups and shared memory are the whole machine’s: nothing else may start or end any meanwhile.',
    ],
    data: { plan, before, left },
  });
}

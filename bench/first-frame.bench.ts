import { parseArgs } from 'node:util';
import type { Page } from 'puppeteer-core';
import { Distribution } from '../gate/distribution.ts';
import { figure, type Table } from '../gate/report/table.ts';
import { DEFAULT_STREAM_SETTINGS } from '../protocol/stream-settings.ts';
import type { StartMarks } from './page/session-probe.ts';
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
  until,
} from './support/rig.ts';
import { runBench } from './support/run-bench.ts';
import { type Target, targetTable } from './support/target.ts';

/*
 * From the click on "Play" to the first displayed frame: warm, with a spare worker that waits, and
 * cold, with the spare killed just before.
 */

const SESSION_PROBE = new URL('./page/session-probe.ts', import.meta.url);
const LIMITS_MS = { warm: 400, cold: 1500 };
type Temperature = keyof typeof LIMITS_MS;

/** The marks in the order in which they come, each with what happened since the one before. */
const STEPS: readonly (readonly [keyof StartMarks, string])[] = [
  ['socketMs', 'page drawn, socket to signaling open'],
  ['peerMs', 'identity and pairing'],
  ['offerMs', 'offer made by the worker, applied'],
  ['answerMs', 'answered'],
  ['iceMs', 'addresses checked (ICE)'],
  ['connectedMs', 'keys exchanged (DTLS)'],
  ['receivedMs', 'first picture encoded and received'],
  ['presentedMs', 'decoded'],
  ['shownMs', 'shown'],
];

interface Start {
  readonly marks: StartMarks;
  /** `window.rockpool`'s figure: from `play()` to the first frame. */
  readonly playerMs: number;
}

interface Series {
  readonly game: string;
  readonly temperature: Temperature;
  readonly starts: Start[];
}

async function start(page: Page, game: string): Promise<Start> {
  await play(page, game);
  const found = await page.evaluate(() => ({
    marks: window.sessionProbe?.marks,
    playerMs: window.rockpool?.snapshot.firstFrameMs,
  }));
  const { marks, playerMs } = found;
  if (!marks || playerMs === undefined) throw new Error('The page has lost its probe.');
  return { marks, playerMs };
}

async function killSpare(rockpool: Rockpool, spare: number): Promise<void> {
  process.kill(spare, 'SIGKILL');
  // Gone from the process table: the agent has heard of it.
  await until('the spare gone', async () => !(await rockpool.workers()).includes(spare));
}

async function measure(
  page: Page,
  rockpool: Rockpool,
  series: Series,
  count: number,
): Promise<void> {
  const { game, temperature, starts } = series;
  for (let n = 0; n < count; n++) {
    const spare = await rockpool.spareReady();
    if (temperature === 'cold') await killSpare(rockpool, spare);
    starts.push(await start(page, game));
    await leave(page, rockpool, game);
  }
  console.log(`${game}, ${temperature}: ${starts.length} starts`);
}

function clickToShown({ starts }: Series): Distribution {
  return Distribution.of(starts.map(({ marks }) => (marks.shownMs ?? 0) - (marks.clickMs ?? 0)));
}

function distributionTable(all: readonly Series[]): Table {
  return {
    title: 'Play to first frame shown, milliseconds',
    head: ['game', 'starts', 'p50', 'p95', 'min', 'max', 'from play(): p50', 'p95'],
    rows: all.map((series) => {
      const { count, p50, p95, min, max } = clickToShown(series).summary();
      const player = Distribution.of(series.starts.map(({ playerMs }) => playerMs)).summary();
      const figures = [p50, p95, min, max, player.p50, player.p95].map((value) => figure(value));
      return [`${series.game}, ${series.temperature}`, String(count), ...figures];
    }),
  };
}

function stepTable(series: Series): Table {
  let before: keyof StartMarks = 'clickMs';
  return {
    title: `Where it goes: ${series.game}, ${series.temperature}, milliseconds`,
    head: ['step', 'p50', 'p95', 'since the click: p50'],
    rows: STEPS.map(([mark, what]) => {
      const [from, to] = [before, mark];
      before = mark;
      const span = (since: keyof StartMarks) =>
        Distribution.of(series.starts.map(({ marks }) => (marks[to] ?? 0) - (marks[since] ?? 0)));
      const { p50, p95 } = span(from).summary();
      return [what, figure(p50), figure(p95), figure(span('clickMs').percentile(50))];
    }),
  };
}

await runBench(async (belongings) => {
  const { values } = parseArgs({
    options: {
      games: { type: 'string', default: 'calibration,skimmer' },
      warm: { type: 'string', default: '20' },
      cold: { type: 'string', default: '10' },
    },
  });
  requireBuild();
  const browser = await startBrowser(belongings);
  const rockpool = await Rockpool.start(belongings);
  const offered = await rockpool.freeSlots();
  const notes: string[] = [];
  const all: Series[] = [];
  for (const game of values.games.split(',')) {
    if (!offered.has(game)) {
      notes.push(
        `SKIPPED ${game}: this machine does not offer it (no Vulkan driver, or no such game).`,
      );
      continue;
    }
    // Scenes that measure are all measured alike; a game is started as a player starts it.
    const stream = game.startsWith('calibration') ? MEASURED_STREAM : DEFAULT_STREAM_SETTINGS;
    const page = await openPage(browser, SESSION_PROBE, stream);
    await openLibrary(page, rockpool.url, game);
    for (const temperature of ['warm', 'cold'] as const) {
      const series: Series = { game, temperature, starts: [] };
      await measure(page, rockpool, series, Number(values[temperature]));
      all.push(series);
    }
    await page.close();
  }
  const targets = all.map((series): Target => {
    const what = `${series.game}, ${series.temperature}, p50`;
    const measured = clickToShown(series).percentile(50);
    return { what, measured, limit: LIMITS_MS[series.temperature], unit: 'ms' };
  });
  await publish('first-frame', {
    tables: [
      targetTable('First frame: targets', targets),
      distributionTable(all),
      ...all.map(stepTable),
    ],
    notes,
    data: all,
  });
});

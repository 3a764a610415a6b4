import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Page } from 'puppeteer-core';
import { medianOf } from '../gate/median.ts';
import { figure } from '../gate/report/table.ts';
import { DEFAULT_STREAM_SETTINGS } from '../protocol/stream-settings.ts';
import { framesPerSecond, freezesOf, sizesOf } from './support/frame-rhythm.ts';
import { publish } from './support/results.ts';
import {
  leave,
  openLibrary,
  openPage,
  play,
  Rockpool,
  requireBuild,
  startBrowser,
} from './support/rig.ts';
import { runBench, Skip } from './support/run-bench.ts';
import { targetTable } from './support/target.ts';

/* Skimmer as a player gets it, the browser on the same cores: is it smooth, and at which size? */

const SESSION_PROBE = new URL('./page/session-probe.ts', import.meta.url);
const GAME = 'skimmer';
const STEADY_FPS = 30;
/** While the size is being found the rate is allowed to suffer. */
const SETTLING_S = 5;
const STEER_MS = 400;

/** Starts a run and sails from side to side with a boost now and then. */
async function playFor(page: Page, seconds: number): Promise<void> {
  await page.keyboard.press('Enter');
  const endMs = performance.now() + seconds * 1000;
  for (let turn = 0; performance.now() < endMs; turn++) {
    const key = turn % 2 === 0 ? 'ArrowLeft' : 'ArrowRight';
    if (turn % 5 === 4) await page.keyboard.press('Space');
    await page.keyboard.down(key);
    await sleep(STEER_MS);
    await page.keyboard.up(key);
    // After a wreck this begins the next run; afloat it means nothing.
    if (turn % 10 === 9) await page.keyboard.press('Enter');
  }
}

await runBench(async (belongings) => {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '30' } } });
  requireBuild();
  const browser = await startBrowser(belongings);
  const rockpool = await Rockpool.start(belongings);
  if (!(await rockpool.freeSlots()).has(GAME)) {
    throw new Skip('this machine does not offer Skimmer: it has no Vulkan driver.');
  }
  const page = await openPage(browser, SESSION_PROBE, DEFAULT_STREAM_SETTINGS);
  await openLibrary(page, rockpool.url, GAME);
  await play(page, GAME);
  await playFor(page, SETTLING_S + Number(values.seconds));
  const frames = await page.evaluate(() => window.sessionProbe?.frames ?? []);
  await leave(page, rockpool, GAME);

  const rates = framesPerSecond(frames);
  const settled = rates.slice(SETTLING_S);
  const sorted = settled.toSorted((a, b) => a - b);
  const least = sorted[0] ?? Number.NaN;
  const p5 = sorted[Math.floor(sorted.length * 0.05)] ?? Number.NaN;
  const freezes = freezesOf(frames, DEFAULT_STREAM_SETTINGS.frameRate);
  const sizes = sizesOf(frames);
  await publish('skimmer', {
    tables: [
      targetTable('Skimmer: targets', [
        {
          what: `frames displayed a second, p5 after ${SETTLING_S} s`,
          measured: p5,
          limit: STEADY_FPS,
          unit: '/s',
          sense: 'at-least',
        },
      ]),
      {
        title: 'Skimmer with default settings',
        head: ['', 'measured'],
        rows: [
          ['frames displayed a second: least', figure(least)],
          ['  p5', figure(p5)],
          ['  median', figure(medianOf(settled))],
          ['freezes', String(freezes.length)],
          ['longest freeze', freezes.length > 0 ? figure(Math.max(...freezes), 'ms') : 'none'],
          ['size at the end', sizes.at(-1)?.size ?? '–'],
          ['frames displayed second by second', rates.join(' ')],
          ['sizes', sizes.map(({ size, fromS }) => `${size} from ${figure(fromS)} s`).join(', ')],
        ],
      },
    ],
    notes: [],
    data: { rates, freezes, sizes },
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'puppeteer-core';
import { figure, type Table } from '../../gate/report/table.ts';
import {
  NATIVE_CALIBRATION,
  requireNativeGames,
  writeNativeGames,
} from '../capture/native-games.ts';
import { pressKeys } from '../support/key-presses.ts';
import { LINGER_MS, RHYTHM, SETTLE_MS } from '../support/press-block.ts';
import { publish } from '../support/results.ts';
import {
  leave,
  MEASURED_STREAM,
  openLibrary,
  openPage,
  play,
  Rockpool,
  startBrowser,
} from '../support/rig.ts';
import type { Belongings } from '../support/run-bench.ts';
import { type Target, targetTable } from '../support/target.ts';
import { fairShares } from './fair-share.ts';

const PROBE = new URL('../page/network-probe.ts', import.meta.url);
const PRESSES = 10;
const FAIR = 0.9;

/** What one player's page showed while keys were pressed in one of them. */
interface Echo {
  /** Drawn by lot by each program. */
  readonly nonce: number;
  /** How far its program's count of presses rose. */
  readonly counted: number;
}

async function withPlayers<T>(
  browser: Browser,
  rockpool: Rockpool,
  count: number,
  measure: (pages: readonly Page[]) => Promise<T>,
): Promise<T> {
  // A player each, in a window each: a page behind another is sent no picture.
  const contexts = await Promise.all(
    Array.from({ length: count }, () => browser.createBrowserContext()),
  );
  try {
    const pages: Page[] = [];
    for (const context of contexts) {
      const page = await openPage(context, PROBE, MEASURED_STREAM, { type: 'window' });
      await openLibrary(page, rockpool.url, NATIVE_CALIBRATION);
      await play(page, NATIVE_CALIBRATION);
      pages.push(page);
    }
    await sleep(SETTLE_MS);
    const measured = await measure(pages);
    // A game whose page is only closed would wait for it to come back.
    for (const page of pages) await leave(page, rockpool, NATIVE_CALIBRATION);
    return measured;
  } finally {
    for (const context of contexts) await context.close();
  }
}

/** Frames displayed a second, page by page. */
async function measureRates(pages: readonly Page[], seconds: number): Promise<number[]> {
  await Promise.all(pages.map((page) => page.evaluate(() => window.networkProbe?.start())));
  await sleep(seconds * 1000);
  return Promise.all(
    pages.map(async (page) => {
      const report = await page.evaluate(() => window.networkProbe?.take());
      if (!report) throw new Error('The page has lost its probe.');
      return (report.framesMs.length * 1000) / report.durationMs;
    }),
  );
}

async function readMarks(pages: readonly Page[]) {
  return Promise.all(
    pages.map(async (page) => {
      const mark = await page.evaluate(() => window.pixelProbe?.mark());
      if (!mark) throw new Error('A page shows no calibration picture.');
      return mark;
    }),
  );
}

/** Presses keys in one page and reads what all show of it. */
async function measureEchoes(pages: readonly Page[], pressed: Page): Promise<Echo[]> {
  await Promise.all(
    pages.map((page) => page.evaluate(() => window.pixelProbe?.start({ numbering: 'count' }))),
  );
  const before = await readMarks(pages);
  await pressKeys(pressed, PRESSES, RHYTHM);
  await sleep(LINGER_MS);
  const after = await readMarks(pages);
  return after.map(({ nonce, inputSeq }, index) => ({
    nonce,
    counted: inputSeq - (before[index]?.inputSeq ?? Number.NaN),
  }));
}

function echoTable(echoes: readonly (readonly Echo[])[]): Table {
  return {
    title: 'Presses that each program counted',
    head: ['pressed in', 'session 1', 'session 2'],
    rows: echoes.map((all, pressed) => [
      `session ${pressed + 1}, ${PRESSES} times`,
      ...all.map(({ counted }) => String(counted)),
    ]),
  };
}

/** Presses that reached a program they were not meant for, and programs that are one and the same. */
function strayPresses(echoes: readonly (readonly Echo[])[]): number {
  const stray = echoes.flatMap((all, pressed) =>
    all.map(({ counted }, index) => Math.abs(counted - (index === pressed ? PRESSES : 0))),
  );
  const nonces = new Set(echoes[0]?.map(({ nonce }) => nonce));
  return stray.reduce((sum, count) => sum + count, 2 - nonces.size);
}

/** One native game alone, then two at once: what does each have of the machine, and of the other? */
export async function measureTwoNative(belongings: Belongings, seconds: number): Promise<void> {
  const games = await writeNativeGames(belongings);
  const browser = await startBrowser(belongings);
  const rockpool = await Rockpool.start(belongings, {
    ROCKPOOL_GAMES: games.folders,
    ROCKPOOL_SLOTS: '2',
  });
  await requireNativeGames(rockpool);
  console.log('one session…');
  const [alone = Number.NaN] = await withPlayers(browser, rockpool, 1, (pages) =>
    measureRates(pages, seconds),
  );
  console.log('two sessions…');
  const { rates, echoes } = await withPlayers(browser, rockpool, 2, async (pages) => {
    const measured = await measureRates(pages, seconds);
    const perPage: Echo[][] = [];
    for (const page of pages) perPage.push(await measureEchoes(pages, page));
    return { rates: measured, echoes: perPage };
  });
  const shares = fairShares(alone, rates);
  const targets = shares.map(
    (share, index): Target => ({
      what: `session ${index + 1} of 2, share of what is fair`,
      measured: share,
      limit: FAIR,
      unit: '',
      sense: 'at-least',
    }),
  );
  const stray = { what: 'presses that went astray', measured: strayPresses(echoes) };
  await publish('sessions-two-native', {
    tables: [
      targetTable('Two native sessions: targets', [...targets, { ...stray, limit: 0, unit: '' }]),
      {
        title: 'Frames displayed a second',
        head: ['', 'frames a second'],
        rows: [
          ['alone', figure(alone)],
          ...rates.map((rate, index) => [`session ${index + 1} of 2`, figure(rate)]),
        ],
      },
      echoTable(echoes),
    ],
    notes: [
      `${NATIVE_CALIBRATION} at 1280x720, ${seconds} s each, two players in a window each of one browser.`,
      'Fair is what one session alone has, or half of what the two have together, whichever is less.',
    ],
    data: { alone, rates, echoes },
  });
}

import { expect } from 'vitest';
import { test as base } from './support/e2e-test.ts';
import { fill } from './support/fill.ts';
import { overflow } from './support/overflow.ts';
import type { PlayerPage } from './support/player-page.ts';
import { sees } from './support/sees.ts';
import { seriousProblems } from './support/serious-problems.ts';
import {
  GAME,
  STUDIO,
  type StudioRockpool,
  withStudioRockpool,
} from './support/studio-rockpool.ts';
import { visitAs } from './support/visit-as.ts';

const test = base.extend<{ readonly rockpool: StudioRockpool }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the dependencies from the pattern.
  rockpool: [async ({}, use) => withStudioRockpool(use), { scope: 'file' }],
});

const PHONE = { width: 360, height: 740, hasTouch: true, isMobile: true };
const GAMES = `/studio/${STUDIO}/games`;

/** With the keyboard alone. */
async function press({ page }: PlayerPage, name: string): Promise<void> {
  const button = await page.waitForSelector(`::-p-aria([name="${name}"][role="button"])`);
  await button?.focus();
  await page.keyboard.press('Enter');
}

test('a build is deleted, taken back, and not while players get it', async ({
  rockpool,
  newPlayer,
}) => {
  const channel = `/studios/${STUDIO}/games/${GAME}/channels/beta`;
  await rockpool.ada.must('POST', channel, { buildNumber: 2 });
  const ada = await newPlayer({ viewport: PHONE });
  await visitAs(ada, rockpool.ada, `${GAMES}/${GAME}`);
  const { page } = ada;
  const open = async (number: number) => {
    const heads = await page.$$('.build-head');
    for (const head of heads) {
      const text = await head.$eval('.build-number', (one) => one.textContent);
      if (text !== String(number)) continue;
      await head.focus();
      await page.keyboard.press('Enter');
      return;
    }
    throw new Error(`there is no build ${number}`);
  };
  await sees(ada, 'Builds');
  await page.waitForSelector('.build-head');
  await open(1);
  await press(ada, 'Delete build 1');
  await press(ada, 'Really delete it? build 1');
  await sees(ada, 'Build 1 is deleted. It can be taken back until');
  await expect.poll(() => ada.focusedText()).toBe('Undo');
  await sees(ada, 'gone on');
  expect(await page.$$('.build-head')).toHaveLength(1);
  expect(await seriousProblems(ada)).toEqual([]);
  expect(await overflow(ada)).toBe(0);
  await press(ada, 'Undo');
  await page.waitForFunction(() => document.querySelectorAll('.build-head').length === 2);
  await open(2);
  await press(ada, 'Delete build 2');
  await press(ada, 'Really delete it? build 2');
  await sees(ada, 'Build 2 is live on beta: roll it back or release another one first.');
  expect(await page.$$('.build-head')).toHaveLength(2);
  // A browser notes each answer that is a refusal.
  expect(ada.errors.filter((error) => !error.includes('409'))).toEqual([]);
});

test('a game is deleted by who types its name, and taken back with all it has', async ({
  rockpool,
  newPlayer,
}) => {
  const ada = await newPlayer({ viewport: PHONE });
  await visitAs(ada, rockpool.ada, `${GAMES}/${GAME}`);
  const { page } = ada;
  await press(ada, 'Delete');
  await sees(ada, 'leaves the library at once');
  expect(await seriousProblems(ada)).toEqual([]);
  const deletions: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'DELETE') deletions.push(request.url());
  });
  await fill(ada, `Type ${GAME} to confirm`, 'pon');
  await page.keyboard.press('Enter');
  await fill(ada, `Type ${GAME} to confirm`, GAME);
  expect(deletions).toEqual([]);
  await page.keyboard.press('Enter');
  await sees(ada, 'No games yet');
  await sees(ada, 'Deleted');
  expect(await seriousProblems(ada)).toEqual([]);
  expect(await overflow(ada)).toBe(0);
  const title = await page.$eval('.studio-rows b', (one) => one.textContent);
  await press(ada, `Take back ${title}`);
  await page.waitForSelector('.game-rows');
  const { builds } = await rockpool.ada.must<{ builds: unknown[] }>(
    'GET',
    `/studios/${STUDIO}/games/${GAME}/builds`,
  );
  expect(builds.length).toBeGreaterThan(0);
  expect(ada.errors).toEqual([]);
});

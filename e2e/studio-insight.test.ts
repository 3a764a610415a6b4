import { describe, expect } from 'vitest';
import type { StorePage } from '../protocol/store-page.ts';
import { seededRandom } from '../signaling/studio/insight/latency-comparison.ts';
import {
  gameRecord,
  readyBuild,
  releaseRecord,
  tryOutReport,
} from '../test/support/game-records.ts';
import { fillSessions } from '../test/support/insight-sessions.ts';
import type { StudioBrowser } from '../test/support/studio-browser.ts';
import { test as base, type RockpoolUnderTest } from './support/e2e-test.ts';
import { fill } from './support/fill.ts';
import { overflow } from './support/overflow.ts';
import { press } from './support/press.ts';
import { sees } from './support/sees.ts';
import { seriousProblems } from './support/serious-problems.ts';
import { StageSignaling } from './support/stage-signaling.ts';
import { visitAs } from './support/visit-as.ts';

const PHONE = { width: 390, height: 844, hasTouch: true, isMobile: true };
const GAME = '/studio/tidal-games/games/tide';

interface FilledRockpool extends RockpoolUnderTest {
  readonly stage: StageSignaling;
  readonly owner: StudioBrowser;
}

/** A studio with a game that hundreds have played, and one that nobody has. */
const test = base.extend<{ readonly rockpool: FilledRockpool }>({
  rockpool: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the dependencies from the pattern.
    async ({}, use) => {
      const stage = await StageSignaling.start();
      const owner = await stage.owner();
      const studio = await stage.store.studio.studioBySlug('tidal-games');
      if (!studio) throw new Error('there is no studio');
      const builds = await stage.store.studio.transact(async ({ games }) => {
        await games.addGame(gameRecord(studio.studioId, { gameId: 'tide', title: 'Tide' }));
        await games.addGame(gameRecord(studio.studioId, { gameId: 'ebb', title: 'Ebb' }));
        const tryOut = tryOutReport({ screenshots: [] });
        const one = await games.addBuild(readyBuild('tide', { label: 'v1', tryOut }));
        const two = await games.addBuild(readyBuild('tide', { label: 'v2', tryOut }));
        await games.addRelease(releaseRecord('tide', two.buildId));
        return [one.buildId, two.buildId] as const;
      });
      await fillSessions(stage.store, {
        gameId: 'tide',
        nowMs: Date.now(),
        random: seededRandom(5),
        builds: [
          { buildId: builds[0], daysAgo: 20, untilDaysAgo: 5, sessions: 60, slowerMs: 0 },
          { buildId: builds[1], daysAgo: 5, sessions: 60, slowerMs: 30 },
        ],
      });
      await use({ url: stage.url, pid: process.pid, stage, owner });
      await stage.close();
    },
    { scope: 'file' },
  ],
});

describe('how a game performs', () => {
  test('is seen over time, compared between builds, and filtered', async ({
    newPlayer,
    rockpool,
  }) => {
    const player = await newPlayer();
    await visitAs(player, rockpool.owner, `${GAME}?tab=insight`);
    await player.page.waitForSelector(
      '::-p-xpath(//p[contains(., "Build 2 is") and contains(., "slower than build 1 at p95")])',
    );
    await sees(player, 'Game draws');
    const plots = () => player.page.$$eval('.console-canvas canvas', (all) => all.length);
    await expect.poll(plots).toBe(6);
    const rows = await player.page.$$eval('.insight-table[aria-label="By build"] tbody tr', (all) =>
      all.map((row) => row.querySelector('th')?.textContent),
    );
    expect(rows).toEqual(['2 · v2', '1 · v1']);

    await player.page.select('select:has(option[value="1"])', '1');
    await player.page.waitForFunction(
      () => document.querySelector('.insight-figures b')?.textContent === '60',
    );
    await player.page.locator('::-p-text(A day)').click();
    await sees(player, 'No session fits');
    await player.page.locator('::-p-text(All of the last 90 days)').click();
    await sees(player, 'Compared');
    expect(player.errors).toEqual([]);
  });

  test('is exported for other programs', async ({ newPlayer, rockpool }) => {
    const player = await newPlayer();
    await visitAs(player, rockpool.owner, `${GAME}?tab=insight`);
    const link = await player.page.waitForSelector('a[download]');
    const address = await link?.evaluate((one) => (one as HTMLAnchorElement).href);
    const text = await player.page.evaluate(
      async (from) => (await fetch(from)).text(),
      address ?? '',
    );
    expect(text.split('\r\n')[0]).toMatch(/^from,until,build,label,sessions/);
    expect(text.split('\r\n').length).toBeGreaterThan(10);
  });

  test('is nothing where nobody has played, and the page says what to do', async ({
    newPlayer,
    rockpool,
  }) => {
    const player = await newPlayer();
    await visitAs(player, rockpool.owner, '/studio/tidal-games/games/ebb?tab=insight');
    await sees(player, 'Nobody has played it yet');
    expect(await seriousProblems(player)).toEqual([]);
  });

  test.for([undefined, PHONE])(
    'can be read by everybody, %o',
    async (viewport, { newPlayer, rockpool }) => {
      const player = await newPlayer(viewport ? { viewport } : {});
      await visitAs(player, rockpool.owner, `${GAME}?tab=insight`);
      await sees(player, 'Compared');
      expect(await seriousProblems(player)).toEqual([]);
      expect(await overflow(player)).toBe(0);
    },
  );
});

describe('the store page, as its studio writes it', () => {
  test('is written beside what players will see, saved, and taken back', async ({
    newPlayer,
    rockpool,
  }) => {
    const player = await newPlayer();
    await visitAs(player, rockpool.owner, `${GAME}?tab=store`);
    await fill(player, 'Description, in Markdown', '# Low water\n\n<b>bold</b>');
    await player.page.waitForSelector('.prose h3 ::-p-text(Low water)');
    await sees(player, 'Not saved yet.');

    // What was written is still there after a look at another tab.
    await player.page.locator('.game-tabs ::-p-text(Insight)').click();
    await sees(player, 'Compared');
    await player.page.locator('.game-tabs ::-p-text(Store page)').click();
    await player.page.waitForSelector('.prose h3 ::-p-text(Low water)');

    // A click that would leave it asks, and stays where it is told to.
    let asked = '';
    player.page.once('dialog', (dialog) => {
      asked = dialog.message();
      void dialog.dismiss();
    });
    await player.page.locator('a.home').click();
    expect(asked).toMatch(/not saved/);
    expect(new URL(player.page.url()).pathname).toBe(GAME);

    await press(player, 'Save');
    await sees(player, 'Saved: players see it now.');
    const saved = async () => (await rockpool.stage.store.studio.games.game('tide'))?.page;
    expect((await saved())?.description).toBe('# Low water\n\n<b>bold</b>');
    await press(player, 'Undo');
    await expect.poll(async () => (await saved())?.description).toBe('');
    await sees(player, 'Nothing is written yet');
    expect(await seriousProblems(player)).toEqual([]);
    expect(player.errors).toEqual([]);
  });

  test('is not saved over what somebody else wrote during a look at another tab', async ({
    newPlayer,
    rockpool,
  }) => {
    const player = await newPlayer();
    await visitAs(player, rockpool.owner, `${GAME}?tab=store`);
    await fill(player, 'Description, in Markdown', 'Mine.');
    await player.page.locator('.game-tabs ::-p-text(Insight)').click();
    await sees(player, 'Compared');
    const path = '/studios/tidal-games/games/tide/page';
    const { page, revision } = await rockpool.owner.must<StorePage>('GET', path);
    await rockpool.owner.must('PUT', path, { page: { ...page, description: 'Theirs.' }, revision });
    await player.page.locator('.game-tabs ::-p-text(Store page)').click();
    await player.page.waitForSelector('.prose ::-p-text(Mine.)');
    await press(player, 'Save');
    await sees(player, 'Somebody else has changed this page meanwhile');
    const saved = await rockpool.stage.store.studio.games.game('tide');
    expect(saved?.page.description).toBe('Theirs.');
  });
});

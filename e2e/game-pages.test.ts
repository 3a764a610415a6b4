import sharp from 'sharp';
import { describe, expect } from 'vitest';
import { fakeGame } from '../test/support/fake-container.ts';
import { gameRecord } from '../test/support/game-records.ts';
import { test as base, type RockpoolUnderTest } from './support/e2e-test.ts';
import { fill } from './support/fill.ts';
import { overflow } from './support/overflow.ts';
import type { PlayerPage } from './support/player-page.ts';
import { press } from './support/press.ts';
import { pushButton } from './support/push-button.ts';
import { seriousProblems } from './support/serious-problems.ts';
import { StageSignaling } from './support/stage-signaling.ts';

const PHONE = { width: 390, height: 844, hasTouch: true, isMobile: true };

const DESCRIPTION = `# The tide comes in

Gather **driftwood** before the water takes it: [more](https://tide.example).

<script>document.title = 'broken into'</script>

![a picture](/pixel.png)`;

/** What the library of a test has: a few games that differ, and as many as are wanted besides. */
const GAMES = [
  fakeGame('tide', {
    title: 'Tide',
    inputs: ['keyboard', 'gamepad'],
    players: 2,
    controls: [{ action: 'Gather', keyboard: 'Space', gamepad: 'A' }],
  }),
  fakeGame('ebb', { title: 'Ebb', inputs: ['keyboard', 'touch'], summary: 'Low water.' }),
  fakeGame('salt', { title: 'Salt & Bone', inputs: ['keyboard', 'mouse'] }),
  fakeGame('kelp', { title: 'Kelp Runner', inputs: ['gamepad'] }),
];

const test = base.extend<{ readonly rockpool: RockpoolUnderTest }>({
  rockpool: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the dependencies from the pattern.
    async ({}, use) => {
      const stage = await StageSignaling.start();
      await stage.owner();
      const studio = await stage.store.studio.studioBySlug('tidal-games');
      if (!studio) throw new Error('there is no studio');
      await stage.store.studio.transact(({ games }) =>
        games.addGame(
          gameRecord(studio.studioId, {
            gameId: 'tide',
            title: 'Tide',
            page: { description: DESCRIPTION, summary: 'What waves bring.', tags: ['calm'] },
          }),
        ),
      );
      const many = Array.from({ length: 500 }, (_, index) =>
        fakeGame(`rock-${index}`, { title: `Rock ${index}` }),
      );
      const container = await stage.offer([...GAMES, ...many]);
      const cover = sharp({
        create: { width: 64, height: 36, channels: 3, background: '#ff9d78' },
      });
      await container.request('cover', { gameId: 'tide', webp: await cover.webp().toBuffer() });
      await use({ url: stage.url, pid: process.pid });
      await stage.close();
    },
    { scope: 'file' },
  ],
});

function titles({ page }: PlayerPage): Promise<(string | null)[]> {
  return page.$$eval('article h3', (heads) => heads.map((head) => head.textContent));
}

async function finds(player: PlayerPage, wanted: readonly string[]): Promise<void> {
  await expect.poll(() => titles(player)).toEqual(wanted);
}

function queryOf({ page }: PlayerPage): string {
  return new URL(page.url()).search;
}

describe('the library of many games', () => {
  test('shows them all', async ({ newPlayer }) => {
    const player = await newPlayer();
    await player.visit('/');
    await player.page.waitForSelector('article');
    expect((await titles(player)).length).toBe(504);
    expect(player.errors).toEqual([]);
  });

  test('is searched by words, and the address is the search', async ({ newPlayer }) => {
    const player = await newPlayer();
    await player.visit('/?q=rock');
    await player.page.waitForSelector('article');
    await fill(player, 'Search the games', 'rock 499', 'searchbox');
    await finds(player, ['Rock 499']);
    await player.page.waitForSelector('::-p-text(1 game fits)');
    expect(queryOf(player)).toBe('?q=rock+499');
    await fill(player, 'Search the games', 'nothing like it', 'searchbox');
    await player.page.waitForSelector('::-p-text(No game fits)');
    expect(player.errors).toEqual([]);
  });

  test('is narrowed to a device, to players and to a tag', async ({ newPlayer }) => {
    const player = await newPlayer();
    await player.visit('/?with=touch');
    await finds(player, ['Ebb']);
    await press(player, 'Gamepad');
    await finds(player, ['Kelp Runner', 'Tide']);
    await press(player, '2 or more');
    await finds(player, ['Tide']);
    expect(queryOf(player)).toBe('?with=gamepad&players=2');
    await press(player, '2 or more');
    await press(player, 'calm');
    await finds(player, ['Tide']);
    expect(queryOf(player)).toBe('?with=gamepad&tag=calm');
    expect(player.errors).toEqual([]);
  });

  test('opens at a search that somebody has shared', async ({ newPlayer }) => {
    const player = await newPlayer();
    await player.visit('/?q=salt&with=mouse');
    await finds(player, ['Salt & Bone']);
    const text = await player.page.$eval('input[type="search"]', (field) => field.value);
    expect(text).toBe('salt');
  });

  test('is driven by keys from the search on, and comes back to it', async ({ newPlayer }) => {
    const player = await newPlayer();
    await player.visit('/?q=kelp');
    await finds(player, ['Kelp Runner']);
    await player.page.focus('input[type="search"]');
    for (let moves = 0; moves < 5; moves++) {
      if ((await player.focusedText()) === 'Play Kelp Runner') break;
      await player.page.keyboard.press('ArrowDown');
    }
    expect(await player.focusedText()).toBe('Play Kelp Runner');
    await player.page.keyboard.press('Tab');
    expect(await player.focusedText()).toBe('About Kelp Runner');
    await player.page.keyboard.press('Enter');
    await player.page.waitForSelector('h1 ::-p-text(Kelp Runner)');
    expect(new URL(player.page.url()).pathname).toBe('/games/kelp');
    await player.page.goBack();
    await finds(player, ['Kelp Runner']);
    await expect.poll(() => player.focusedText()).toBe('About Kelp Runner');
    // From then on it stays where its owner has put it, whatever comes and goes.
    for (const [text, found] of [
      ['salt', 'Salt & Bone'],
      ['kelp', 'Kelp Runner'],
    ] as const) {
      await fill(player, 'Search the games', text, 'searchbox');
      await finds(player, [found]);
    }
    expect(await player.page.evaluate(() => document.activeElement?.tagName)).toBe('INPUT');
  });

  test('is driven by a gamepad, whose Y tells more of a game', async ({ newPlayer }) => {
    const player = await newPlayer();
    await player.visit('/?with=gamepad');
    await finds(player, ['Kelp Runner', 'Tide']);
    await player.page.evaluate(() => window.probe.gamepad.plugIn());
    await pushButton(player, 13);
    await expect.poll(() => player.focusedText()).toBe('Play Kelp Runner');
    await pushButton(player, 3);
    await player.page.waitForSelector('h1 ::-p-text(Kelp Runner)');
    await pushButton(player, 1);
    await finds(player, ['Kelp Runner', 'Tide']);
    await expect.poll(() => player.focusedText()).toBe('About Kelp Runner');
  });

  test('has what was played last first', async ({ newPlayer }) => {
    const player = await newPlayer();
    await player.visit('/');
    await player.page.evaluate(() =>
      localStorage.setItem('rockpool.played', JSON.stringify([{ gameId: 'rock-77', atMs: 1 }])),
    );
    await player.page.reload();
    await player.page.waitForSelector('article');
    expect((await titles(player))[0]).toBe('Rock 77');
  });

  test.for([undefined, PHONE])('can be read by everybody, %o', async (viewport, { newPlayer }) => {
    const player = await newPlayer(viewport ? { viewport } : {});
    await player.visit('/?q=rock%2049');
    await player.page.waitForSelector('article');
    expect(await seriousProblems(player)).toEqual([]);
    expect(await overflow(player)).toBe(0);
  });
});

describe('the page of a game', () => {
  test('shows what its studio says of it, and plays it', async ({ newPlayer }) => {
    const player = await newPlayer();
    await player.visit('/games/tide');
    await player.page.waitForSelector('h1 ::-p-text(Tide)');
    const text = await player.page.$eval('main', (main) => main.textContent ?? '');
    for (const said of ['by Tidal Games', 'What waves bring.', 'The tide comes in', '4 places']) {
      expect(text).toContain(said);
    }
    expect(text).toContain("<script>document.title = 'broken into'</script>");
    await expect.poll(() => player.page.title()).toBe('Tide — Rockpool');
    expect(await player.page.$$eval('.prose img', (images) => images.length)).toBe(0);
    const link = await player.page.$eval('.prose a', (a) => [a.rel, a.target]);
    expect(link).toEqual(['nofollow noopener noreferrer', '_blank']);
    await player.page.waitForFunction(() => {
      const cover = document.querySelector<HTMLImageElement>('.game-cover img');
      return cover?.complete && cover.naturalWidth > 0;
    });
    const play = await player.page.$eval('.game-play a', (a) => a.getAttribute('href'));
    expect(play).toBe('/play/tide');
    expect(player.errors).toEqual([]);
  });

  test('says so where there is no such game, and leads back', async ({ newPlayer }) => {
    const player = await newPlayer();
    await player.visit('/games/nobody');
    await player.page.waitForSelector('::-p-text(This game cannot be shown)');
    await player.page.locator('::-p-aria([name="All games"][role="link"])').click();
    await player.page.waitForSelector('article');
  });

  test.for([undefined, PHONE])('can be read by everybody, %o', async (viewport, { newPlayer }) => {
    const player = await newPlayer(viewport ? { viewport } : {});
    for (const path of ['/games/tide', '/games/ebb']) {
      await player.visit(path);
      await player.page.waitForSelector('h1');
      expect(await seriousProblems(player)).toEqual([]);
      expect(await overflow(player)).toBe(0);
    }
  });
});

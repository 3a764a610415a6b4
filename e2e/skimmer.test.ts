import { expect } from 'vitest';
import { type RockpoolUnderTest, test as withPlayers } from './support/e2e-test.ts';
import { withOwnRockpool } from './support/own-rockpool.ts';
import { listedGames } from './support/server-facts.ts';

/** Offers every game that Rockpool brings, as it does where nothing is set. */
const test = withPlayers.extend<{ readonly rockpool: RockpoolUnderTest }>({
  rockpool: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the dependencies from the pattern.
    async ({}, use) =>
      withOwnRockpool({ ROCKPOOL_BUILT_IN_GAMES: '', ROCKPOOL_SLOTS: '1' }, (url, { pid }) =>
        use({ url, pid }),
      ),
    { scope: 'file' },
  ],
});

test('Play starts Skimmer: the picture moves, there is sound, and the keys steer', async ({
  newPlayer,
  rockpool,
  skip,
}) => {
  const games = await listedGames(rockpool.url);
  skip(
    !games.some(({ id }) => id === 'skimmer'),
    'This machine has no Vulkan driver, so /api/games has no skimmer: apt-get install chromium',
  );
  const player = await newPlayer();
  const { page } = player;
  await player.visit('/');
  const play = await page.waitForSelector('::-p-aria([name="Play Skimmer"][role="link"])');
  await play?.click();
  await player.streaming();

  await page.waitForFunction(() => window.probe.picture.distinct >= 30);
  await page.waitForFunction(() => window.probe.connection.soundEnergy > 1e-6);
  await page.waitForFunction(() => window.rockpool?.snapshot.firstFrameMs !== undefined);

  // The boat leans into its turns, and the horizon with it: straight ahead it is level within 10.
  await page.keyboard.press('Enter');
  await page.keyboard.down('ArrowLeft');
  await page.waitForFunction(() => (window.probe.picture.last?.lean ?? 0) < -30);
  await page.keyboard.up('ArrowLeft');
  await page.keyboard.down('ArrowRight');
  await page.waitForFunction(() => (window.probe.picture.last?.lean ?? 0) > 30);
  await page.keyboard.up('ArrowRight');

  await page.keyboard.press('F3');
  await page.waitForSelector('section[aria-label="Latency"] table');
  const figures = await page.$$eval('section[aria-label="Latency"] td', (cells) =>
    cells.map((cell) => Number(cell.textContent)),
  );
  expect(figures).toHaveLength(14);
  for (const figure of figures) expect(figure).toBeGreaterThanOrEqual(0);
  expect(player.errors).toEqual([]);
});

test('every game that Rockpool brings gets a cover', async ({ rockpool }) => {
  const covers = async () => (await listedGames(rockpool.url)).map((game) => game.coverUrl);
  await expect.poll(covers).not.toContain(null);
  const drawn = await covers();
  expect(drawn).not.toEqual([]);
  for (const coverUrl of drawn) {
    const cover = await fetch(new URL(coverUrl ?? '', rockpool.url));
    expect(cover.headers.get('content-type')).toBe('image/webp');
  }
});

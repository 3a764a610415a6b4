import { describe, expect, inject } from 'vitest';
import { RockpoolProcess, temporaryFolder } from '../test/support/rockpool-process.ts';
import { test } from './support/e2e-test.ts';
import { type PlayerPage, SMALL_STREAM } from './support/player-page.ts';
import { pushButton } from './support/push-button.ts';
import { health, listedGames } from './support/server-facts.ts';

const CALIBRATION = 'Play Calibration';

/** Moves the focus with `step` until it is on the control that plays Calibration. */
async function moveToCalibration(player: PlayerPage, step: () => Promise<void>): Promise<void> {
  await player.page.waitForSelector('article');
  // It is below the games, and every step goes down a row.
  const cards = (await player.page.$$('article')).length;
  for (let moves = 0; moves < cards && (await player.focusedText()) !== CALIBRATION; moves++) {
    const before = await player.focusedText();
    await step();
    await player.page.waitForFunction(
      (text) => document.activeElement?.textContent?.trim() !== text,
      {},
      before,
    );
  }
  expect(await player.focusedText()).toBe(CALIBRATION);
}

describe('the library', () => {
  test('shows a card for every game there is, with a cover that loads', async ({ newPlayer }) => {
    const player = await newPlayer();
    await player.visit('/');
    await expect
      .poll(async () => (await listedGames(inject('rockpoolUrl'))).map((game) => game.coverUrl))
      .not.toContain(null);
    const games = await listedGames(inject('rockpoolUrl'));

    await player.page.waitForFunction(
      (count) => {
        const covers = [...document.querySelectorAll<HTMLImageElement>('article img')];
        const missing = covers.find((cover) => !cover.complete || cover.naturalWidth === 0);
        // Those below the screen are fetched when they come near it.
        missing?.scrollIntoView();
        return covers.length === count && missing === undefined;
      },
      {},
      games.length,
    );
    const shown = await player.page.$$eval('article', (cards) =>
      cards.map((card) => ({
        title: card.querySelector('h3')?.textContent,
        cover: card.querySelector('img')?.getAttribute('src'),
      })),
    );
    const listed = games.map(({ title, coverUrl }) => ({ title, cover: coverUrl }));
    expect(new Set(shown)).toEqual(new Set(listed));
    expect(player.errors).toEqual([]);
  });

  test('names the control that plays a game after the game', async ({ newPlayer }) => {
    const player = await newPlayer();
    await player.visit('/');
    for (const { id, title } of await listedGames(inject('rockpoolUrl'))) {
      const control = await player.page.waitForSelector(
        `::-p-aria([name="Play ${title}"][role="link"])`,
      );
      const path = await control?.evaluate(
        (link) => new URL((link as HTMLAnchorElement).href).pathname,
      );
      expect(path).toBe(`/play/${id}`);
    }
  });

  test('opens a game with the arrow keys and Enter', async ({ newPlayer }) => {
    const player = await newPlayer({ stream: SMALL_STREAM });
    await player.visit('/');
    await moveToCalibration(player, () => player.page.keyboard.press('ArrowDown'));

    await player.page.keyboard.press('Enter');
    await player.streaming();
    expect(new URL(player.page.url()).pathname).toBe('/play/calibration');
  });

  test('opens a game with a gamepad, and the focus is back on it after leaving', async ({
    newPlayer,
  }) => {
    const player = await newPlayer({ stream: SMALL_STREAM });
    await player.visit('/');
    await player.page.evaluate(() => window.probe.gamepad.plugIn());
    await moveToCalibration(player, () => pushButton(player, 13));

    await player.page.evaluate(() => window.probe.gamepad.setButton(0, true));
    await player.streaming();
    expect(new URL(player.page.url()).pathname).toBe('/play/calibration');

    await player.leave();
    await player.page.waitForFunction(
      (text) => document.activeElement?.textContent?.trim() === text,
      {},
      CALIBRATION,
    );
  });
});

test('without a container the library says so and how to add one', async ({ newPlayer }) => {
  const data = temporaryFolder();
  const signaling = new RockpoolProcess(['signaling'], {
    ROCKPOOL_PORT: '0',
    ROCKPOOL_DATA: data.path,
  });
  try {
    const url = await signaling.ready();
    expect(await health(url)).toBe(503);
    const player = await newPlayer();
    await player.visit(url);
    await player.page.waitForSelector('::-p-text(No container has joined yet)');
    const text = await player.page.$eval('main', (main) => main.textContent);
    expect(text).toContain(`rockpool container --join ${new URL(url).origin}`);
    expect(player.errors).toEqual([]);
  } finally {
    await signaling.stop();
    data.remove();
  }
});

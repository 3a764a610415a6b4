import { expect } from 'vitest';
import { findBrowser } from '../renderer/web/web-program.ts';
import { describeNative } from './support/describe-native.ts';
import { test } from './support/e2e-test.ts';
import type { PlayerPage } from './support/player-page.ts';
import { difference, smallPicture } from './support/small-picture.ts';

const browser = await findBrowser();

/** Mean differences of pictures a fifth of a second apart, luma. */
const MOVES = 0.6;
const STANDS_STILL = 0.3;
const A_BUTTON = 0;
const START_BUTTON = 9;

async function setButton({ page }: PlayerPage, button: number, down: boolean): Promise<void> {
  await page.evaluate((...args) => window.probe.gamepad.setButton(...args), button, down);
}

async function tap(player: PlayerPage, button: number): Promise<void> {
  await setButton(player, button, true);
  await player.animationFrames(6);
  await setButton(player, button, false);
}

/** The loudest of some moments. */
async function loudest(player: PlayerPage): Promise<number> {
  const heard: number[] = [];
  while (heard.length < 20) {
    heard.push(await player.page.evaluate(() => window.probe.connection.soundEnergy));
    await player.frames(1);
  }
  return Math.max(...heard);
}

describeNative('a page as a game', () => {
  test.skipIf(!browser)(
    `hears its player's pad, and is heard${browser ? '' : ' (needs Chromium)'}`,
    async ({ newPlayer }) => {
      const player = await newPlayer();
      await player.play('drift');
      await player.page.evaluate(() => window.probe.gamepad.plugIn());
      const before = await loudest(player);
      await tap(player, A_BUTTON);
      await player.page.waitForFunction(
        (quiet) => window.probe.connection.soundEnergy > quiet * 3 + 1e-6,
        { polling: 20 },
        before,
      );
      // A comet under way never stands still; paused it does. So the pad is read on.
      const movement = async () => {
        const first = await smallPicture(player);
        await player.animationFrames(12);
        return difference(first, await smallPicture(player));
      };
      await expect.poll(movement).toBeGreaterThan(MOVES);
      await tap(player, START_BUTTON);
      await expect.poll(movement).toBeLessThan(STANDS_STILL);
      expect(player.errors).toEqual([]);
    },
  );
});

import { existsSync } from 'node:fs';
import { expect } from 'vitest';
import { describeNative } from './support/describe-native.ts';
import { test } from './support/e2e-test.ts';
import type { PlayerPage } from './support/player-page.ts';
import { difference, type SmallPicture, smallPicture } from './support/small-picture.ts';

const NEEDED = ['/usr/games/chocolate-doom', '/usr/share/games/doom/freedoom1.wad'];
const missing = NEEDED.filter((path) => !existsSync(path));
const needs = missing.length > 0 ? ` (needs ${missing.join(' and ')})` : '';

/** Title page, menu, chapter, skill: each answers Enter. */
const ENTERS_TO_FIRST_LEVEL = 4;

/*
 * Mean differences of pictures, luma: one compared with the same a second later, 0.7 at most (the
 * encoder makes it sharper); a menu over the title 3; a light of the first level that flickers 5.5;
 * views in two directions 15 to 25; title and level 50.
 */
const CHANGED = 1.5;
const STANDS_STILL = 8;
const LOOKS_ELSEWHERE = 12;
const IS_ANOTHER_PLACE = 20;

/** Mean squares of what is heard: of shots 0.025, of music 0.00001 to 0.002. */
const IS_MUSIC = 0.003;
const IS_SHOT = 0.01;

/** The next pictures, some frames apart. */
async function pictures(player: PlayerPage, count: number): Promise<SmallPicture[]> {
  const seen: SmallPicture[] = [];
  while (seen.length < count) {
    await player.frames(6);
    seen.push(await smallPicture(player));
  }
  return seen;
}

async function loudest(player: PlayerPage): Promise<number> {
  const heard: number[] = [];
  while (heard.length < 20) {
    heard.push(await player.page.evaluate(() => window.probe.connection.soundEnergy));
    await player.frames(2);
  }
  return Math.max(...heard);
}

describeNative('Freedoom', () => {
  test.skipIf(missing.length > 0)(
    `is played into its first level: the view turns and shots are heard${needs}`,
    async ({ newPlayer }) => {
      const player = await newPlayer();
      await player.play('freedoom');
      const size = await player.page.$eval('video', ({ videoWidth, videoHeight }) => [
        videoWidth,
        videoHeight,
      ]);
      expect(size).toEqual([960, 720]);

      const [title = []] = await pictures(player, 1);
      for (let enters = 0; enters < ENTERS_TO_FIRST_LEVEL; enters++) {
        const before = await smallPicture(player);
        await player.page.keyboard.press('Enter');
        await expect
          .poll(async () => difference(before, await smallPicture(player)))
          .toBeGreaterThan(CHANGED);
      }

      /** How much the view changes by itself, once it is no menu, demo or title any more. */
      const unrest = async () => {
        const [first = [], ...others] = await pictures(player, 6);
        if (difference(title, first) < IS_ANOTHER_PLACE) return Number.POSITIVE_INFINITY;
        return Math.max(...others.map((other) => difference(first, other)));
      };
      await expect.poll(unrest).toBeLessThan(STANDS_STILL);

      const ahead = await smallPicture(player);
      await player.page.keyboard.down('ArrowLeft');
      await expect
        .poll(async () => difference(ahead, await smallPicture(player)))
        .toBeGreaterThan(LOOKS_ELSEWHERE);
      await player.page.keyboard.up('ArrowLeft');
      await expect.poll(unrest).toBeLessThan(STANDS_STILL);

      // A monster that woke is as loud as a shot, for a moment.
      await expect.poll(() => loudest(player)).toBeLessThan(IS_MUSIC);
      expect(await loudest(player)).toBeGreaterThan(0);
      await player.page.keyboard.down('ControlLeft');
      await expect.poll(() => loudest(player)).toBeGreaterThan(IS_SHOT);
      await player.page.keyboard.up('ControlLeft');
      expect(player.errors).toEqual([]);
    },
  );
});

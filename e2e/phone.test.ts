import { describe, expect } from 'vitest';
import { decodeMotion } from '../protocol/motion-messages.ts';
import { test } from './support/e2e-test.ts';
import { overflow } from './support/overflow.ts';
import { type PlayerPage, SMALL_STREAM } from './support/player-page.ts';

/** Where an element's middle is, CSS pixels. */
function middleOf(player: PlayerPage, selector: string): Promise<{ x: number; y: number }> {
  return player.page.$eval(selector, (element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  });
}

describe.each([
  { held: 'upright', viewport: { width: 390, height: 844, hasTouch: true, isMobile: true } },
  { held: 'on its side', viewport: { width: 844, height: 390, hasTouch: true, isMobile: true } },
])('on a phone held $held', ({ viewport }) => {
  test('the on-screen pad has a button that plays and a stick that moves', async ({
    newPlayer,
  }) => {
    const player = await newPlayer({ viewport, stream: SMALL_STREAM });
    await player.play('calibration');
    const { page } = player;
    await page.waitForSelector('::-p-aria([name="On-screen pad"][role="region"])');

    const button = await middleOf(player, '.touch-pad button');
    await player.flip(() => page.touchscreen.tap(button.x, button.y));

    const zone = await middleOf(player, '.stick-zone');
    await page.touchscreen.touchStart(zone.x, zone.y);
    await page.touchscreen.touchMove(zone.x + 60, zone.y);
    await page.waitForFunction(() =>
      window.probe.connection.sent('motion').some(([type]) => type === 2),
    );
    await page.touchscreen.touchEnd();
    await player.animationFrames(3);

    const sent = await page.evaluate(() => window.probe.connection.sent('motion'));
    const sticks = sent
      .map((bytes) => decodeMotion(Uint8Array.from(bytes)))
      .flatMap((motion) => (motion.type === 'pad' ? [motion.axes[0]] : []));
    expect(Math.max(...sticks)).toBeGreaterThan(0.9);
    expect(sticks.at(-1)).toBe(0);
    expect(player.errors).toEqual([]);
  });

  test('nothing hangs over the edge of the screen', async ({ newPlayer }) => {
    const player = await newPlayer({ viewport, stream: SMALL_STREAM });
    for (const path of ['/', '/play/calibration']) {
      await player.visit(path);
      if (path !== '/') await player.streaming();
      else await player.page.waitForSelector('article');
      expect(await overflow(player)).toBe(0);
    }
  });
});

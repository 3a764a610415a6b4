import { expect, inject, test } from 'vitest';
import { FIREFOX, launchFirefox } from '../test/support/browser.ts';
import { PlayerPage } from './support/player-page.ts';
import { untilNoSession } from './support/server-facts.ts';

test('Firefox plays through VP8: frames arrive and a key flips the patch', async ({ skip }) => {
  skip(!FIREFOX, 'There is no Firefox on PATH: apt-get install firefox-esr');
  const browser = await launchFirefox();
  try {
    const player = await PlayerPage.open(browser, {
      url: inject('rockpoolUrl'),
      probe: inject('pageProbe'),
    });
    await player.play('calibration');
    await player.frames(30);
    await player.flip(() => player.page.keyboard.press('KeyX'));
    const { stream } = (await player.snapshot()) ?? {};
    expect(stream?.codec).toBe('vp8');
    expect(player.errors).toEqual([]);
    await player.leave();
    await untilNoSession(inject('rockpoolUrl'));
  } finally {
    await browser.close();
  }
});

import { describe, expect } from 'vitest';
import { test } from './support/e2e-test.ts';
import { type PlayerPage, SMALL_STREAM } from './support/player-page.ts';
import { connectedWorkersOf } from './support/process-tree.ts';
import { seriousProblems } from './support/serious-problems.ts';

/** Presses a control, also one that has slid out of sight until the pointer moves. */
async function press({ page }: PlayerPage, label: string): Promise<void> {
  await page.$eval(`[aria-label="${label}"]`, (control) => (control as HTMLElement).click());
}

describe.each([
  { device: 'on a desktop', viewport: { width: 1280, height: 800, hasTouch: false } },
  {
    device: 'on a phone of 360 pixels',
    viewport: { width: 360, height: 740, hasTouch: true, isMobile: true },
  },
])('$device', ({ viewport }) => {
  test('axe finds nothing serious in the library and its settings', async ({ newPlayer }) => {
    const player = await newPlayer({ viewport });
    await player.visit('/');
    await player.page.waitForSelector('article');
    expect(await seriousProblems(player)).toEqual([]);

    await player.page.click('::-p-aria(Settings)');
    await player.page.waitForSelector('dialog[open]');
    expect(await seriousProblems(player)).toEqual([]);
  });

  test('axe finds nothing serious in the pool and in a history that is empty', async ({
    newPlayer,
  }) => {
    const player = await newPlayer({ viewport });
    await player.visit('/pool');
    await player.page.waitForSelector('.machine');
    await player.page.click('.machine summary');
    expect(await seriousProblems(player)).toEqual([]);

    await player.visit('/history');
    await player.page.waitForSelector('::-p-text(Nothing has been played yet)');
    expect(await seriousProblems(player)).toEqual([]);
  });

  test('axe finds nothing serious while a game streams, nor in what may lie over it', async ({
    newPlayer,
  }) => {
    const player = await newPlayer({ viewport, stream: SMALL_STREAM });
    await player.play('calibration');
    expect(await seriousProblems(player)).toEqual([]);

    // On a small screen the help of a first visit, which goes by itself, lies where the latency would.
    await player.page.$$eval('[aria-label="Close how to play"]', (controls) => {
      for (const control of controls) (control as HTMLElement).click();
    });
    await player.page.waitForSelector('aside[aria-label="How to play"]', { hidden: true });
    await press(player, 'Latency');
    await player.flip(() =>
      viewport.hasTouch ? player.page.tap('.touch-pad button') : player.page.keyboard.press('KeyX'),
    );
    await player.page.waitForSelector('section[aria-label="Latency"] header', { visible: true });
    expect(await seriousProblems(player)).toEqual([]);

    await press(player, 'Settings');
    await player.page.waitForSelector('dialog[open]');
    expect(await seriousProblems(player)).toEqual([]);
    await player.page.keyboard.press('Escape');
    await player.streaming();

    await press(player, 'Why this machine?');
    await player.page.waitForSelector('dialog[open] details[open]');
    expect(await seriousProblems(player)).toEqual([]);
    await player.page.keyboard.press('Escape');
    await player.streaming();

    await player.leave();
    await player.visit('/history');
    await player.page.waitForSelector('.played');
    expect(await seriousProblems(player)).toEqual([]);
  });

  test('axe finds nothing serious when a game has ended or could not start', async ({
    newPlayer,
    rockpool,
  }) => {
    const player = await newPlayer({ viewport, stream: SMALL_STREAM });
    await player.play('calibration');
    // It starts anew by itself, until it happens too often.
    const restart = async () => {
      for (const worker of connectedWorkersOf(rockpool.pid)) process.kill(worker, 'SIGKILL');
      return player.page.$('::-p-aria([name="Restart"][role="button"])');
    };
    await expect.poll(restart).not.toBeNull();
    expect(await seriousProblems(player)).toEqual([]);

    await player.visit('/play/no-such-game');
    await player.page.waitForSelector('::-p-text(This game is not here)');
    expect(await seriousProblems(player)).toEqual([]);
  });
});

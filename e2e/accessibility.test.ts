import axe from 'axe-core';
import { describe, expect } from 'vitest';
import { test } from './support/e2e-test.ts';
import type { PlayerPage } from './support/player-page.ts';
import { connectedWorkersOf } from './support/process-tree.ts';

declare global {
  interface Window {
    readonly axe: typeof axe;
  }
}

/** What axe finds serious or worse once nothing fades in any more, each with where it is. */
async function seriousProblems({ page }: PlayerPage): Promise<string[]> {
  await page.evaluate(async () => {
    const passing = document
      .getAnimations()
      .filter(({ effect }) => effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY);
    await Promise.allSettled(passing.map((animation) => animation.finished));
  });
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(', ')}`);
  });
}

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

  test('axe finds nothing serious while a game streams, nor in what may lie over it', async ({
    newPlayer,
  }) => {
    const player = await newPlayer({ viewport });
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
  });

  test('axe finds nothing serious when a game has ended or could not start', async ({
    newPlayer,
    rockpool,
  }) => {
    const player = await newPlayer({ viewport });
    await player.play('calibration');
    for (const worker of connectedWorkersOf(rockpool.pid)) process.kill(worker, 'SIGKILL');
    await player.page.waitForSelector('::-p-text(The game stopped unexpectedly)');
    expect(await seriousProblems(player)).toEqual([]);

    await player.visit('/play/no-such-game');
    await player.page.waitForSelector('::-p-text(This game is not here)');
    expect(await seriousProblems(player)).toEqual([]);
  });
});

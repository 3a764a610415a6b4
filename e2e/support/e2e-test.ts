import type { Browser } from 'puppeteer-core';
import { test as base, inject } from 'vitest';
import { launchChromium } from '../../test/support/browser.ts';
import { PlayerPage, type PlayerPageOptions } from './player-page.ts';
import { untilNoSession } from './server-facts.ts';

/** A running Rockpool as a test sees it. */
export interface RockpoolUnderTest {
  readonly url: string;
  /** Of the process that runs the container. */
  readonly pid: number;
}

/** Opens a player in a browser window of their own, which is gone after the test. */
export type NewPlayer = (
  options?: Pick<PlayerPageOptions, 'viewport' | 'stream'>,
) => Promise<PlayerPage>;

interface Fixtures {
  readonly rockpool: RockpoolUnderTest;
  readonly browser: Browser;
  readonly newPlayer: NewPlayer;
}

/**
 * `test` with players. The browser is one a file; the Rockpool is the shared one unless a file brings
 * its own. After a test every player leaves, and no session may be left.
 */
export const test = base.extend<Fixtures>({
  rockpool: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the dependencies from the pattern.
    async ({}, use) => use({ url: inject('rockpoolUrl'), pid: inject('rockpoolPid') }),
    { scope: 'file' },
  ],
  browser: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the dependencies from the pattern.
    async ({}, use) => {
      const browser = await launchChromium();
      await use(browser);
      await browser.close();
    },
    { scope: 'file' },
  ],
  newPlayer: async ({ browser, rockpool }, use) => {
    const players: PlayerPage[] = [];
    await use(async (options = {}) => {
      const { url } = rockpool;
      const player = await PlayerPage.open(browser, {
        url,
        probe: inject('pageProbe'),
        ...options,
      });
      players.push(player);
      return player;
    });
    try {
      await Promise.all(players.map((player) => player.leave()));
      await untilNoSession(rockpool.url);
    } finally {
      await Promise.all(players.map((player) => player.close()));
    }
  },
});

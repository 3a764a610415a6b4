import type { Browser, Page } from 'puppeteer-core';
import { startRelay } from '../network/measure/profile-runs.ts';
import type {} from '../page/truth-probe.ts';
import { leadThroughRelay } from '../support/relayed-page.ts';
import {
  leave,
  MEASURED_STREAM,
  openLibrary,
  openPage,
  play,
  type Rockpool,
} from '../support/rig.ts';
import type { Belongings } from '../support/run-bench.ts';
import type { Injection } from './injections.ts';

const TRUTH_PROBE = new URL('../page/truth-probe.ts', import.meta.url);
const SEED = 1;

/**
 * Plays a game with what an injection delays in page and network, as a new player and in a page of
 * its own. What it delays in the container has been asked of that before.
 */
export async function playDelayed<T>(
  browser: Browser,
  rockpool: Rockpool,
  { page: pageDelays = {}, profile }: Pick<Injection, 'page' | 'profile'>,
  measure: (page: Page) => Promise<T>,
  belongings: Belongings,
  game = 'calibration',
): Promise<T> {
  const relay = await startRelay(profile, SEED, belongings);
  const player = await browser.createBrowserContext();
  try {
    const page = await openPage(player, TRUTH_PROBE, MEASURED_STREAM);
    // What holds frames back before the decoder is a worker that the page's policy would not allow.
    await page.setBypassCSP(true);
    await leadThroughRelay(page, relay);
    await page.evaluateOnNewDocument((delays) => {
      window.stageDelays = { ...window.stageDelays, ...delays };
    }, pageDelays);
    await openLibrary(page, rockpool.url, game);
    await play(page, game);
    const measured = await measure(page);
    await leave(page, rockpool, game);
    return measured;
  } finally {
    await player.close();
    await relay.close();
    await rockpool.spareReady();
  }
}

import type { Browser } from 'puppeteer-core';
import { DEFAULT_STREAM_SETTINGS } from '../../protocol/stream-settings.ts';
import { leave, openLibrary, openPage, play, type Rockpool } from '../support/rig.ts';

const SESSION_PROBE = new URL('../page/session-probe.ts', import.meta.url);

/**
 * Starts a game again and again as a player does, a spare worker waiting each time.
 * @returns from the click on Play to the first frame shown, milliseconds.
 */
export async function measureStarts(
  browser: Browser,
  rockpool: Rockpool,
  game: string,
  count: number,
): Promise<number[]> {
  const page = await openPage(browser, SESSION_PROBE, DEFAULT_STREAM_SETTINGS);
  await openLibrary(page, rockpool.url, game);
  const startsMs: number[] = [];
  for (let n = 0; n < count; n++) {
    await rockpool.spareReady();
    await play(page, game);
    const marks = await page.evaluate(() => window.sessionProbe?.marks);
    if (marks?.clickMs === undefined || marks.shownMs === undefined) {
      throw new Error('The page has lost its probe.');
    }
    startsMs.push(marks.shownMs - marks.clickMs);
    await leave(page, rockpool, game);
  }
  await page.close();
  await rockpool.spareReady();
  return startsMs;
}

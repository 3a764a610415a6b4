import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'puppeteer-core';
import { duringPlay, type Rockpool } from '../support/rig.ts';

const SESSION_PROBE = new URL('../page/session-probe.ts', import.meta.url);
/** Compilers and rate control have settled. */
const SETTLE_MS = 3000;

/** One value a frame, milliseconds. */
export interface PacketTime {
  /** From the first news of the change until its pixels are in the worker. */
  readonly grabMs: readonly number[];
  /** From there until the encoder gave the last byte. */
  readonly encodeMs: readonly number[];
  readonly seconds: number;
}

/** What the worker itself says of each frame of a session. */
export async function measurePacketTime(
  browser: Browser,
  rockpool: Rockpool,
  game: string,
  seconds: number,
): Promise<PacketTime> {
  return duringPlay(browser, rockpool, { game, probe: SESSION_PROBE }, async (page) => {
    await sleep(SETTLE_MS);
    const take = () => window.sessionProbe?.reports.splice(0) ?? [];
    await page.evaluate(take);
    const beganMs = performance.now();
    await sleep(seconds * 1000);
    const reports = await page.evaluate(take);
    return {
      grabMs: reports.map(({ renderUs }) => renderUs / 1000),
      encodeMs: reports.map(({ encodeUs }) => encodeUs / 1000),
      seconds: (performance.now() - beganMs) / 1000,
    };
  });
}

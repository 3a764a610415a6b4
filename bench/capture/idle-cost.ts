import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'puppeteer-core';
import { type ProcessRole, readRoles, usedBetween } from '../support/process-roles.ts';
import { duringPlay, type Rockpool } from '../support/rig.ts';

const SESSION_PROBE = new URL('../page/session-probe.ts', import.meta.url);
/** A still picture is sent again, finer, for a while after the last change. */
const SETTLE_MS = 6000;

export interface IdleCost {
  /** Percent of a core. */
  readonly percent: ReadonlyMap<ProcessRole, number>;
  readonly framesShown: number;
  readonly seconds: number;
}

/** What a session takes while its game draws nothing and the player does nothing. */
export async function measureIdleCost(
  browser: Browser,
  rockpool: Rockpool,
  game: string,
  seconds: number,
): Promise<IdleCost> {
  const worker = await rockpool.spareReady();
  return duringPlay(browser, rockpool, { game, probe: SESSION_PROBE }, async (page) => {
    await sleep(SETTLE_MS);
    const takeFrames = () => window.sessionProbe?.frames.splice(0).length ?? 0;
    await page.evaluate(takeFrames);
    const before = await readRoles(worker);
    const beganMs = performance.now();
    await sleep(seconds * 1000);
    const after = await readRoles(worker);
    const elapsedMs = performance.now() - beganMs;
    const percent = new Map<ProcessRole, number>();
    for (const [role, ms] of usedBetween(before, after)) percent.set(role, (100 * ms) / elapsedMs);
    const framesShown = await page.evaluate(takeFrames);
    return { percent, framesShown, seconds: elapsedMs / 1000 };
  });
}

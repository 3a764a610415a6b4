import type { Browser } from 'puppeteer-core';
import type { PageDelays } from '../../bench/page/stage-delays.ts';
import { bundlePageScript } from '../../bench/support/page-script.ts';
import { leadThroughRelay } from '../../bench/support/relayed-page.ts';
import { type StageTimes, stageTimes } from '../../bench/truth/stage-changes.ts';
import { type Profile, profileSchema } from '../../gate/network/profiles.ts';
import { RelayClient } from '../../gate/network/relay-client.ts';
import { PlayerPage, SMALL_STREAM } from './player-page.ts';

const STAGE_DELAYS = new URL('../../bench/page/stage-delays.ts', import.meta.url);
const PRESSES = 10;
const SEED = 1;

export interface DelayedPlay {
  readonly url: string;
  /** Script that defines `window.probe`. */
  readonly probe: string;
  readonly delays?: Partial<PageDelays>;
  /** Leads the stream through a relay. */
  readonly profile?: Profile;
}

/** What the page says of a play, milliseconds. */
export interface Accounted {
  readonly stages: StageTimes;
  readonly clockErrorMs: number;
  readonly errors: readonly string[];
}

/** Presses keys in the calibration scene, each until it is seen, with what is delayed on purpose. */
export async function playDelayed(
  browser: Browser,
  { url, probe, delays = {}, profile }: DelayedPlay,
): Promise<Accounted> {
  const relay = profile && (await RelayClient.start(profileSchema.parse(profile), SEED));
  const player = await PlayerPage.open(browser, { url, probe, stream: SMALL_STREAM });
  try {
    const { page } = player;
    await page.setBypassCSP(true);
    await page.evaluateOnNewDocument(await bundlePageScript(STAGE_DELAYS));
    await page.evaluateOnNewDocument((chosen) => {
      window.stageDelays = { ...window.stageDelays, ...chosen };
    }, delays);
    if (relay) await leadThroughRelay(page, relay);
    await player.play('calibration');
    await page.waitForFunction(() => window.rockpool?.snapshot.latency?.rttMs !== undefined);
    for (let i = 0; i < PRESSES; i++) await player.flip(() => page.keyboard.press('KeyX'));
    await page.waitForFunction(
      (count) => (window.rockpool?.snapshot.latency?.total.count ?? 0) >= count,
      {},
      PRESSES,
    );
    const { samples, clockErrorMs } = await page.evaluate(() => ({
      samples: window.rockpool?.latency.samples() ?? [],
      clockErrorMs: window.rockpool?.snapshot.latency?.clockErrorMs,
    }));
    await player.leave();
    return {
      stages: stageTimes(samples),
      clockErrorMs: clockErrorMs ?? Number.NaN,
      errors: player.errors,
    };
  } finally {
    await player.close();
    await relay?.close();
  }
}

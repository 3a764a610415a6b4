import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyInput, Page } from 'puppeteer-core';
import { readProcessors, stolenShare } from '../../../gate/machine/machine-load.ts';
import type { RelayStatistics } from '../../../gate/network/relay-messages.ts';
import type { PixelSubject } from '../../../gate/page/pixel-probe.ts';
import { pressKeys, type Rhythm } from '../../support/key-presses.ts';
import { until } from '../../support/rig.ts';
import type { RunRecord } from './run-record.ts';

/**
 * Sparser than the round trip is long, on average: reading the pixels costs the page milliseconds a
 * frame while a press is on its way, and for most of the time nothing is to be in the network's way.
 */
export const RHYTHM: Rhythm = { leastMs: 200, mostMs: 600 };
/** Fills 18 Mbit/s: the network decides how much is sent, not the scene. */
const BUSY_PICTURE = 'Digit7';
/** Estimates and rate controls settle; libwebrtc's takes longest. */
export const SETTLE_MS = 5000;
/** Longer than a press takes on any but a broken network. */
const KEY_WAY_MS = 400;
/** The last presses are on their way. */
export const LINGER_MS = 1000;

/** The relay as far as a measurement goes. */
export interface MeasuredRelay {
  markStart(): Promise<void>;
  statistics(): Promise<RelayStatistics>;
}

/** What is measured. */
export interface MeasuredScene {
  readonly subject?: PixelSubject;
  /** What is pressed until a press is seen; left out, it makes the scene as busy as it gets. */
  readonly firstKey?: KeyInput;
}

/** The scene as busy as the measurement wants it, and the sender used to the network. */
export async function settle(page: Page, scene: MeasuredScene = {}): Promise<void> {
  const { subject = {}, firstKey = BUSY_PICTURE } = scene;
  await page.evaluate((followed) => window.pixelProbe?.start(followed), subject);
  // A picture may be shown before there is a channel for keys: until one was seen, none counts.
  await until('a picture that shows a key', async () => {
    await page.keyboard.press(firstKey);
    await sleep(KEY_WAY_MS);
    return page.evaluate(async () => ((await window.pixelProbe?.take())?.samples.length ?? 0) > 0);
  });
  await sleep(SETTLE_MS);
}

/**
 * Presses keys for the given time and records what came of it, in the page and in the network. Both
 * begin to count together, and the network's trace begins then.
 */
export async function measureRun(
  page: Page,
  relay: MeasuredRelay,
  seconds: number,
  scene: MeasuredScene = {},
): Promise<Omit<RunRecord, 'profile' | 'sender' | 'frameRate'>> {
  await settle(page, scene);
  const { subject = {} } = scene;
  await page.evaluate((followed) => window.pixelProbe?.start(followed), subject);
  const [beganMs = 0] = await Promise.all([
    page.evaluate(() => window.networkProbe?.start()),
    relay.markStart(),
  ]);
  const before = await readProcessors();
  const deadline = performance.now() + seconds * 1000;
  while (performance.now() < deadline) await pressKeys(page, 1, RHYTHM);
  const network = await page.evaluate(() => window.networkProbe?.take());
  const stolen = stolenShare(before, await readProcessors());
  const { down } = await relay.statistics();
  await sleep(LINGER_MS);
  const pixels = await page.evaluate(() => window.pixelProbe?.take());
  if (!network || !pixels) throw new Error('The page has lost its probe.');
  return {
    durationMs: network.durationMs,
    ...(stolen !== undefined && { stolenShare: stolen }),
    codec: network.codec,
    presses: pixels.samples.map(({ inputAtMs, shownAtMs }) => ({
      atMs: inputAtMs - beganMs,
      latencyMs: shownAtMs - inputAtMs,
    })),
    outstanding: pixels.outstanding,
    contradictions: pixels.contradictions,
    framesMs: [...network.framesMs],
    ...(network.meanFrameWidth !== undefined && { meanFrameWidth: network.meanFrameWidth }),
    statistics: network.statistics.map(({ roundTripMs, ...counts }) => ({
      ...counts,
      ...(roundTripMs !== undefined && { roundTripMs }),
    })),
    link: [...down.series],
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'puppeteer-core';
import type { LatencySample } from '../../client/player/player-snapshot.ts';
import type { PixelReport, PixelSubject } from '../../gate/page/pixel-probe.ts';
import type { PixelSample } from '../../gate/page/press-tracker.ts';
import { pressKeys } from './key-presses.ts';

export const RHYTHM = { leastMs: 80, mostMs: 200 };
/** Sender and peers take turns, so that a machine that changes its pace changes it for all. */
export const BLOCKS = 3;
/** Encoder, rate control and jitter buffer settle; libwebrtc's bandwidth estimate takes longest. */
export const SETTLE_MS = 4000;
/** The last presses are on their way. */
export const LINGER_MS = 1000;

/** What one run of presses gave. */
export interface PressBlock {
  readonly pixels: PixelReport;
  /** What the product says of the same presses; empty for anything else. */
  readonly accounting: readonly LatencySample[];
}

/** The blocks of one sender. */
export interface MeasuredSender {
  readonly name: string;
  readonly blocks: PressBlock[];
}

/** Presses keys in a page that has the pixel probe, and follows them to the screen. */
export async function measurePresses(
  page: Page,
  presses: number,
  subject: PixelSubject = {},
): Promise<PressBlock> {
  await sleep(SETTLE_MS);
  await page.evaluate((followed) => window.pixelProbe?.start(followed), subject);
  const before = await page.evaluate(() => window.rockpool?.latency.samples().length ?? 0);
  await pressKeys(page, presses, RHYTHM);
  await sleep(LINGER_MS);
  const pixels = await page.evaluate(() => window.pixelProbe?.take());
  if (!pixels) throw new Error('The page has lost its probe.');
  const accounting = await page.evaluate(
    (from: number) => window.rockpool?.latency.samples().slice(from) ?? [],
    before,
  );
  // The accounting follows releases of keys too; only presses flip the patch.
  const pressed = new Set(pixels.samples.map(({ inputSeq }) => inputSeq));
  return { pixels, accounting: accounting.filter(({ inputSeq }) => pressed.has(inputSeq)) };
}

export function latencyOf(samples: readonly { inputAtMs: number; shownAtMs: number }[]): number[] {
  return samples.map(({ inputAtMs, shownAtMs }) => shownAtMs - inputAtMs);
}

export function pixelSamples({ blocks }: MeasuredSender): PixelSample[] {
  return blocks.flatMap(({ pixels }) => pixels.samples);
}

export function accountingSamples({ blocks }: MeasuredSender): LatencySample[] {
  return blocks.flatMap(({ accounting }) => accounting);
}

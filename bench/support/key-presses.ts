import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'puppeteer-core';

/** A key that the calibration scene takes for nothing but a press. */
const KEY = 'KeyF';
/** Less than the shortest interval: a press is over when the next one begins. */
const HELD_MS = 40;

/** The interval from one press to the next, milliseconds. */
export interface Rhythm {
  readonly leastMs: number;
  readonly mostMs: number;
}

/**
 * Presses a real key, as a person does it: through the browser's own input path. Intervals are
 * random, so that presses meet the frame grid of game and display in every phase.
 */
export async function pressKeys(
  page: Page,
  count: number,
  { leastMs, mostMs }: Rhythm,
): Promise<void> {
  for (let press = 0; press < count; press++) {
    const intervalMs = leastMs + Math.random() * (mostMs - leastMs);
    const next = sleep(intervalMs);
    await page.keyboard.down(KEY);
    await sleep(HELD_MS);
    await page.keyboard.up(KEY);
    await next;
  }
}

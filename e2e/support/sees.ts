import type { PlayerPage } from './player-page.ts';

/** Waits until this text is on the page. */
export async function sees({ page }: PlayerPage, text: string): Promise<void> {
  await page.waitForSelector(`::-p-text(${text})`);
}

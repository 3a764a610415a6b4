import type { PlayerPage } from './player-page.ts';

/** Presses a button by its name, once it takes presses: while an answer is awaited it takes none. */
export async function press({ page }: PlayerPage, button: string): Promise<void> {
  await page
    .locator(`::-p-aria([name="${button}"][role="button"])`)
    .filter((element) => element.getAttribute('aria-disabled') !== 'true')
    .click();
}

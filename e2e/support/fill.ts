import type { PlayerPage } from './player-page.ts';

/**
 * Writes into the text field of this name, in place of what stands there. It is one input, as pasting
 * is: a locator's `fill` empties the field without telling the page and then types, and a page that is
 * drawn anew in between puts back what was there.
 */
export async function fill(
  { page }: PlayerPage,
  label: string,
  text: string,
  role: 'textbox' | 'searchbox' = 'textbox',
): Promise<void> {
  const field = await page.waitForSelector(`::-p-aria([name="${label}"][role="${role}"])`);
  await field?.evaluate((element) => {
    const input = element as HTMLInputElement | HTMLTextAreaElement;
    input.focus();
    input.select();
  });
  await page.keyboard.sendCharacter(text);
}

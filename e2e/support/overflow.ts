import type { PlayerPage } from './player-page.ts';

/** By how many pixels the page is wider than the screen. */
export function overflow({ page }: PlayerPage): Promise<number> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth - clientWidth;
  });
}

import axe from 'axe-core';
import type { PlayerPage } from './player-page.ts';

declare global {
  interface Window {
    readonly axe: typeof axe;
  }
}

/** What axe finds serious or worse once nothing fades in any more, each with where it is. */
export async function seriousProblems({ page }: Pick<PlayerPage, 'page'>): Promise<string[]> {
  await page.evaluate(async () => {
    const passing = document
      .getAnimations()
      .filter(({ effect }) => effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY);
    await Promise.allSettled(passing.map((animation) => animation.finished));
  });
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(', ')}`);
  });
}

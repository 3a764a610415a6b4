import axe from 'axe-core';
import type { PlayerPage } from './player-page.ts';

declare global {
  interface Window {
    readonly axe: typeof axe;
  }
}

const STILL = '*, ::before, ::after { transition: none !important; animation: none !important; }';

/**
 * What axe finds serious or worse, each with where it is. Nothing fades on the page from now on: what
 * is half faded in has not the contrast that people read it with, and axe reads for half a second.
 */
export async function seriousProblems({ page }: Pick<PlayerPage, 'page'>): Promise<string[]> {
  await page.evaluate((rules) => {
    const still = new CSSStyleSheet();
    still.replaceSync(rules);
    document.adoptedStyleSheets.push(still);
  }, STILL);
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`),
      );
  });
}

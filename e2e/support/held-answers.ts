import type { HTTPRequest } from 'puppeteer-core';
import type { PlayerPage } from './player-page.ts';

/** Requests of a page that a test keeps back, as a slow server would. */
export interface HeldAnswers {
  /** Resolves when one is kept back. */
  readonly asked: Promise<void>;
  /** Lets those through that were kept back, and what comes after. */
  release(): Promise<void>;
}

/**
 * Keeps requests of a page from being sent until they are released.
 * @param isHeld told the path of each.
 */
export async function heldAnswers(
  { page }: PlayerPage,
  isHeld: (path: string) => boolean,
): Promise<HeldAnswers> {
  const held: HTTPRequest[] = [];
  let handleAsked = () => {};
  const asked = new Promise<void>((resolve) => {
    handleAsked = resolve;
  });
  const handleRequest = (request: HTTPRequest) => {
    if (!isHeld(new URL(request.url()).pathname)) {
      void request.continue();
      return;
    }
    held.push(request);
    handleAsked();
  };
  page.on('request', handleRequest);
  await page.setRequestInterception(true);
  return {
    asked,
    release: async () => {
      page.off('request', handleRequest);
      await Promise.all(held.map((request) => request.continue()));
      await page.setRequestInterception(false);
    },
  };
}

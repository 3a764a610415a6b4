import type { Page } from 'puppeteer-core';
import type { RelayPaths } from '../network/senders/sender.ts';
import { bundlePageScript } from './page-script.ts';

const RELAYED_CONNECTION = new URL('../../gate/page/relayed-connection.ts', import.meta.url);

/** Leads whatever connection the page opens through a relay; to be called before it is opened. */
export async function leadThroughRelay(page: Page, relay: RelayPaths): Promise<void> {
  await page.exposeFunction('openRelayPath', (host: string, port: number) =>
    relay.open({ host, port }),
  );
  await page.evaluateOnNewDocument(await bundlePageScript(RELAYED_CONNECTION));
}

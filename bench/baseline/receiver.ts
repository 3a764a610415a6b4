import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'puppeteer-core';
import { bundlePageScript } from '../support/page-script.ts';
import { until } from '../support/rig.ts';
import type { Belongings } from '../support/run-bench.ts';

const RECEIVER = new URL('./receiver-page.ts', import.meta.url);

/** Isolated like the product's page, so that both read the same clock of 5 µs. */
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};
const PAGE =
  '<!doctype html><title>Baseline</title><style>body{margin:0}video,canvas{width:100%}</style><body>';

/** Something that offers a stream. */
export interface Offerer {
  /** @returns SDP with all candidates. */
  offer(): Promise<string>;
  /** @param answerSdp with all candidates. */
  accept(answerSdp: string): Promise<void>;
}

/** What is done to descriptions on their way, to lead the stream through something. */
export interface SdpRoute {
  offer(sdp: string): Promise<string>;
  answer(sdp: string): string;
}

const DIRECT: SdpRoute = { offer: async (sdp) => sdp, answer: (sdp) => sdp };

/** An empty page of this machine, for scripts to work in. @returns its address. */
export async function servePlainPage(belongings: Belongings): Promise<string> {
  const server: Server = createServer((_request, response) => {
    response.writeHead(200, HEADERS).end(PAGE);
  });
  const close = () => server.close();
  belongings.add({ close, kill: close });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

/** A plain page that shows whatever stream is offered to it, and sends keys back. */
export class Receiver {
  readonly #browser: Browser;
  readonly #scripts: readonly string[];
  readonly #url: string;

  private constructor(browser: Browser, scripts: readonly string[], url: string) {
    this.#browser = browser;
    this.#scripts = scripts;
    this.#url = url;
  }

  /** @param probe what measures in the page, the same as in the product's. */
  static async open(browser: Browser, probe: URL, belongings: Belongings): Promise<Receiver> {
    const scripts = [await bundlePageScript(probe), await bundlePageScript(RECEIVER)];
    return new Receiver(browser, scripts, await servePlainPage(belongings));
  }

  /** Shows the offered stream for as long as `measure` takes. */
  async watch<T>(
    offerer: Offerer,
    measure: (page: Page) => Promise<T>,
    route: SdpRoute = DIRECT,
  ): Promise<T> {
    const page = await this.#browser.newPage();
    try {
      for (const script of this.#scripts) await page.evaluateOnNewDocument(script);
      await page.bringToFront();
      await page.goto(this.#url);
      const offer = await route.offer(await offerer.offer());
      const answer = await page.evaluate((sdp) => window.receiverPage?.answer(sdp), offer);
      await offerer.accept(route.answer(answer ?? ''));
      await until('a picture from the baseline', () =>
        page.evaluate(() => (document.querySelector('video')?.videoWidth ?? 0) > 0),
      );
      return await measure(page);
    } finally {
      await page.close();
    }
  }
}

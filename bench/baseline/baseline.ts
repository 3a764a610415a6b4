import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'puppeteer-core';
import { bundlePageScript } from '../support/page-script.ts';
import { until } from '../support/rig.ts';
import type { Belongings } from '../support/run-bench.ts';
import { fromSenderSchema } from './sender-messages.ts';

const SENDER = fileURLToPath(new URL('./libwebrtc-sender.ts', import.meta.url));
const RECEIVER = new URL('./receiver-page.ts', import.meta.url);

/** Isolated like the product's page, so that both read the same clock of 5 µs. */
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};
const PAGE =
  '<!doctype html><title>Baseline</title><style>body{margin:0}video{width:100%}</style><body>';

/** A libwebrtc sender in a process of its own, and a plain page that shows its stream. */
export class Baseline {
  readonly #browser: Browser;
  readonly #scripts: readonly string[];
  readonly #url: string;
  readonly #belongings: Belongings;

  private constructor(
    browser: Browser,
    scripts: readonly string[],
    url: string,
    belongings: Belongings,
  ) {
    this.#browser = browser;
    this.#scripts = scripts;
    this.#url = url;
    this.#belongings = belongings;
  }

  /** @param probe what measures in the page, the same as in the product's. */
  static async open(browser: Browser, probe: URL, belongings: Belongings): Promise<Baseline> {
    const server: Server = createServer((_request, response) => {
      response.writeHead(200, HEADERS).end(PAGE);
    });
    const close = () => server.close();
    belongings.add({ close, kill: close });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const scripts = [await bundlePageScript(probe), await bundlePageScript(RECEIVER)];
    return new Baseline(browser, scripts, `http://127.0.0.1:${port}`, belongings);
  }

  /** Streams for as long as `measure` takes. */
  async run<T>(measure: (page: Page) => Promise<T>): Promise<T> {
    const child: ChildProcess = fork(SENDER, { execArgv: ['--import', 'tsx'] });
    const kill = () => child.kill('SIGKILL');
    this.#belongings.add({ close: kill, kill });
    const page = await this.#browser.newPage();
    try {
      for (const script of this.#scripts) await page.evaluateOnNewDocument(script);
      await page.bringToFront();
      await page.goto(this.#url);
      const [message] = await once(child, 'message');
      const { sdp } = fromSenderSchema.parse(message);
      const answer = await page.evaluate((offer) => window.receiverPage?.answer(offer), sdp);
      child.send({ type: 'answer', sdp: answer });
      await until('a picture from libwebrtc', () =>
        page.evaluate(() => (document.querySelector('video')?.videoWidth ?? 0) > 0),
      );
      return await measure(page);
    } finally {
      await page.close();
      kill();
    }
  }
}

import type { Browser, Page } from 'puppeteer-core';
import { DEFAULT_BITRATE_BPS, type Resolution } from '../../../protocol/stream-settings.ts';
import { launchChromium } from '../../../test/support/browser.ts';
import { withBitrates } from '../../baseline/google-bitrates.ts';
import { type Offerer, Receiver, type SdpRoute, servePlainPage } from '../../baseline/receiver.ts';
import type { CanvasSenderOptions } from '../../page/canvas-sender-page.ts';
import { bundlePageScript } from '../../support/page-script.ts';
import type { Belongings } from '../../support/run-bench.ts';
import { NETWORK_PROBE, type RelayPaths, relayRoute, type Sender } from './sender.ts';

const SENDER_PAGE = new URL('../../page/canvas-sender-page.ts', import.meta.url);

/**
 * A page that was not allowed to use a microphone binds its sockets to no address (RFC 8828 §5.2,
 * mode 2), and answers whoever is on this machine from this one, whatever its candidates say.
 */
const LOOPBACK = '127.0.0.1';

/** Addresses in place of mDNS names, which nothing but a browser resolves. */
const FLAGS = ['--disable-features=WebRtcHideLocalIpsWithMdns'];

/**
 * A browser that plays the scene in a canvas and sends that: Chromium's own encoder, pacer and
 * estimation, with H.264, in a browser of its own that has nothing else to do.
 */
export class ChromiumSender implements Sender {
  readonly name = 'chromium';
  readonly #receiver: Receiver;
  readonly #url: string;
  readonly #script: string;
  readonly #options: CanvasSenderOptions;
  readonly #belongings: Belongings;

  private constructor(
    receiver: Receiver,
    url: string,
    script: string,
    options: CanvasSenderOptions,
    belongings: Belongings,
  ) {
    this.#receiver = receiver;
    this.#url = url;
    this.#script = script;
    this.#options = options;
    this.#belongings = belongings;
  }

  static async open(
    browser: Browser,
    belongings: Belongings,
    size: Resolution,
    frameRate: number,
  ): Promise<ChromiumSender> {
    const receiver = await Receiver.open(browser, NETWORK_PROBE, belongings);
    const url = await servePlainPage(belongings);
    const script = await bundlePageScript(SENDER_PAGE);
    const options = { ...size, frameRate, maxBitrateBps: DEFAULT_BITRATE_BPS };
    return new ChromiumSender(receiver, url, script, options, belongings);
  }

  async run<T>(relay: RelayPaths, measure: (page: Page) => Promise<T>): Promise<T> {
    const browser = await launchChromium(...FLAGS);
    const kill = () => browser.process()?.kill('SIGKILL');
    this.#belongings.add({ close: () => browser.close(), kill });
    try {
      const [page = await browser.newPage()] = await browser.pages();
      await page.evaluateOnNewDocument(this.#script);
      await page.goto(this.#url);
      const through = relayRoute({ open: ({ port }) => relay.open({ host: LOOPBACK, port }) });
      const route: SdpRoute = {
        offer: through.offer,
        answer: (sdp) => through.answer(withBitrates(sdp)),
      };
      return await this.#receiver.watch(offererOf(page, this.#options), measure, route);
    } finally {
      await browser.close();
    }
  }
}

function offererOf(page: Page, options: CanvasSenderOptions): Offerer {
  return {
    async offer() {
      return (await page.evaluate((given) => window.canvasSender?.offer(given), options)) ?? '';
    },
    async accept(sdp) {
      await page.evaluate((answer) => window.canvasSender?.accept(answer), sdp);
    },
  };
}

import type { Browser, BrowserContext, Page } from 'puppeteer-core';
import type { PlayerSnapshot } from '../../client/player/player-snapshot.ts';
import type {} from '../../client/player/rockpool-global.ts';
import type { CalibrationMark } from '../../protocol/calibration-picture.ts';
import { decodeInput, type InputMessage } from '../../protocol/input-messages.ts';
import type { StreamSettings } from '../../protocol/stream-settings.ts';
import { openPage } from '../../test/support/browser.ts';
import type {} from '../../test/support/page/page-probe.ts';

/** Below a test's own limit, so that what was waited for is in the report. */
const WAIT_MS = 90_000;

export interface PlayerPageOptions {
  readonly url: string;
  /** Script that defines `window.probe`. */
  readonly probe: string;
  readonly viewport?: Parameters<Page['setViewport']>[0];
  /** What this player has chosen in the settings before. */
  readonly stream?: StreamSettings;
}

/** A player beside others on a small machine: a tenth of the default's pixels a second. */
export const SMALL_STREAM: StreamSettings = {
  resolution: { width: 512, height: 288 },
  frameRate: 30,
  maxBitrateBps: 2_000_000,
  codec: 'auto',
};

/** A player of their own: an identity, a browser window and the page in it. */
export class PlayerPage {
  readonly page: Page;
  /** Everything that the page or the browser complained about. */
  readonly errors: readonly string[];
  readonly #context: BrowserContext;
  readonly #url: string;

  private constructor(context: BrowserContext, page: Page, errors: string[], url: string) {
    this.#context = context;
    this.page = page;
    this.errors = errors;
    this.#url = url;
  }

  static async open(browser: Browser, options: PlayerPageOptions): Promise<PlayerPage> {
    const context = await browser.createBrowserContext();
    const { page, errors } = await openPage(context);
    page.setDefaultTimeout(WAIT_MS);
    await page.evaluateOnNewDocument(options.probe);
    if (options.stream) await page.evaluateOnNewDocument(choose, options.stream);
    if (options.viewport) await page.setViewport(options.viewport);
    return new PlayerPage(context, page, errors, options.url);
  }

  /** @param path of this Rockpool, or a whole address. */
  async visit(path: string): Promise<void> {
    await this.page.goto(new URL(path, this.#url).href);
  }

  /** Opens the deep link of a game and waits for its picture. */
  async play(gameId: string): Promise<void> {
    await this.visit(`/play/${gameId}`);
    await this.streaming();
  }

  /** Waits until the game streams and the stage has the keyboard. */
  async streaming(): Promise<void> {
    await this.page.waitForFunction(
      () =>
        window.rockpool?.snapshot.state.name === 'streaming' &&
        window.probe.picture.count > 0 &&
        document.activeElement?.getAttribute('role') === 'application' &&
        // A dialog gives the focus back before it hears that it has closed.
        document.querySelector('dialog .settings-body') === null,
    );
  }

  snapshot(): Promise<PlayerSnapshot | undefined> {
    return this.page.evaluate(() => window.rockpool?.snapshot);
  }

  async sessionId(): Promise<string> {
    return (await this.snapshot())?.sessionId ?? '';
  }

  /** Text of the element that has the keyboard. */
  focusedText(): Promise<string> {
    return this.page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
  }

  /** Lets the page's own animation frames run, such as those that poll gamepads. */
  async animationFrames(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      await this.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
  }

  /** Waits for so many further frames on the screen. */
  async frames(more: number): Promise<void> {
    const seen = await this.page.evaluate(() => window.probe.picture.count);
    await this.page.waitForFunction(
      (count) => window.probe.picture.count >= count,
      {},
      seen + more,
    );
  }

  /** What the newest displayed frame of a calibration scene says, waiting for one that says anything. */
  async mark(): Promise<CalibrationMark> {
    await this.page.waitForFunction(() => window.probe.picture.lastMark !== undefined);
    const mark = await this.page.evaluate(() => window.probe.picture.lastMark);
    if (!mark) throw new Error('no frame of a calibration scene was displayed');
    return mark;
  }

  /** What this page sent on the `input` channel, oldest first. */
  async sentInputs(): Promise<InputMessage[]> {
    const sent = await this.page.evaluate(() => window.probe.connection.sent('input'));
    return sent.map((bytes) => decodeInput(Uint8Array.from(bytes)));
  }

  /** Waits until the calibration strip names the last input this page sent. */
  async untilApplied(): Promise<void> {
    const last = (await this.sentInputs()).at(-1);
    await this.page.waitForFunction(
      (seq) => window.probe.picture.lastMark?.inputSeq === seq,
      {},
      last?.seq,
    );
  }

  flips(): Promise<number> {
    return this.page.evaluate(() => window.probe.picture.flips);
  }

  /** Does what makes the calibration patch flip, and waits until it has. */
  async flip(press: () => Promise<void>): Promise<void> {
    await this.mark();
    const before = await this.flips();
    await press();
    await this.page.waitForFunction((flips) => window.probe.picture.flips > flips, {}, before);
  }

  /** Leaves the game for good, if one is on. The page tells the server, so it must stay open a while. */
  async leave(): Promise<void> {
    const left = await this.page.evaluate(() => {
      const name = window.rockpool?.snapshot.state.name;
      const control = document.querySelector<HTMLElement>('[aria-label="Leave the game"]');
      if (name === 'ended' || name === 'failed' || !control) return false;
      control.click();
      return true;
    });
    if (left) await this.page.waitForFunction(() => location.pathname === '/');
  }

  /** As closing the window does: a running game waits for its player to come back. */
  async close(): Promise<void> {
    await this.#context.close();
  }
}

/** Runs in the page: puts settings where the settings dialog does. */
function choose(stream: StreamSettings): void {
  // A document without an origin, such as the first one of a tab, has no storage.
  if (window.origin === 'null') return;
  localStorage.setItem('rockpool.settings', JSON.stringify({ stream }));
}

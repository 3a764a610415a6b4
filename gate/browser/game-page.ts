import type { Browser, BrowserContext, Page } from 'puppeteer-core';
import type { StreamSettings } from '../../protocol/stream-settings.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { GateProblem } from '../gate-problem.ts';
import type { Address } from '../network/candidates.ts';
import type {} from '../page/gate-page.ts';
import type {} from '../page/picture-capture.ts';
import type {} from '../page/pixel-probe.ts';
import {
  capturedSchema,
  type FollowedInput,
  followedInputsSchema,
  type GatePixelReport,
  type PageReport,
  pageReportSchema,
  pixelReportSchema,
  startedSchema,
} from '../page-report.ts';
import { pause } from '../pause.ts';
import type { LumaPicture } from '../quality/likeness.ts';
import { type PageScript, pageScript } from './page-scripts.ts';

const POLL_MS = 50;
/** A page that leaves tells the server first. */
const LEAVE_LIMIT_MS = 5_000;
/** Who dismisses the help of a first start is a person. */
const KNOWN_GAMES = 'rockpool.known-games';
const SETTINGS = 'rockpool.settings';

export interface GamePageOptions {
  readonly url: string;
  readonly game: string;
  readonly stream: StreamSettings;
  readonly viewport: { readonly width: number; readonly height: number };
  /** What is put into the page beside what measures. */
  readonly scripts?: readonly PageScript[];
  /** Opens a path of a relay: the page's connection leads through it then. */
  readonly openRelayPath?: (target: Address) => Promise<Address>;
  /** Until the first picture. */
  readonly startLimitMs: number;
}

/** A new player of one game: a browser profile of their own with one page. */
export class GamePage {
  readonly page: Page;
  readonly #context: BrowserContext;
  readonly #options: GamePageOptions;

  private constructor(context: BrowserContext, page: Page, options: GamePageOptions) {
    this.#context = context;
    this.page = page;
    this.#options = options;
  }

  static async open(browser: Browser, options: GamePageOptions): Promise<GamePage> {
    const context = await browser.createBrowserContext();
    try {
      const page = await context.newPage();
      await page.setViewport(options.viewport);
      const { scripts = [], openRelayPath, stream, game } = options;
      for (const name of ['gate-page', ...scripts] as const) {
        await page.evaluateOnNewDocument(await pageScript(name));
      }
      if (openRelayPath) {
        await page.exposeFunction('openRelayPath', (host: string, port: number) =>
          openRelayPath({ host, port }),
        );
        await page.evaluateOnNewDocument(await pageScript('relayed-connection'));
      }
      const stored = [
        [SETTINGS, JSON.stringify({ stream })],
        [KNOWN_GAMES, JSON.stringify([game])],
      ] as const;
      await page.evaluateOnNewDocument((entries: typeof stored) => {
        // A document without an origin, such as the first one of a tab, has no storage.
        if (window.origin === 'null') return;
        for (const [key, value] of entries) localStorage.setItem(key, value);
      }, stored);
      return new GamePage(context, page, options);
    } catch (error) {
      await context.close();
      throw error;
    }
  }

  /**
   * Opens the game's address, and resolves when its first picture is shown.
   * @throws GateProblem `no-session`, `no-picture` or `other-version`.
   */
  async play(signal: AbortSignal): Promise<void> {
    const { url, game, startLimitMs } = this.#options;
    const address = new URL(`/play/${game}`, url).href;
    await this.page.goto(address, { waitUntil: 'domcontentloaded' });
    await this.page.bringToFront();
    const deadline = performance.now() + startLimitMs;
    for (;;) {
      const state = await this.page.evaluate(() => window.rockpoolGate?.state());
      if (state?.name === 'streaming' && state.shows) break;
      if (state?.name === 'failed' || state?.name === 'ended') {
        throw new GateProblem('no-session', `${game} did not start: ${state.detail}`);
      }
      if (performance.now() > deadline) throw this.#neverShown(state);
      await pause(POLL_MS, signal);
    }
    const version = await this.page.evaluate(() => window.rockpoolGate?.version());
    if (version !== PROTOCOL_VERSION) throw otherVersion(url, version);
    await this.page.evaluate(() => {
      document.querySelector<HTMLElement>('[role="application"]')?.focus({ preventScroll: true });
    });
  }

  /** From now on presses are followed in the picture, too. Resolves when its marks were read. */
  async followMarks(numbering: 'sequence' | 'count'): Promise<void> {
    await this.page.evaluate(async (named: 'sequence' | 'count') => {
      // A scene that shows no marks would be waited for in vain.
      const gaveUp = new Promise((resolve) => setTimeout(resolve, 10_000));
      await Promise.race([window.pixelProbe?.start({ numbering: named }), gaveUp]);
    }, numbering);
  }

  /** Begins to measure. @returns `performance.now()` of the page at that moment. */
  async start(): Promise<number> {
    return startedSchema.parse(await this.page.evaluate(() => window.rockpoolGate?.start()));
  }

  /** Ends the measuring but of inputs that are on their way. */
  async stop(): Promise<PageReport> {
    return pageReportSchema.parse(await this.page.evaluate(() => window.rockpoolGate?.stop()));
  }

  /** Inputs that were followed to the screen by now. */
  async inputs(): Promise<FollowedInput[]> {
    const inputs = await this.page.evaluate(() => window.rockpoolGate?.inputs() ?? []);
    return followedInputsSchema.parse(inputs);
  }

  async pixels(): Promise<GatePixelReport> {
    return pixelReportSchema.parse(await this.page.evaluate(() => window.pixelProbe?.take()));
  }

  /** The next picture that is shown, enlarged to a size where it is smaller; undefined where none comes. */
  async picture(size: {
    readonly width: number;
    readonly height: number;
  }): Promise<LumaPicture | undefined> {
    const picture = await this.page.evaluate((wanted) => window.pictureCapture?.next(wanted), size);
    if (picture === undefined) return undefined;
    const captured = capturedSchema.parse(picture);
    return { ...captured, luma: Buffer.from(captured.luma, 'base64') };
  }

  /** Leaves the game for good and is gone. */
  async close(): Promise<void> {
    try {
      await this.#leave();
    } finally {
      await this.#context.close();
    }
  }

  async #leave(): Promise<void> {
    const asked = await this.page.evaluate(() => {
      const control = document.querySelector<HTMLElement>('[aria-label="Leave the game"]');
      control?.click();
      return control !== null;
    });
    if (!asked) return;
    await this.page
      .waitForFunction(() => location.pathname === '/', {
        timeout: LEAVE_LIMIT_MS,
        polling: POLL_MS,
      })
      .catch(() => undefined);
  }

  #neverShown(state: { name: string; detail: string } | undefined): GateProblem {
    const { url, game } = this.#options;
    if (!state?.name) {
      return new GateProblem('no-picture', `${url}/play/${game} shows no page of a player.`);
    }
    const { name, detail } = state;
    if (name === 'waiting') {
      return new GateProblem(
        'no-session',
        `Every place for ${game} is taken. Measure where nobody plays, or add a container.`,
      );
    }
    const doing = detail ? `${name}, ${detail}` : name;
    return new GateProblem(
      'no-picture',
      `${game} showed no picture (the page: ${doing}). See what it writes, in the log of its container.`,
    );
  }
}

function otherVersion(url: string, version: number | undefined): GateProblem {
  const theirs = version === undefined ? 'another version' : `version ${version}`;
  return new GateProblem(
    'other-version',
    `${url} speaks ${theirs} of the protocol, this command version ${PROTOCOL_VERSION}: measure it with the rockpool of its own release.`,
  );
}

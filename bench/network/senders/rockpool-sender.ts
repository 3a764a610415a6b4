import type { Browser, BrowserContext, CreatePageOptions, Page } from 'puppeteer-core';
import type { StreamSettings } from '../../../protocol/stream-settings.ts';
import { leadThroughRelay } from '../../support/relayed-page.ts';
import { leave, openLibrary, openPage, play, type Rockpool } from '../../support/rig.ts';
import { NETWORK_PROBE, type RelayPaths, type Sender } from './sender.ts';

const DEFAULT_GAME = 'calibration';

/** A session of the product with the relay between its worker and its page. */
export class RelayedSession {
  readonly page: Page;
  readonly #rockpool: Rockpool;
  readonly #game: string;

  private constructor(page: Page, rockpool: Rockpool, game: string) {
    this.page = page;
    this.#rockpool = rockpool;
    this.#game = game;
  }

  /** Starts playing as a person does. Resolves when there is a picture. */
  static async open(
    browser: Browser | BrowserContext,
    rockpool: Rockpool,
    stream: StreamSettings,
    relay: RelayPaths,
    options?: CreatePageOptions,
    game = DEFAULT_GAME,
  ): Promise<RelayedSession> {
    const page = await openPage(browser, NETWORK_PROBE, stream, options);
    try {
      await leadThroughRelay(page, relay);
      await openLibrary(page, rockpool.url, game);
      await play(page, game);
    } catch (error) {
      await page.close();
      throw error;
    }
    return new RelayedSession(page, rockpool, game);
  }

  async close(): Promise<void> {
    try {
      await leave(this.page, this.#rockpool, this.#game);
    } finally {
      await this.page.close();
    }
  }
}

/** The product, one session at a time. */
export class RockpoolSender implements Sender {
  readonly name = 'rockpool';
  readonly #browser: Browser;
  readonly #rockpool: Rockpool;
  readonly #stream: StreamSettings;
  readonly #game: string;

  constructor(browser: Browser, rockpool: Rockpool, stream: StreamSettings, game = DEFAULT_GAME) {
    this.#browser = browser;
    this.#rockpool = rockpool;
    this.#stream = stream;
    this.#game = game;
  }

  async run<T>(relay: RelayPaths, measure: (page: Page) => Promise<T>): Promise<T> {
    // A new player each time: what the network of the last profile carried says nothing of this one.
    const player = await this.#browser.createBrowserContext();
    try {
      const session = await RelayedSession.open(
        player,
        this.#rockpool,
        this.#stream,
        relay,
        undefined,
        this.#game,
      );
      try {
        return await measure(session.page);
      } finally {
        await session.close();
      }
    } finally {
      await player.close();
      await this.#rockpool.spareReady();
    }
  }
}

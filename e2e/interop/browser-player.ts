import type { Browser } from 'puppeteer-core';
import { expect, inject } from 'vitest';
import type { CalibrationMark } from '../../protocol/calibration-picture.ts';
import type { VideoCodec } from '../../protocol/stream-settings.ts';
import { PlayerPage, SMALL_STREAM } from '../support/player-page.ts';
import { ECHO_LIMIT_MS, type InteropPlayer } from './half-minute.ts';

/** A player in a browser of their own, at the product's page. */
export class BrowserPlayer implements InteropPlayer {
  readonly #browser: Browser;
  readonly #player: PlayerPage;

  private constructor(browser: Browser, player: PlayerPage) {
    this.#browser = browser;
    this.#player = player;
  }

  /** Plays the calibration scene; resolves when there is a picture. */
  static async play(
    url: string,
    launch: () => Promise<Browser>,
    codec: VideoCodec,
  ): Promise<BrowserPlayer> {
    const browser = await launch();
    try {
      const probe = inject('pageProbe');
      const stream = { ...SMALL_STREAM, codec };
      const player = await PlayerPage.open(browser, { url, probe, stream });
      await player.play('calibration');
      return new BrowserPlayer(browser, player);
    } catch (error) {
      await browser.close();
      throw error;
    }
  }

  async codec(): Promise<VideoCodec | undefined> {
    return (await this.#player.snapshot())?.stream?.codec;
  }

  marks(): Promise<readonly (CalibrationMark | undefined)[]> {
    return this.#player.page.evaluate(() => window.probe.picture.frames.map(({ mark }) => mark));
  }

  async press(): Promise<void> {
    const { page } = this.#player;
    const before = await this.#player.flips();
    await page.keyboard.down('KeyX');
    const sent = (await this.#player.sentInputs()).at(-1);
    await page.waitForFunction(
      (seq, flipsBefore) => {
        const { lastMark, flips } = window.probe.picture;
        return lastMark?.inputSeq === seq && flips > flipsBefore;
      },
      { timeout: ECHO_LIMIT_MS },
      sent?.seq,
      before,
    );
    await page.keyboard.up('KeyX');
  }

  async leave(): Promise<void> {
    await this.#player.leave();
    expect(this.#player.errors).toEqual([]);
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}

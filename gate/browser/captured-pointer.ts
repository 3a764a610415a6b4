import type { Page } from 'puppeteer-core';
import { GateProblem } from '../gate-problem.ts';

/** A browser that is asked for the pointer answers in its next frame, a busy one later. */
const CAPTURE_LIMIT_MS = 3000;

interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * The pointer of a page that has it captured. A browser's automation knows positions alone; by how far
 * the page hears that the pointer moved is worked out of them, in Chromium from the position before,
 * beyond the window's edge too, and in Firefox from the middle of the window, within it.
 */
export class CapturedPointer {
  readonly #page: Page;
  readonly #isFirefox: boolean;
  #at: Point;

  private constructor(page: Page, isFirefox: boolean, at: Point) {
    this.#page = page;
    this.#isFirefox = isFirefox;
    this.#at = at;
  }

  /**
   * Has the page capture the pointer, where it did not by itself.
   * @param at where the pointer is.
   * @throws GateProblem `broken` where the browser keeps it.
   */
  static async capture(page: Page, at: Point): Promise<CapturedPointer> {
    const captured = await page.evaluate(async (limitMs: number) => {
      const stage = document.querySelector<HTMLElement>('[role="application"]');
      const isCaptured = () => document.pointerLockElement !== null;
      if (!isCaptured()) {
        // Without the system's acceleration, as the player asks for it, and where there is no such thing with it.
        await stage
          ?.requestPointerLock({ unadjustedMovement: true })
          .catch(() => stage.requestPointerLock())
          .catch(() => undefined);
      }
      const deadline = performance.now() + limitMs;
      while (!isCaptured() && performance.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return isCaptured();
    }, CAPTURE_LIMIT_MS);
    if (!captured) {
      throw new GateProblem('broken', 'The browser does not let the page capture the pointer.');
    }
    const version = await page.browser().version();
    return new CapturedPointer(page, /firefox/i.test(version), at);
  }

  /** CSS pixels, whole ones. */
  async moveBy(dx: number, dy: number): Promise<void> {
    if (dx === 0 && dy === 0) return;
    if (this.#isFirefox) await this.#moveFromMiddle(dx, dy);
    else await this.#moveTo({ x: this.#at.x + dx, y: this.#at.y + dy });
  }

  async free(): Promise<void> {
    await this.#page.evaluate(() => document.exitPointerLock());
  }

  async #moveFromMiddle(dx: number, dy: number): Promise<void> {
    const { width = 0, height = 0 } = this.#page.viewport() ?? {};
    const middle = { x: Math.floor(width / 2), y: Math.floor(height / 2) };
    const reach = Math.max(1, Math.min(middle.x, middle.y) - 1);
    const pieces = Math.ceil(Math.max(Math.abs(dx), Math.abs(dy)) / reach);
    for (let i = 0; i < pieces; i++) {
      const part = (all: number) =>
        Math.round((all * (i + 1)) / pieces) - Math.round((all * i) / pieces);
      const to = { x: middle.x + part(dx), y: middle.y + part(dy) };
      // A pointer that is there already does not move; back in the middle it has moved by nothing.
      if (to.x === this.#at.x && to.y === this.#at.y) await this.#moveTo(middle);
      await this.#moveTo(to);
    }
  }

  async #moveTo(point: Point): Promise<void> {
    this.#at = point;
    await this.#page.mouse.move(point.x, point.y);
  }
}

import type { KeyInput, MouseButton, Page } from 'puppeteer-core';
import type { InputEvent } from '../input-script.ts';
import type {} from '../page/pad-stand-in.ts';
import { pause } from '../pause.ts';
import { CapturedPointer } from './captured-pointer.ts';

/** By `MouseEvent.button`. */
const BUTTONS: readonly MouseButton[] = ['left', 'middle', 'right', 'back', 'forward'];

/** Keys of keyboards that nobody can press through a browser's automation. */
const UNKNOWN_KEYS: ReadonlySet<string> = new Set([
  'IntlBackslash',
  'IntlRo',
  'IntlYen',
  'KanaMode',
  'Lang1',
  'Lang2',
  'NumpadComma',
]);

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Where a page shows its picture, CSS pixels: it is as large as fits its element, in the middle. */
async function pictureBox(page: Page): Promise<Box> {
  return page.evaluate(() => {
    const video = document.querySelector('video');
    const { left = 0, top = 0, width = 0, height = 0 } = video?.getBoundingClientRect() ?? {};
    const { videoWidth, videoHeight } = video ?? { videoWidth: 0, videoHeight: 0 };
    if (videoWidth === 0 || videoHeight === 0) return { left, top, width, height };
    const scale = Math.min(width / videoWidth, height / videoHeight);
    const shown = { width: videoWidth * scale, height: videoHeight * scale };
    return {
      left: left + (width - shown.width) / 2,
      top: top + (height - shown.height) / 2,
      ...shown,
    };
  });
}

/** Does in a page what a script says, through the browser's own input path. */
export class Replay {
  readonly #page: Page;
  readonly #box: Box;
  readonly #heldKeys = new Set<KeyInput>();
  readonly #heldButtons = new Set<MouseButton>();
  #at: { readonly x: number; readonly y: number } | undefined;
  #captured: CapturedPointer | undefined;
  #usedPads = false;

  private constructor(page: Page, box: Box) {
    this.#page = page;
    this.#box = box;
  }

  static async open(page: Page): Promise<Replay> {
    return new Replay(page, await pictureBox(page));
  }

  /**
   * Resolves when all is done and what was held is let go. An event that is late does not delay those
   * after it.
   * @throws GateProblem `stopped`
   */
  async run(events: Iterable<InputEvent>, signal: AbortSignal): Promise<void> {
    const beganMs = performance.now();
    try {
      for (const event of events) {
        const waitMs = beganMs + event.atMs - performance.now();
        if (waitMs > 0) await pause(waitMs, signal);
        await this.#do(event);
      }
    } finally {
      await this.#letGo();
    }
  }

  async #do(event: InputEvent): Promise<void> {
    const { keyboard, mouse } = this.#page;
    switch (event.type) {
      case 'key': {
        if (UNKNOWN_KEYS.has(event.code)) return;
        const key = event.code as KeyInput;
        if (event.down) await keyboard.down(key);
        else await keyboard.up(key);
        if (event.down) this.#heldKeys.add(key);
        else this.#heldKeys.delete(key);
        return;
      }
      case 'button': {
        const button = BUTTONS[event.button] ?? 'left';
        await this.#moveTo(event);
        if (event.down) await mouse.down({ button });
        else await mouse.up({ button });
        if (event.down) this.#heldButtons.add(button);
        else this.#heldButtons.delete(button);
        return;
      }
      case 'pointer':
        await this.#moveTo(event);
        return;
      case 'wheel':
        await mouse.wheel({ deltaX: event.dx, deltaY: event.dy });
        return;
      case 'capture':
        await (event.captured ? this.#capture() : this.#free());
        return;
      case 'movement':
        await this.#captured?.moveBy(event.dx, event.dy);
        return;
      default:
        this.#usedPads = true;
        await this.#page.evaluate((pad) => window.padStandIn?.handle(pad), event);
    }
  }

  async #moveTo({ x, y }: { readonly x: number; readonly y: number }): Promise<void> {
    // Whatever moves a captured pointer is movement: it has no place.
    if (this.#captured) return;
    const { left, top, width, height } = this.#box;
    const to = { x: left + x * width, y: top + y * height };
    if (to.x === this.#at?.x && to.y === this.#at.y) return;
    this.#at = to;
    await this.#page.mouse.move(to.x, to.y);
  }

  async #capture(): Promise<void> {
    // A pointer that was never anywhere has nothing to move from.
    if (!this.#at) await this.#moveTo({ x: 0.5, y: 0.5 });
    this.#captured ??= await CapturedPointer.capture(this.#page, this.#at ?? { x: 0, y: 0 });
  }

  async #free(): Promise<void> {
    const captured = this.#captured;
    this.#captured = undefined;
    this.#at = undefined;
    await captured?.free();
  }

  async #letGo(): Promise<void> {
    if (this.#usedPads) await this.#page.evaluate(() => window.padStandIn?.rest());
    await this.#free();
    for (const key of this.#heldKeys) await this.#page.keyboard.up(key);
    for (const button of this.#heldButtons) await this.#page.mouse.up({ button });
    this.#heldKeys.clear();
    this.#heldButtons.clear();
  }
}

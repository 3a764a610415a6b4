import { POINTER_MAX } from '../../../protocol/input-messages.ts';
import type { Resolution } from '../../../protocol/stream-settings.ts';
import { HeldCounts } from './held-counts.ts';
import { WheelNotches } from './wheel-notches.ts';
import type { XInputPort } from './x-input-port.ts';

/** X button of each `MouseEvent.button`: left, middle, right, back, forward. Others have none. */
const X_BUTTONS = [1, 2, 3, 8, 9] as const;
const WHEEL_UP = 4;
const WHEEL_DOWN = 5;
const WHEEL_LEFT = 6;
const WHEEL_RIGHT = 7;
/** X protocol movements are 16 bits; one less, as a step may be sent a pixel longer. */
const MAX_STEP = 32_766;
/** One message of a browser reaches 327 notches; nobody turns a wheel that fast. */
const MAX_NOTCHES = 20;

export interface XPointerOptions {
  /** Of the display. */
  readonly resolution: Resolution;
  /**
   * The game takes movement rather than a position. Positions are then left out altogether: a game
   * that puts the pointer back to the middle would take the way from there to be movement.
   */
  readonly pointerLock: boolean;
}

/** The mouse of a display. */
export class XPointer {
  readonly #port: XInputPort;
  readonly #pointerLock: boolean;
  readonly #held = new HeldCounts();
  readonly #wheelX = new WheelNotches();
  readonly #wheelY = new WheelNotches();
  #resolution: Resolution;
  #restX = 0;
  #restY = 0;
  /** Movement asked for last. */
  #lastX = 0;
  #lastY = 0;

  constructor(port: XInputPort, { resolution, pointerLock }: XPointerOptions) {
    this.#port = port;
    this.#resolution = resolution;
    this.#pointerLock = pointerLock;
  }

  setDisplaySize(resolution: Resolution): void {
    this.#resolution = resolution;
  }

  /**
   * Position and movement together, as browsers tell them; the game's kind decides which counts.
   * @param x fraction of the picture, 0 to 65535; dx in CSS pixels.
   */
  move(x: number, y: number, dx: number, dy: number): void {
    if (this.#pointerLock) this.moveBy(dx, dy);
    else this.place(x, y);
  }

  /** Does nothing in a game that takes movement. */
  place(x: number, y: number): void {
    if (this.#pointerLock) return;
    const { width, height } = this.#resolution;
    this.#port.movePointer(pixel(x, width), pixel(y, height));
  }

  /** Pixels; fractions are kept for the next movement. */
  moveBy(dx: number, dy: number): void {
    const exactX = this.#restX + dx;
    const exactY = this.#restY + dy;
    const wholeX = Math.trunc(exactX);
    const wholeY = Math.trunc(exactY);
    this.#restX = exactX - wholeX;
    this.#restY = exactY - wholeY;
    if (wholeX !== 0 || wholeY !== 0) this.#step(within(wholeX), within(wholeY));
  }

  /** @param button `MouseEvent.button`. Each press wants its release. */
  press(button: number): void {
    const xButton = X_BUTTONS[button];
    if (xButton !== undefined && this.#held.hold(xButton)) this.#port.fakeButton(xButton, true);
  }

  release(button: number): void {
    const xButton = X_BUTTONS[button];
    if (xButton !== undefined && this.#held.letGo(xButton)) this.#port.fakeButton(xButton, false);
  }

  /** CSS pixels, right and down positive. */
  wheel(dx: number, dy: number): void {
    this.#click(this.#wheelY.add(dy), WHEEL_UP, WHEEL_DOWN);
    this.#click(this.#wheelX.add(dx), WHEEL_LEFT, WHEEL_RIGHT);
  }

  releaseAll(): void {
    for (const xButton of this.#held.clear()) this.#port.fakeButton(xButton, false);
    this.#wheelX.reset();
    this.#wheelY.reset();
    this.#restX = 0;
    this.#restY = 0;
  }

  /**
   * SDL 2 drops a raw movement that equals the one before and has its millisecond, as a duplicate
   * (X11_HandleXinput2Event); one in a hundred of a slow mouse's on a busy machine. So one that
   * repeats the last goes as a pixel more and that pixel back.
   */
  #step(dx: number, dy: number): void {
    if (dx !== this.#lastX || dy !== this.#lastY) {
      this.#moveBy(dx, dy);
      return;
    }
    const moreX = Math.sign(dx);
    const moreY = dx !== 0 ? 0 : Math.sign(dy);
    this.#moveBy(dx + moreX, dy + moreY);
    this.#moveBy(-moreX, -moreY);
  }

  #moveBy(dx: number, dy: number): void {
    this.#lastX = dx;
    this.#lastY = dy;
    this.#port.movePointerBy(dx, dy);
  }

  #click(notches: number, negative: number, positive: number): void {
    const xButton = notches < 0 ? negative : positive;
    const clicks = Math.min(Math.abs(notches), MAX_NOTCHES);
    for (let i = 0; i < clicks; i++) {
      this.#port.fakeButton(xButton, true);
      this.#port.fakeButton(xButton, false);
    }
  }
}

/** Rounded, so that the left edge of each pixel, told as a fraction of 65535, comes back to it. */
function pixel(fraction: number, length: number): number {
  return Math.min(Math.round((fraction / POINTER_MAX) * length), length - 1);
}

function within(pixels: number): number {
  return Math.min(Math.max(pixels, -MAX_STEP), MAX_STEP);
}

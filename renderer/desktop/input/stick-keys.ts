import type { PadStick } from '../../../protocol/build-manifest.ts';
import type { KeyCode } from '../../../protocol/key-codes.ts';
import { AxisPress } from './axis-press.ts';
import type { StickOutput } from './stick-output.ts';
import type { XKeyboard } from './x-keyboard.ts';

export type StickKeyCodes = Extract<PadStick, { readonly up: KeyCode }>;

/** A stick as four keys; a diagonal holds two. */
export class StickKeys implements StickOutput {
  readonly #keyboard: XKeyboard;
  readonly #codes: StickKeyCodes;
  readonly #left = new AxisPress();
  readonly #right = new AxisPress();
  readonly #up = new AxisPress();
  readonly #down = new AxisPress();

  constructor(keyboard: XKeyboard, codes: StickKeyCodes) {
    this.#keyboard = keyboard;
    this.#codes = codes;
  }

  handle(x: number, y: number): void {
    this.#update(this.#left, -x, this.#codes.left);
    this.#update(this.#right, x, this.#codes.right);
    this.#update(this.#up, -y, this.#codes.up);
    this.#update(this.#down, y, this.#codes.down);
  }

  rest(): void {
    this.handle(0, 0);
  }

  #update(press: AxisPress, value: number, code: KeyCode): void {
    const before = press.down;
    press.update(value);
    if (press.down === before) return;
    if (press.down) this.#keyboard.press(code);
    else this.#keyboard.release(code);
  }
}

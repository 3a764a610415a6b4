import type { KeyboardMapping, XInputPort } from '../../renderer/desktop/input/x-input-port.ts';
import { UP_KEYSYM, X_KEYCODES } from '../../renderer/desktop/input/x-key-codes.ts';

const FIRST_KEYCODE = 8;
const RETURN = 0xff0d;

/** Letters, digits, space, Enter and the up arrow of a US keyboard; the rest means nothing. */
function usMapping(): KeyboardMapping {
  const rows = Array.from({ length: 248 }, () => [0, 0]);
  const set = (keycode: number, plain: number, shifted: number) => {
    rows[keycode - FIRST_KEYCODE] = [plain, shifted];
  };
  for (const [code, keycode] of Object.entries(X_KEYCODES)) {
    const letter = /^Key(.)$/.exec(code)?.[1]?.charCodeAt(0);
    const digit = /^Digit(.)$/.exec(code)?.[1]?.charCodeAt(0);
    if (letter !== undefined) set(keycode, letter + 32, letter);
    if (digit !== undefined) set(keycode, digit, 0);
  }
  set(X_KEYCODES.Space, 0x20, 0x20);
  set(X_KEYCODES.Enter, RETURN, RETURN);
  set(X_KEYCODES.ArrowUp, UP_KEYSYM, 0);
  return { firstKeycode: FIRST_KEYCODE, rows };
}

/** An X server that notes what it is asked, as one line each, and what is down. */
export class FakeXPort implements XInputPort {
  readonly keysDown = new Set<number>();
  readonly buttonsDown = new Set<number>();
  readonly #requests: string[] = [];

  fakeKey(keycode: number, down: boolean): void {
    if (down) this.keysDown.add(keycode);
    else this.keysDown.delete(keycode);
    this.#requests.push(`key ${keycode} ${down ? 'down' : 'up'}`);
  }

  fakeButton(button: number, down: boolean): void {
    if (down) this.buttonsDown.add(button);
    else this.buttonsDown.delete(button);
    this.#requests.push(`button ${button} ${down ? 'down' : 'up'}`);
  }

  movePointer(x: number, y: number): void {
    this.#requests.push(`to ${x} ${y}`);
  }

  movePointerBy(dx: number, dy: number): void {
    this.#requests.push(`by ${dx} ${dy}`);
  }

  changeKey(keycode: number, keysyms: readonly number[]): void {
    this.#requests.push(`map ${keycode} ${keysyms.map((keysym) => keysym.toString(16)).join(' ')}`);
  }

  async readKeyboard(): Promise<KeyboardMapping> {
    return usMapping();
  }

  /** Requests since the last call. */
  take(): string[] {
    return this.#requests.splice(0);
  }
}

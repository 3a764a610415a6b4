import { RockpoolError } from '../../../protocol/errors.ts';
import type { KeyboardMapping, XInputPort } from './x-input-port.ts';

/** The part of the npm `x11` client that is used here. */
export interface X11InputClient {
  readonly display: { readonly min_keycode: number; readonly max_keycode: number };
  /** Sends at once what was asked for, where requests are buffered. */
  flush(done: () => void): void;
  require(extension: 'xtest', done: (error: unknown, xtest: Xtest) => void): void;
  ChangeKeyboardMapping(
    firstKeycode: number,
    keysymsPerKeycode: number,
    keysyms: readonly number[],
  ): void;
  GetKeyboardMapping(
    firstKeycode: number,
    count: number,
    /** True from it says that the error is dealt with. */
    done: (error: unknown, rows: readonly (readonly number[])[]) => boolean,
  ): void;
}

/** The XTEST extension (X Consortium, XTEST Extension Protocol 2.2) as `x11` offers it. */
export interface Xtest {
  FakeInput(
    type: number,
    detail: number,
    delayMs: number,
    root: number,
    x: number,
    y: number,
  ): unknown;
}

/** Core event codes (X protocol §10); XTEST takes these as the type of a fake event. */
const KEY_PRESS = 2;
const KEY_RELEASE = 3;
const BUTTON_PRESS = 4;
const BUTTON_RELEASE = 5;
const MOTION_NOTIFY = 6;
/** Detail of a motion event. */
const ABSOLUTE = 0;
const RELATIVE = 1;
/** As the root of an absolute position: the screen the pointer is on. */
const SAME_SCREEN = 0;

/** Input through the XTEST extension of a connection that somebody else opened and closes. */
export class XtestPort implements XInputPort {
  readonly #client: X11InputClient;
  readonly #xtest: Xtest;

  private constructor(client: X11InputClient, xtest: Xtest) {
    this.#client = client;
    this.#xtest = xtest;
  }

  /** @throws RockpoolError `game-failed` where the server has no XTEST. */
  static open(client: X11InputClient): Promise<XtestPort> {
    return new Promise((resolve, reject) => {
      client.require('xtest', (error, xtest) => {
        if (error) reject(failure('has no XTEST extension; start Xvfb without "-tst"', error));
        else resolve(new XtestPort(client, xtest));
      });
    });
  }

  fakeKey(keycode: number, down: boolean): void {
    this.#fake(down ? KEY_PRESS : KEY_RELEASE, keycode, 0, 0);
  }

  fakeButton(button: number, down: boolean): void {
    this.#fake(down ? BUTTON_PRESS : BUTTON_RELEASE, button, 0, 0);
  }

  movePointer(x: number, y: number): void {
    this.#fake(MOTION_NOTIFY, ABSOLUTE, x, y);
  }

  movePointerBy(dx: number, dy: number): void {
    this.#fake(MOTION_NOTIFY, RELATIVE, dx, dy);
  }

  changeKey(keycode: number, keysyms: readonly number[]): void {
    this.#client.ChangeKeyboardMapping(keycode, keysyms.length, keysyms);
  }

  /** Buffered, it would wait for whatever else this turn of the event loop has to do. */
  #fake(type: number, detail: number, x: number, y: number): void {
    this.#xtest.FakeInput(type, detail, 0, SAME_SCREEN, x, y);
    this.#client.flush(noop);
  }

  /** @throws RockpoolError `game-failed` where the server does not answer as it should. */
  readKeyboard(): Promise<KeyboardMapping> {
    const { min_keycode: first, max_keycode: last } = this.#client.display;
    return new Promise((resolve, reject) => {
      this.#client.GetKeyboardMapping(first, last - first + 1, (error, rows) => {
        if (error) reject(failure('does not say what its keys mean', error));
        else resolve({ firstKeycode: first, rows });
        return true;
      });
    });
  }
}

function noop(): void {}

function failure(what: string, cause: unknown): RockpoolError {
  return new RockpoolError('game-failed', `The X server of the game ${what}.`, { cause });
}

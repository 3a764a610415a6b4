import type { KeyCode } from '../../../protocol/key-codes.ts';
import { HeldCounts } from './held-counts.ts';
import type { XInputPort } from './x-input-port.ts';
import { X_KEYCODES } from './x-key-codes.ts';

/** Keys that change what others type. */
const MODIFIERS: readonly number[] = [
  X_KEYCODES.ShiftLeft,
  X_KEYCODES.ShiftRight,
  X_KEYCODES.ControlLeft,
  X_KEYCODES.ControlRight,
  X_KEYCODES.AltLeft,
  X_KEYCODES.AltRight,
  X_KEYCODES.MetaLeft,
  X_KEYCODES.MetaRight,
];

/**
 * The keyboard of a display, by physical key.
 *
 * The X server repeats a held key by itself (Xvfb: after 660 ms, 25 times a second), as on any
 * desktop: menus and text fields count on it, and games tell a repeat from a press as they do there.
 * Browsers' own repeats are not sent, so a held key repeats once.
 */
export class XKeyboard {
  readonly #port: XInputPort;
  readonly #held = new HeldCounts();
  #capsLocked = false;
  /** A press of a lock that is on takes it off when let go (XKB protocol §6.3, SA_LockMods). */
  #unlocksCaps = false;

  constructor(port: XInputPort) {
    this.#port = port;
  }

  /** Each press wants its release; only the first and the last of several reach the server. */
  press(code: KeyCode): void {
    const keycode = X_KEYCODES[code];
    if (this.#held.hold(keycode)) this.#fake(keycode, true);
  }

  release(code: KeyCode): void {
    const keycode = X_KEYCODES[code];
    if (this.#held.letGo(keycode)) this.#fake(keycode, false);
  }

  releaseAll(): void {
    for (const keycode of this.#held.clear()) this.#fake(keycode, false);
  }

  /**
   * Runs `type` with no modifier held and Caps Lock off, and puts both back: text is what it is,
   * whatever the player's fingers do meanwhile.
   */
  withoutModifiers(type: () => void): void {
    const capsKey = X_KEYCODES.CapsLock;
    // Once more down would toggle it: a Caps Lock key that is held stays up from here on.
    if (this.#held.has(capsKey)) this.#fake(capsKey, false);
    const capsLocked = this.#capsLocked;
    if (capsLocked) this.#tap(capsKey);
    const lifted = MODIFIERS.filter((keycode) => this.#held.has(keycode));
    for (const keycode of lifted) this.#fake(keycode, false);
    type();
    for (const keycode of lifted) this.#fake(keycode, true);
    if (capsLocked) this.#tap(capsKey);
  }

  /** Presses a key and lets it go; where it was held already it is held again afterwards. */
  stroke(keycode: number): void {
    const held = this.#held.has(keycode);
    if (held) this.#fake(keycode, false);
    this.#tap(keycode);
    if (held) this.#fake(keycode, true);
  }

  /** As {@link stroke}, with Shift. */
  strokeShifted(keycode: number): void {
    this.#fake(X_KEYCODES.ShiftLeft, true);
    this.stroke(keycode);
    this.#fake(X_KEYCODES.ShiftLeft, false);
  }

  #tap(keycode: number): void {
    this.#fake(keycode, true);
    this.#fake(keycode, false);
  }

  #fake(keycode: number, down: boolean): void {
    if (keycode === X_KEYCODES.CapsLock) this.#followCaps(down);
    this.#port.fakeKey(keycode, down);
  }

  #followCaps(down: boolean): void {
    if (down) {
      this.#unlocksCaps = this.#capsLocked;
      this.#capsLocked = true;
    } else if (this.#unlocksCaps) {
      this.#unlocksCaps = false;
      this.#capsLocked = false;
    }
  }
}

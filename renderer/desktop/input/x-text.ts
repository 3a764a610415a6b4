import { RockpoolError } from '../../../protocol/errors.ts';
import type { KeyboardMapping, XInputPort } from './x-input-port.ts';
import { SPARE_KEYCODES, UP_KEYSYM, X_KEYCODES } from './x-key-codes.ts';
import type { XKeyboard } from './x-keyboard.ts';

/** Keysyms of control characters that have a key (X11/keysymdef.h, "TTY function keys"). */
const CONTROL_KEYSYMS: ReadonlyMap<number, number> = new Map([
  [0x08, 0xff08],
  [0x09, 0xff09],
  [0x0a, 0xff0d],
]);

/** Latin-1 has its own keysyms; every other character is its code point plus this (X protocol §A). */
const UNICODE_KEYSYMS = 0x0100_0000;

/** Undefined for control characters without a key. */
function keysymOf(codePoint: number): number | undefined {
  const control = CONTROL_KEYSYMS.get(codePoint);
  if (control !== undefined) return control;
  if (codePoint < 0x20 || (codePoint >= 0x7f && codePoint < 0xa0)) return undefined;
  return codePoint <= 0xff ? codePoint : UNICODE_KEYSYMS + codePoint;
}

interface Stroke {
  readonly keycode: number;
  readonly shifted: boolean;
}

/** What the keys of a browser's keyboard type, alone and with Shift. */
function strokesOf({ firstKeycode, rows }: KeyboardMapping): Map<number, Stroke> {
  const strokes = new Map<number, Stroke>();
  for (const keycode of Object.values(X_KEYCODES)) {
    const [plain = 0, shifted = 0] = rows[keycode - firstKeycode] ?? [];
    if (shifted !== 0 && !strokes.has(shifted)) strokes.set(shifted, { keycode, shifted: true });
    if (plain !== 0 && strokes.get(plain)?.shifted !== false) {
      strokes.set(plain, { keycode, shifted: false });
    }
  }
  return strokes;
}

/**
 * Types characters. Those that no key has are given a spare key and keep it until, all being taken,
 * it is the one longest unused: a program reads the keyboard's meaning only after it was told of a
 * change, and by then a key given back at once would already mean something else.
 */
export class XText {
  readonly #port: XInputPort;
  readonly #keyboard: XKeyboard;
  readonly #strokes: ReadonlyMap<number, Stroke>;
  /** Spare keycode of each keysym, the longest unused first. */
  readonly #spares = new Map<number, number>();

  /** @throws RockpoolError `game-failed` where the server numbers its keys in another way. */
  constructor(port: XInputPort, keyboard: XKeyboard, mapping: KeyboardMapping) {
    if (mapping.rows[X_KEYCODES.ArrowUp - mapping.firstKeycode]?.[0] !== UP_KEYSYM) {
      throw new RockpoolError(
        'game-failed',
        'The X server does not use the "evdev" keycodes; start it with the evdev rules of xkb-data.',
      );
    }
    this.#port = port;
    this.#keyboard = keyboard;
    this.#strokes = strokesOf(mapping);
  }

  /** @param text line breaks, tabs and backspaces are keys; other control characters are left out. */
  type(text: string): void {
    this.#keyboard.withoutModifiers(() => {
      for (const character of text.replace(/\r\n?/g, '\n').normalize('NFC')) {
        const keysym = keysymOf(character.codePointAt(0) ?? 0);
        if (keysym !== undefined) this.#typeKeysym(keysym);
      }
    });
  }

  #typeKeysym(keysym: number): void {
    const stroke = this.#strokes.get(keysym);
    if (!stroke) this.#keyboard.stroke(this.#spareFor(keysym));
    else if (stroke.shifted) this.#keyboard.strokeShifted(stroke.keycode);
    else this.#keyboard.stroke(stroke.keycode);
  }

  #spareFor(keysym: number): number {
    const known = this.#spares.get(keysym);
    const keycode = known ?? this.#freeSpare();
    // Set anew, it is the one most lately used.
    this.#spares.delete(keysym);
    this.#spares.set(keysym, keycode);
    // The same with Shift: a letter alone would be taken for a pair of small and capital.
    if (known === undefined) this.#port.changeKey(keycode, [keysym, keysym]);
    return keycode;
  }

  #freeSpare(): number {
    const unused = SPARE_KEYCODES[this.#spares.size];
    if (unused !== undefined) return unused;
    for (const [keysym, keycode] of this.#spares) {
      this.#spares.delete(keysym);
      return keycode;
    }
    throw new RockpoolError('internal', 'There is no spare key for text.');
  }
}

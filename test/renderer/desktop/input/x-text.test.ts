import { describe, expect, it } from 'vitest';
import type { KeyCode } from '../../../../protocol/key-codes.ts';
import { SPARE_KEYCODES, X_KEYCODES } from '../../../../renderer/desktop/input/x-key-codes.ts';
import { XKeyboard } from '../../../../renderer/desktop/input/x-keyboard.ts';
import { XText } from '../../../../renderer/desktop/input/x-text.ts';
import { FakeXPort } from '../../../support/fake-x-port.ts';

const [FIRST_SPARE, SECOND_SPARE] = SPARE_KEYCODES;

async function typist() {
  const port = new FakeXPort();
  const keyboard = new XKeyboard(port);
  const text = new XText(port, keyboard, await port.readKeyboard());
  return { port, keyboard, text };
}

/** Requests that press `code`, and with Shift where asked. */
function strokes(code: KeyCode, shifted = false): string[] {
  const tap = [`key ${X_KEYCODES[code]} down`, `key ${X_KEYCODES[code]} up`];
  return shifted ? ['key 50 down', ...tap, 'key 50 up'] : tap;
}

function spareStrokes(keycode: number | undefined): string[] {
  return [`key ${keycode} down`, `key ${keycode} up`];
}

describe('text', () => {
  it('uses the keys that the layout has, with Shift where it takes one', async () => {
    const { port, text } = await typist();
    text.type('aB');
    expect(port.take()).toEqual([...strokes('KeyA'), ...strokes('KeyB', true)]);
  });

  it('gives a character without a key a spare one, and uses it again', async () => {
    const { port, text } = await typist();
    text.type('é日é');
    expect(port.take()).toEqual([
      `map ${FIRST_SPARE} e9 e9`,
      ...spareStrokes(FIRST_SPARE),
      `map ${SECOND_SPARE} 10065e5 10065e5`,
      ...spareStrokes(SECOND_SPARE),
      ...spareStrokes(FIRST_SPARE),
    ]);
  });

  it('takes the spare key that was longest unused when none is left', async () => {
    const { port, text } = await typist();
    const characters = SPARE_KEYCODES.map((_, i) => String.fromCodePoint(0x4e00 + i));
    text.type(characters.join(''));
    text.type(characters[0] ?? '');
    port.take();
    text.type('語');
    expect(port.take()).toEqual([
      `map ${SECOND_SPARE} 1008a9e 1008a9e`,
      ...spareStrokes(SECOND_SPARE),
    ]);
  });

  it('types a letter and its accent as the one character they make', async () => {
    const { port, text } = await typist();
    text.type('e\u0301');
    expect(port.take()).toEqual([`map ${FIRST_SPARE} e9 e9`, ...spareStrokes(FIRST_SPARE)]);
  });

  it('presses Enter once for any line break and leaves other control characters out', async () => {
    const { port, text } = await typist();
    text.type('\r\n\u0007\u0000\n');
    expect(port.take()).toEqual([...strokes('Enter'), ...strokes('Enter')]);
  });

  it('lifts the modifiers that the player holds, and holds them again', async () => {
    const { port, keyboard, text } = await typist();
    keyboard.press('ShiftLeft');
    keyboard.press('ControlRight');
    port.take();
    text.type('a');
    expect(port.take()).toEqual([
      'key 50 up',
      'key 105 up',
      ...strokes('KeyA'),
      'key 50 down',
      'key 105 down',
    ]);
  });

  it('presses anew a letter that the player holds', async () => {
    const { port, keyboard, text } = await typist();
    keyboard.press('KeyW');
    port.take();
    text.type('w');
    expect(port.take()).toEqual(['key 25 up', ...strokes('KeyW'), 'key 25 down']);
  });

  it('takes Caps Lock off meanwhile, where it is on', async () => {
    const { port, keyboard, text } = await typist();
    keyboard.press('CapsLock');
    keyboard.release('CapsLock');
    port.take();
    text.type('a');
    expect(port.take()).toEqual([
      ...strokes('CapsLock'),
      ...strokes('KeyA'),
      ...strokes('CapsLock'),
    ]);
    keyboard.press('CapsLock');
    keyboard.release('CapsLock');
    port.take();
    text.type('a');
    expect(port.take()).toEqual(strokes('KeyA'));
  });

  it('refuses an X server that numbers its keys in another way', async () => {
    const port = new FakeXPort();
    const { firstKeycode, rows } = await port.readKeyboard();
    const shifted = { firstKeycode: firstKeycode + 13, rows };
    expect(() => new XText(port, new XKeyboard(port), shifted)).toThrow(/evdev/);
  });
});

describe('keycodes', () => {
  it('are different for every key, and never a spare one', () => {
    const keycodes = [...Object.values(X_KEYCODES), ...SPARE_KEYCODES];
    expect(new Set(keycodes).size).toBe(keycodes.length);
    expect(Math.min(...keycodes)).toBeGreaterThan(8);
    expect(Math.max(...keycodes)).toBeLessThan(256);
  });
});

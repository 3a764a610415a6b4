import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeInput,
  encodeInput,
  type InputMessage,
  MAX_PAD_BUTTONS,
  MAX_PADS,
  MAX_TEXT_BYTES,
  POINTER_MAX,
} from '../../protocol/input-messages.ts';
import { KEY_CODES } from '../../protocol/key-codes.ts';
import { expectStrictDecoder } from './binary-garbage.ts';

const below = (limit: number) => fc.integer({ min: 0, max: limit - 1 });
const seq = fc.integer({ min: 1, max: 0xffff_ffff });
const i16 = fc.integer({ min: -32_768, max: 32_767 });
const byteLength = (text: string) => new TextEncoder().encode(text).length;
const text = fc
  .string({ unit: 'grapheme', maxLength: MAX_TEXT_BYTES })
  .filter((value) => byteLength(value) <= MAX_TEXT_BYTES);

const message: fc.Arbitrary<InputMessage> = fc.oneof(
  fc.record({
    type: fc.constant('key' as const),
    seq,
    down: fc.boolean(),
    code: fc.constantFrom(...KEY_CODES),
  }),
  fc.record({
    type: fc.constant('button' as const),
    seq,
    down: fc.boolean(),
    button: below(8),
    x: below(POINTER_MAX + 1),
    y: below(POINTER_MAX + 1),
  }),
  fc.record({ type: fc.constant('wheel' as const), seq, dx: i16, dy: i16 }),
  fc.record({ type: fc.constant('text' as const), seq, text }),
  fc.record({ type: fc.constant('release-all' as const), seq }),
  fc.record({
    type: fc.constantFrom('pad-connected' as const, 'pad-disconnected' as const),
    seq,
    pad: below(MAX_PADS),
  }),
  fc.record({
    type: fc.constant('pad-button' as const),
    seq,
    pad: below(MAX_PADS),
    button: below(MAX_PAD_BUTTONS),
    down: fc.boolean(),
  }),
);

const roundTrip = (value: InputMessage) => decodeInput(encodeInput(value));

describe('input messages', () => {
  it('come out as they went in', () => {
    fc.assert(
      fc.property(message, (value) => {
        expect(roundTrip(value)).toEqual(value);
      }),
    );
  });

  it('carry every key code', () => {
    for (const code of KEY_CODES) {
      expect(roundTrip({ type: 'key', seq: 1, down: true, code })).toMatchObject({ code });
    }
  });

  it('carry the outermost values', () => {
    const extremes: InputMessage[] = [
      { type: 'button', seq: 0xffff_ffff, down: true, button: 7, x: POINTER_MAX, y: 0 },
      { type: 'wheel', seq: 1, dx: -32_768, dy: 32_767 },
      { type: 'pad-button', seq: 1, pad: MAX_PADS - 1, button: MAX_PAD_BUTTONS - 1, down: false },
      { type: 'text', seq: 1, text: '' },
      { type: 'text', seq: 1, text: 'é'.repeat(MAX_TEXT_BYTES / 2) },
      { type: 'text', seq: 1, text: '\ufefffirst a byte order mark' },
    ];
    for (const value of extremes) expect(roundTrip(value)).toEqual(value);
  });

  it('are refused with a text that is too long', () => {
    const text = `${'é'.repeat(MAX_TEXT_BYTES / 2)}!`;
    expect(() => encodeInput({ type: 'text', seq: 1, text })).toThrow(
      expect.objectContaining({ code: 'message-too-large' }),
    );
  });

  it.each([
    ['nothing', []],
    ['sequence number 0', [5, 0, 0, 0, 0]],
    ['an unknown type', [9, 0, 0, 0, 1]],
    ['a flag of 2', [1, 0, 0, 0, 1, 2, 0]],
    ['a key code past the list', [1, 0, 0, 0, 1, 1, KEY_CODES.length]],
    ['button 8', [2, 0, 0, 0, 1, 1, 8, 0, 0, 0, 0]],
    ['pad 4', [6, 0, 0, 0, 1, 4]],
    ['pad button 17', [8, 0, 0, 0, 1, 0, 17, 1]],
    ['a byte too many', [5, 0, 0, 0, 1, 0]],
    ['a text shorter than it says', [4, 0, 0, 0, 1, 0, 2, 65]],
    ['a text that is not UTF-8', [4, 0, 0, 0, 1, 0, 1, 0xff]],
  ])('are refused with %s', (_what, bytes) => {
    expect(() => decodeInput(Uint8Array.from(bytes))).toThrow(
      expect.objectContaining({ code: 'bad-message' }),
    );
  });

  it('are refused whole or taken exactly, whatever the bytes', () => {
    expectStrictDecoder(decodeInput, encodeInput, [0, 4, 5, 6, 7, 8, 9, 11, 12]);
  });
});

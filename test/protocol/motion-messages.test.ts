import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type InputMessage, MAX_PADS, POINTER_MAX } from '../../protocol/input-messages.ts';
import { KEY_CODES } from '../../protocol/key-codes.ts';
import {
  decodeMotion,
  encodeMotion,
  MAX_COPIES,
  type MotionMessage,
} from '../../protocol/motion-messages.ts';
import { expectStrictDecoder } from './binary-garbage.ts';

const seq = fc.integer({ min: 1, max: 0xffff_ffff });
const fraction = fc.integer({ min: 0, max: POINTER_MAX });
const i32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
// The values that the wire can hold exactly.
const axis = fc.integer({ min: -32_767, max: 32_767 }).map((n) => n / 32_767);
const trigger = fc.integer({ min: 0, max: 255 }).map((n) => n / 255);

const edge: fc.Arbitrary<InputMessage> = fc.oneof(
  fc.record({
    type: fc.constant('key' as const),
    seq,
    down: fc.boolean(),
    code: fc.constantFrom(...KEY_CODES),
  }),
  fc.record({ type: fc.constant('release-all' as const), seq }),
  fc.record({ type: fc.constant('text' as const), seq, text: fc.constant('é') }),
);

const message: fc.Arbitrary<MotionMessage> = fc.oneof(
  fc.record({
    type: fc.constant('pointer' as const),
    seq,
    x: fraction,
    y: fraction,
    sumX: i32,
    sumY: i32,
  }),
  fc.record({
    type: fc.constant('pad' as const),
    seq,
    pad: fc.integer({ min: 0, max: MAX_PADS - 1 }),
    axes: fc.tuple(axis, axis, axis, axis),
    triggers: fc.tuple(trigger, trigger),
  }),
  fc.record({
    type: fc.constant('ping' as const),
    seq,
    clientUs: fc.double({ noNaN: true, noDefaultInfinity: true }),
  }),
  fc.record({
    type: fc.constant('copies' as const),
    seq,
    inputs: fc.array(edge, { minLength: 1, maxLength: MAX_COPIES }),
  }),
);

const roundTrip = (value: MotionMessage) => decodeMotion(encodeMotion(value));

describe('motion messages', () => {
  it('come out as they went in', () => {
    fc.assert(
      fc.property(message, (value) => {
        expect(roundTrip(value)).toEqual(value);
      }),
    );
  });

  it('carry the outermost values', () => {
    const extremes: MotionMessage[] = [
      {
        type: 'pointer',
        seq: 0xffff_ffff,
        x: 0,
        y: POINTER_MAX,
        sumX: -(2 ** 31),
        sumY: 2 ** 31 - 1,
      },
      { type: 'pad', seq: 1, pad: 3, axes: [-1, 1, 0, 1], triggers: [0, 1] },
      { type: 'ping', seq: 1, clientUs: Number.MAX_VALUE },
    ];
    for (const value of extremes) expect(roundTrip(value)).toEqual(value);
  });

  it('wrap a relative movement at 32 bits, so that differences stay right', () => {
    const sent = { type: 'pointer' as const, seq: 1, x: 0, y: 0, sumX: 2 ** 31 + 5, sumY: 0 };
    expect(roundTrip(sent)).toMatchObject({ sumX: -(2 ** 31) + 5 });
  });

  it('are off by half a step at most on any stick, and never out of range', () => {
    const stick = fc.double({ min: -1.5, max: 1.5, noNaN: true });
    fc.assert(
      fc.property(stick, (value) => {
        const sent = { type: 'pad' as const, seq: 1, pad: 0, triggers: [value, value] as const };
        const came = roundTrip({ ...sent, axes: [value, value, value, value] });
        if (came.type !== 'pad') throw new Error('another type came out');
        const [stickCame] = came.axes;
        const [triggerCame] = came.triggers;
        const within = (low: number) => Math.min(1, Math.max(low, value));
        expect(Math.abs(stickCame - within(-1))).toBeLessThanOrEqual(0.5001 / 32_767);
        expect(Math.abs(triggerCame - within(0))).toBeLessThanOrEqual(0.5001 / 255);
      }),
    );
  });

  it.each([
    ['nothing', []],
    ['sequence number 0', [3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['an unknown type', [4, 0, 0, 0, 1]],
    ['a time that is not a number', [3, 0, 0, 0, 1, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0]],
    ['pad 4', [2, 0, 0, 0, 1, 4, ...Array(10).fill(0)]],
    ['an axis below -1', [2, 0, 0, 0, 1, 0, 0x80, 0, ...Array(8).fill(0)]],
    ['a byte too few', [2, 0, 0, 0, 1, 0, ...Array(9).fill(0)]],
  ])('are refused with %s', (_what, bytes) => {
    expect(() => decodeMotion(Uint8Array.from(bytes))).toThrow(
      expect.objectContaining({ code: 'bad-message' }),
    );
  });

  it('are refused whole or taken exactly, whatever the bytes', () => {
    expectStrictDecoder(decodeMotion, encodeMotion, [0, 5, 12, 13, 16, 17]);
  });
});

import fc from 'fast-check';
import { expect } from 'vitest';
import { RockpoolError } from '../../protocol/errors.ts';

/** A message type and bytes of about the length it has, so that many draws get past the first check. */
const nearly = (lengths: readonly number[]) =>
  fc
    .tuple(fc.integer({ min: 0, max: 10 }), fc.constantFrom(...lengths))
    .chain(([type, length]) =>
      fc
        .uint8Array({ minLength: length, maxLength: length })
        .map((bytes) => (length === 0 ? bytes : Uint8Array.of(type, ...bytes.subarray(1)))),
    );

/**
 * Feeds bytes to a decoder: it throws `bad-message` or `message-too-large` and nothing else, and
 * what it accepts is exactly what the encoder writes for it.
 */
export function expectStrictDecoder<T>(
  decode: (bytes: Uint8Array) => T,
  encode: (message: T) => Uint8Array,
  lengths: readonly number[],
): void {
  let accepted = 0;
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), nearly(lengths)), (bytes) => {
      // Off the start of its buffer, as a slice of a larger read is.
      const shifted = new Uint8Array([0xff, ...bytes, 0xff]).subarray(1, 1 + bytes.length);
      let message: T;
      try {
        message = decode(shifted);
      } catch (error) {
        expect(error).toBeInstanceOf(RockpoolError);
        expect(['bad-message', 'message-too-large']).toContain((error as RockpoolError).code);
        return;
      }
      accepted++;
      expect(encode(message)).toEqual(bytes);
    }),
    { numRuns: 5_000 },
  );
  expect(accepted).toBeGreaterThan(0);
}

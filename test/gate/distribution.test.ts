import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Distribution } from '../../gate/distribution.ts';

const readingsMs = fc.array(fc.double({ min: 0, max: 60_000, noNaN: true }), { maxLength: 80 });

describe('Distribution', () => {
  it('is the same after it was written and read', () => {
    fc.assert(
      fc.property(readingsMs, (readings) => {
        const written = Distribution.of(readings);
        const read = Distribution.decoded(written.encoded());
        expect(read.buckets()).toEqual(written.buckets());
      }),
    );
  });

  it('merges to what all readings together are', () => {
    fc.assert(
      fc.property(readingsMs, readingsMs, (some, others) => {
        const merged = Distribution.merged([Distribution.of(some), Distribution.of(others)]);
        expect(merged.buckets()).toEqual(Distribution.of([...some, ...others]).buckets());
      }),
    );
  });

  it('tells readings to one part in a thousand', () => {
    const [bucket] = Distribution.of([31.234]).buckets();
    expect((bucket?.us ?? 0) / 31_234).toBeCloseTo(1, 3);
    expect(Distribution.of([10, 20, 60]).mean()).toBeCloseTo(30, 1);
  });

  it.each(['', 'not base64!', 'HISTFAAA', btoa('something else altogether, and long enough')])(
    'refuses %j',
    (text) => {
      expect(() => Distribution.decoded(text)).toThrow('no compressed HDR histogram');
    },
  );
});

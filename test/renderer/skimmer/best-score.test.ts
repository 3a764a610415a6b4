import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBestScore, encodeBestScore } from '../../../renderer/skimmer/best-score.ts';

describe('the best score', () => {
  it('comes back from its save', () => {
    fc.assert(
      fc.property(fc.nat(), (best) => {
        expect(decodeBestScore(encodeBestScore(best))).toBe(best);
      }),
    );
  });

  it('is 0 without a save', () => {
    expect(decodeBestScore(undefined)).toBe(0);
  });

  it('is 0 for any save that is not one of ours', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(decodeBestScore(bytes)).toBe(0);
      }),
    );
    for (const text of [
      '{"version":2,"best":5}',
      '{"version":1,"best":-5}',
      '{"version":1,"best":1.5}',
      '{"version":1,"best":5,"more":1}',
      '{"version":1,"best":"5"}',
      'null',
    ]) {
      expect(decodeBestScore(new TextEncoder().encode(text))).toBe(0);
    }
  });
});

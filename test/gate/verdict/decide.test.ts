import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, fewestRuns } from '../../../gate/verdict/decide.ts';

const LEVELS = { low: 0.01, high: 0.05 };

describe('decide', () => {
  it('fails what is worse than allowed for sure', () => {
    expect(decide({ estimate: 3, low: 0.1, high: 5 }, 8, LEVELS).outcome).toBe('fail');
  });

  it('passes what is within what is allowed for sure', () => {
    expect(decide({ estimate: -1, low: -2, high: 0 }, 8, LEVELS).outcome).toBe('pass');
  });

  it('does not decide what may be either, and says how many more runs would', () => {
    // Twice too wide: four times the runs.
    const decision = decide({ estimate: 2, low: -2, high: 6 }, 8, LEVELS);
    expect(decision).toEqual({ outcome: 'undecided', moreRuns: 24 });
  });

  it('says nothing of more runs where none would decide', () => {
    expect(decide({ estimate: 0, low: -1, high: 1 }, 8, LEVELS)).toEqual({ outcome: 'undecided' });
  });

  it('decides nothing with few runs, however clear they are', () => {
    const clear = { estimate: 50, low: 49, high: 51 };
    expect(fewestRuns(0.01)).toBe(7);
    expect(decide(clear, 6, LEVELS)).toEqual({ outcome: 'undecided', moreRuns: 1 });
    expect(decide(clear, 7, LEVELS).outcome).toBe('fail');
    expect(decide(undefined, 1, LEVELS)).toEqual({ outcome: 'undecided', moreRuns: 6 });
  });

  it('never passes what it would fail when turned round, and asks for runs only where undecided', () => {
    const ends = fc.tuple(...[1, 2, 3].map(() => fc.double({ min: -9, max: 9, noNaN: true })));
    fc.assert(
      fc.property(ends, fc.integer({ min: 2, max: 40 }), (three, runs) => {
        const [low = 0, estimate = 0, high = 0] = three.toSorted((a, b) => a - b);
        const even = { low: 0.02, high: 0.02 };
        const { outcome, moreRuns } = decide({ low, estimate, high }, runs, even);
        const turned = decide({ low: -high, estimate: -estimate, high: -low }, runs, even);
        if (outcome === 'fail') expect(turned.outcome).toBe('pass');
        if (outcome !== 'undecided') expect(moreRuns).toBeUndefined();
        if (moreRuns !== undefined) expect(moreRuns).toBeGreaterThan(0);
      }),
    );
  });
});

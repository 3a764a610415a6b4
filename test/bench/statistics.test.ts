import { describe, expect, it } from 'vitest';
import { growthOf, sparkline } from '../../bench/support/growth.ts';
import { verdict } from '../../bench/support/target.ts';
import { Distribution } from '../../gate/distribution.ts';
import { parseStat } from '../../gate/machine/process-statistics.ts';
import { medianOf } from '../../gate/median.ts';

describe('Distribution', () => {
  it('gives percentiles to one part in a thousand', () => {
    const distribution = Distribution.of(Array.from({ length: 1000 }, (_, i) => i + 1));
    const { count, min, p50, p95, max } = distribution.summary();
    expect(count).toBe(1000);
    for (const [measured, expected] of [
      [min, 1],
      [p50, 500],
      [p95, 950],
      [max, 1000],
    ] as const) {
      expect(Math.abs(measured / expected - 1)).toBeLessThanOrEqual(0.001);
    }
  });

  it('has no percentile without a measurement', () => {
    expect(new Distribution().summary().p50).toBeNaN();
  });

  it('keeps what is out of its range at its ends', () => {
    const { min, max } = Distribution.of([-1, 1e9]).summary();
    expect(min).toBe(0);
    expect(Math.abs(max / 60_000 - 1)).toBeLessThanOrEqual(0.001);
  });
});

describe('medianOf', () => {
  it('is the middle, or between the two middles', () => {
    expect(medianOf([9, 1, 5])).toBe(5);
    expect(medianOf([9, 1, 5, 7])).toBe(6);
    expect(medianOf([])).toBeNaN();
  });
});

describe('growthOf', () => {
  it('compares the ends of a series and not its extremes', () => {
    const readings = [100, 101, 100, 500, 20, 110, 109, 112, 111, 110];
    expect(growthOf(readings)).toEqual({ first: 100.5, last: 110.5, share: 10 / 100.5 });
  });

  it('sees no growth in a series that stays at 0', () => {
    expect(growthOf([0, 0, 0]).share).toBe(0);
  });

  it('refuses an empty series', () => {
    expect(() => growthOf([])).toThrow(RangeError);
  });
});

describe('sparkline', () => {
  it('draws the least and the greatest at the ends of its range', () => {
    expect(sparkline([3, 10, 6.5])).toMatch(/^▁█[▄▅]$/);
    expect(sparkline([4, 4])).toBe('▁▁');
  });
});

describe('parseStat', () => {
  it('reads a name with spaces and parentheses', () => {
    const line =
      '4242 (a (b) c) S 17 4242 4242 0 -1 4194304 100 0 0 0 150 50 0 0 20 0 11 0 99 1000000 2048 1';
    expect(parseStat(line)).toEqual({
      name: 'a (b) c',
      parent: 17,
      cpuMs: 2000,
      rssBytes: 2048 * 4096,
    });
  });
});

describe('verdict', () => {
  it('meets a target at its limit', () => {
    const target = { what: 'x', limit: 30, unit: '' };
    expect(verdict({ ...target, measured: 30 })).toBe('met');
    expect(verdict({ ...target, measured: 30.1 })).toBe('missed');
    expect(verdict({ ...target, measured: 29.9, sense: 'at-least' })).toBe('missed');
  });

  it('misses a target that was not measured', () => {
    expect(verdict({ what: 'x', measured: Number.NaN, limit: 30, unit: '' })).toBe('missed');
  });
});

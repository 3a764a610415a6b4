import { describe, expect, it } from 'vitest';
import { differenceText, figureText, rangeText } from '../../gate/figure-text.ts';
import type { Unit } from '../../gate/metrics.ts';

describe('figureText', () => {
  it.each<[number, Unit, string]>([
    [31.234, 'ms', '31.2 ms'],
    [1.5, 'ms', '1.50 ms'],
    [643.2, 'ms', '643 ms'],
    [0.015, 'share', '1.50 %'],
    [7_620_000, 'bit/s', '7.62 Mbit/s'],
    [0.98765, 'points', '0.988'],
    [93.21, 'points', '93.2'],
    [59.44, 'frames/s', '59.4 frames/s'],
  ])('tells %d %s as %s', (value, unit, text) => {
    expect(figureText(value, unit)).toBe(text);
  });
});

describe('differenceText', () => {
  it('has a sign, but for what is rounded to nothing', () => {
    expect(differenceText(4.8, 'ms')).toBe('+4.80 ms');
    expect(differenceText(-0.31, 'ms')).toBe('−0.31 ms');
    expect(differenceText(-0.001, 'cores')).toBe('0.00 cores');
  });
});

describe('rangeText', () => {
  it('says the unit once', () => {
    expect(rangeText(29.8, 32.9, 'ms')).toBe('29.8 to 32.9 ms');
    expect(rangeText(-1, 2, 'ms', true)).toBe('−1.00 to +2.00 ms');
    expect(rangeText(0.97, 0.98, 'points')).toBe('0.970 to 0.980');
  });
});

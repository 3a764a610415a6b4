import { describe, expect, it } from 'vitest';
import {
  normalQuantile,
  normalTail,
  studentQuantile,
  studentTail,
} from '../../../gate/verdict/student.ts';

describe('studentQuantile', () => {
  // Tables of Student's t: upper tail, degrees of freedom, t.
  it.each([
    [0.025, 4, 2.776445],
    [0.005, 7, 3.499483],
    [0.05, 1, 6.313752],
    [0.0005, 10, 4.586894],
    [0.01, 30, 2.457262],
  ])('is exceeded with the chance %d at %d degrees of freedom by %d', (tail, freedom, t) => {
    expect(studentQuantile(tail, freedom)).toBeCloseTo(t, 5);
    expect(studentTail(t, freedom)).toBeCloseTo(tail, 6);
  });
});

describe('normalTail', () => {
  it.each([
    [0, 0.5],
    [1, 0.158655254],
    [2.999999, 0.0013499024],
    [3.000001, 0.0013498936],
    [5, 2.866516e-7],
  ])('of %d is %d', (z, tail) => {
    expect(normalTail(z) / tail).toBeCloseTo(1, 6);
  });

  it.each([0.4, 0.025, 0.002, 1e-6])('is undone by normalQuantile at %d', (tail) => {
    expect(normalTail(normalQuantile(tail)) / tail).toBeCloseTo(1, 9);
  });
});

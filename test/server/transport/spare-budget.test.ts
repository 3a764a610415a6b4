import { describe, expect, it } from 'vitest';
import { SpareBudget } from '../../../server/transport/spare-budget.ts';

const MBIT = 1e6;
const MS = 1000;

describe('SpareBudget', () => {
  it('lets go in the long run of what is between nine tenths of the target and what is sent', () => {
    const budget = new SpareBudget();
    let bytes = 0;
    for (let ms = 0; ms < 1000; ms++) {
      while (budget.take(100, 10 * MBIT, 5 * MBIT, ms * MS)) bytes += 100;
    }
    // 4 Mbit/s for a second, and what is saved of a tenth before it.
    expect(bytes).toBeGreaterThan(500_000);
    expect(bytes).toBeLessThanOrEqual(550_000);
  });

  it('has nothing while the path is full, nor of what it had before that', () => {
    const budget = new SpareBudget();
    expect(budget.take(1000, 10 * MBIT, MBIT, 0)).toBe(true);
    expect(budget.take(1, 10 * MBIT, 9.5 * MBIT, 20 * MS)).toBe(false);
    expect(budget.take(1, 10 * MBIT, 12 * MBIT, 200 * MS)).toBe(false);
    expect(budget.take(1000, 10 * MBIT, MBIT, 201 * MS)).toBe(true);
  });

  it('saves no more than a tenth of a second', () => {
    const budget = new SpareBudget();
    budget.take(0, 10 * MBIT, MBIT, 0);
    expect(budget.take(100_001, 10 * MBIT, MBIT, 5000 * MS)).toBe(false);
    expect(budget.take(100_000, 10 * MBIT, MBIT, 5000 * MS)).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../gate/network/seeded-random.ts';

const COUNT = 20_000;

function draw(random: SeededRandom, next: () => number = () => random.next()): number[] {
  return Array.from({ length: COUNT }, next);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('SeededRandom', () => {
  it('repeats itself for a seed and for no other', () => {
    const first = draw(new SeededRandom(1, 2));
    expect(draw(new SeededRandom(1, 2))).toEqual(first);
    for (const other of [new SeededRandom(2, 1), new SeededRandom(1, 3), new SeededRandom(0)]) {
      expect(draw(other).slice(0, 4)).not.toEqual(first.slice(0, 4));
    }
  });

  it('fills the range from 0 to 1 evenly and stays inside', () => {
    const values = draw(new SeededRandom(0));
    const tenths = new Array<number>(10).fill(0);
    for (const value of values) {
      const tenth = Math.floor(value * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    expect(tenths).toHaveLength(10);
    // Five deviations of a binomial count.
    for (const count of tenths) expect(Math.abs(count - COUNT / 10)).toBeLessThan(215);
  });

  it('draws neighbours that have nothing to do with each other', () => {
    const values = draw(new SeededRandom(7)).map((value) => value - 0.5);
    const products = values.slice(1).map((value, i) => value * (values[i] ?? 0));
    expect(Math.abs(meanOf(products) * 12)).toBeLessThan(0.03);
  });

  it('has a normal distribution of mean 0 and deviation 1', () => {
    const random = new SeededRandom(3);
    const values = draw(random, () => random.normal());
    expect(Math.abs(meanOf(values))).toBeLessThan(0.03);
    expect(Math.abs(meanOf(values.map((value) => value * value)) - 1)).toBeLessThan(0.05);
    const beyondTwo = values.filter((value) => Math.abs(value) > 2).length / COUNT;
    expect(Math.abs(beyondTwo - 0.0455)).toBeLessThan(0.008);
  });
});

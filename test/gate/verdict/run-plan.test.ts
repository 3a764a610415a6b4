import { describe, expect, it } from 'vitest';
import { planRuns } from '../../../gate/verdict/run-plan.ts';

describe('planRuns', () => {
  it('interleaves the sides, each first as often as the other', () => {
    const order = planRuns('a and b', 4).map(({ side, run }) => `${side}${run}`);
    expect(order).toEqual(['a1', 'b1', 'b2', 'a2', 'a3', 'b3', 'b4', 'a4']);
  });

  it('goes on where it was', () => {
    expect(planRuns('a and b', 1, 6).map(({ side, run }) => `${side}${run}`)).toEqual(['b6', 'a6']);
    expect(planRuns('b', 2, 3)).toEqual([
      { side: 'b', run: 3 },
      { side: 'b', run: 4 },
    ]);
  });
});

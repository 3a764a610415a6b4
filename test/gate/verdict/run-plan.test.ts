import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../../gate/result.ts';
import { moreRuns, planRuns } from '../../../gate/verdict/run-plan.ts';

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

describe('moreRuns', () => {
  const verdict = (outcome: Verdict['outcome'], more?: number): Verdict => ({
    figure: 'clickToPhoton.p50Ms',
    scenario: 'skimmer',
    profile: 'lan',
    browser: 'chromium',
    kind: 'against',
    outcome,
    unit: 'ms',
    allowed: '+1 ms',
    runs: 8,
    why: '',
    ...(more !== undefined && { moreRuns: more }),
  });

  it('is what the slowest to decide needs', () => {
    expect(moreRuns([verdict('pass'), verdict('undecided', 3), verdict('undecided', 9)], 8)).toBe(
      9,
    );
  });

  it('leaves out what would take all night, or never be decided', () => {
    expect(moreRuns([verdict('undecided', 3), verdict('undecided', 200)], 8)).toBe(3);
    expect(moreRuns([verdict('undecided')], 8)).toBe(0);
  });

  it('is nothing once a budget has failed, or all are decided', () => {
    expect(moreRuns([verdict('fail'), verdict('undecided', 3)], 8)).toBe(0);
    expect(moreRuns([verdict('pass')], 8)).toBe(0);
  });
});

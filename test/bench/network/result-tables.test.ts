import { describe, expect, it } from 'vitest';
import {
  fairnessTarget,
  sharingTable,
  starvingTargets,
} from '../../../bench/network/measure/result-tables.ts';
import type { Sharing } from '../../../bench/network/measure/sharing-runs.ts';
import { verdict } from '../../../bench/support/target.ts';
import { linkSample } from './run-records.ts';

const sharing = (...ratesBps: number[]): Sharing => ({
  flows: ratesBps.map((bitrateBps, i) => ({
    name: `flow ${i + 1}`,
    bitrateBps,
    framesPerSecond: undefined,
    longestFreezeMs: undefined,
  })),
  link: [linkSample({ capacityBps: 10e6, deliveredBps: 9e6 })],
});

describe('the target of fairness', () => {
  it('is met by flows that have about the same', () => {
    expect(verdict(fairnessTarget(sharing(3e6, 3.5e6, 2.5e6)))).toBe('met');
  });

  it('is missed where one has most', () => {
    expect(verdict(fairnessTarget(sharing(6e6, 1e6, 2e6)))).toBe('missed');
  });
});

describe('the targets beside TCP', () => {
  it('want a quarter of the link for each, not of what was sent', () => {
    const targets = starvingTargets(sharing(2.6e6, 2.4e6));
    expect(targets.map(verdict)).toEqual(['met', 'missed']);
  });
});

describe('the table of shares', () => {
  it('ends with the whole link', () => {
    const { rows } = sharingTable('', sharing(4e6, 5e6));
    expect(rows[0]?.slice(0, 3)).toEqual(['flow 1', '4', '40 %']);
    expect(rows.at(-1)?.slice(1, 3)).toEqual(['9', '90 %']);
  });
});

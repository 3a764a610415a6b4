import { describe, expect, it } from 'vitest';
import { RESOLUTIONS, type Resolution } from '../../../protocol/stream-settings.ts';
import { ResolutionGovernor } from '../../../server/session/resolution-governor.ts';

const [, , , P540, P720] = RESOLUTIONS as unknown as Resolution[];
const HD = P720 as Resolution;
const SMALLER = P540 as Resolution;

function feed(governor: ResolutionGovernor, seconds: number, fps: number, costMs: number) {
  const changes: Resolution[] = [];
  for (let i = 0; i < seconds; i++) {
    const change = governor.handleSecond({ framesPerSecond: fps, frameCostP95Ms: costMs });
    if (change) changes.push(change);
  }
  return changes;
}

describe('ResolutionGovernor', () => {
  it('stays where the rate is met', () => {
    expect(feed(new ResolutionGovernor(HD, HD, 60), 60, 60, 5)).toEqual([]);
  });

  it('forgives one slow second', () => {
    const governor = new ResolutionGovernor(HD, HD, 60);
    expect(feed(governor, 1, 10, 90)).toEqual([]);
    expect(feed(governor, 1, 60, 5)).toEqual([]);
    expect(feed(governor, 1, 10, 90)).toEqual([]);
  });

  it('steps down after two slow seconds in a row', () => {
    expect(feed(new ResolutionGovernor(HD, HD, 60), 2, 30, 40)).toEqual([SMALLER]);
  });

  it('steps up after a long steady time with headroom', () => {
    const governor = new ResolutionGovernor(SMALLER, HD, 60);
    expect(feed(governor, 60, 60, 12)).toEqual([]);
    expect(feed(governor, 15, 60, 5)).toEqual([HD]);
  });

  it('tries again, later each time, a size that proved too large', () => {
    const governor = new ResolutionGovernor(HD, HD, 60);
    expect(feed(governor, 2, 30, 40)).toEqual([SMALLER]);
    expect(feed(governor, 15, 60, 2)).toEqual([HD]);
    expect(feed(governor, 2, 30, 40)).toEqual([SMALLER]);
    expect(feed(governor, 29, 60, 2)).toEqual([]);
    expect(feed(governor, 1, 60, 2)).toEqual([HD]);
  });

  it('has nowhere to go below the smallest size', () => {
    const smallest = RESOLUTIONS[0];
    expect(feed(new ResolutionGovernor(smallest, HD, 60), 20, 5, 200)).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { fairShares } from '../../bench/sessions/fair-share.ts';
import { killPlan } from '../../bench/sessions/kill-plan.ts';
import {
  leftBeyond,
  mountPointsOf,
  socketsWithin,
  TRACE_KINDS,
  type Traces,
  traceCount,
  traceDifference,
} from '../../bench/sessions/left-behind.ts';

describe('what is left behind', () => {
  it('is what was not there before, as often as it was not', () => {
    expect(leftBeyond(['worker', 'a'], ['worker'])).toEqual([]);
    expect(leftBeyond(['worker'], ['worker', 'worker', 'Xvfb'])).toEqual(['worker', 'Xvfb']);
  });

  it('is counted over all kinds', () => {
    const nothing = Object.fromEntries(TRACE_KINDS.map((kind) => [kind, []])) as unknown as Traces;
    const after = { ...nothing, processes: ['a', 'b'], mounts: ['/tmp/m'] };
    const before = { ...nothing, processes: ['a'], 'shared memory': ['gone'] };
    const left = traceDifference(before, after);
    expect(left).toEqual({ ...nothing, processes: ['b'], mounts: ['/tmp/m'] });
    expect(traceCount(left)).toBe(2);
  });

  it('finds mounts of ours by their source too', () => {
    const mountinfo = [
      '22 1 0:21 / /proc rw,nosuid - proc proc rw',
      '90 1 8:1 /tmp/rockpool-x/home /mnt/home rw - ext4 /dev/sda1 rw',
      '91 1 0:50 / /tmp/rockpool-x/tmp rw - tmpfs tmpfs rw',
      '',
    ].join('\n');
    expect(mountPointsOf(mountinfo, /rockpool/)).toEqual(['/mnt/home', '/tmp/rockpool-x/tmp']);
  });

  it('finds sockets within a folder, and none of a folder with a longer name', () => {
    const table = [
      'Num       RefCount Protocol Flags    Type St Inode Path',
      '0000000000000000: 00000002 00000000 00010000 0001 01 24471 /tmp/ours/sound/native',
      '0000000000000000: 00000002 00000000 00010000 0001 01 24472 /tmp/ours-not/native',
      '0000000000000000: 00000003 00000000 00000000 0001 03 24473',
    ].join('\n');
    expect(socketsWithin(table, '/tmp/ours')).toEqual(['/tmp/ours/sound/native']);
  });
});

describe('killPlan', () => {
  it('kills half of the sessions, at moments within the span', () => {
    const plan = killPlan(100, 3000, 1);
    const moments = plan.filter((moment) => moment !== undefined);
    expect(plan).toHaveLength(100);
    expect(moments).toHaveLength(50);
    expect(Math.min(...moments)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...moments)).toBeLessThan(3000);
  });

  it('is the same for the same seed and another for another', () => {
    expect(killPlan(20, 3000, 1)).toEqual(killPlan(20, 3000, 1));
    expect(killPlan(20, 3000, 2)).not.toEqual(killPlan(20, 3000, 1));
  });
});

describe('fairShares', () => {
  it('measures against what one has alone where the machine gives both that', () => {
    expect(fairShares(60, [60, 54])).toEqual([60 / 57, 54 / 57]);
    expect(fairShares(60, [60, 60])).toEqual([1, 1]);
  });

  it('measures against an equal part where it does not', () => {
    expect(fairShares(60, [30, 30])).toEqual([1, 1]);
    expect(fairShares(60, [45, 15])).toEqual([1.5, 0.5]);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import {
  QueueDrain,
  type QueueState,
  type QueueVerdict,
} from '../../../../server/transport/congestion/queue-drain.ts';

const STEP_US = 50_000;

describe('QueueDrain', () => {
  let drain: QueueDrain;
  let nowUs = 0;
  beforeEach(() => {
    drain = new QueueDrain();
    nowUs = 0;
  });

  /** Reports every 50 ms for so long; returns the verdicts. */
  function pass(
    seconds: number,
    queueMs: (s: number) => number,
    over: Partial<QueueState> = {},
  ): QueueVerdict[] {
    const verdicts: QueueVerdict[] = [];
    for (let us = 0; us < seconds * 1e6; us += STEP_US, nowUs += STEP_US) {
      const state = { nowUs, rttMs: 50, bitrateBps: 8e6, sentBps: 8e6, acknowledgedBps: 8e6 };
      const verdict = drain.update({ ...state, queueMs: queueMs(us / 1e6), ...over });
      if (verdict) verdicts.push(verdict);
    }
    return verdicts;
  }

  /** A queue that another flow fills and empties. */
  const foreign = (s: number): number => 100 + 40 * (s % 1);

  it('lets everything pass while the queue is short', () => {
    pass(1, () => 20);
    expect(drain.factor).toBe(1);
  });

  it('sends less the longer the queue, but never less than half', () => {
    pass(0.1, () => 105);
    expect(drain.factor).toBeCloseTo(0.8, 5);
    pass(0.1, () => 800);
    expect(drain.factor).toBe(0.5);
    pass(0.1, () => 10);
    expect(drain.factor).toBe(1);
  });

  it('stays patient while the queue shrinks', () => {
    expect(pass(8, (s) => 1500 * 0.7 ** (s / 1.5))).toEqual([]);
    expect(drain.competing).toBe(false);
  });

  it('competes with a flow that keeps the queue filled, with half of what it had', () => {
    pass(5, () => 0);
    expect(pass(5, foreign, { bitrateBps: 1e6 })).toEqual(['competing']);
    expect(drain.competing).toBe(true);
    expect(drain.factor).toBe(1);
    expect(drain.restoredBps).toBeCloseTo(4e6, -5);
  });

  it('looks again whether that flow is there, less often each time it is', () => {
    pass(5, () => 0);
    const times: number[] = [];
    for (let i = 0; i < 1600; i++)
      if (pass(0.05, () => foreign(nowUs / 1e6)).length > 0) times.push(i * 0.05);
    const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    expect(gaps.length).toBeGreaterThan(1);
    for (const [i, gap] of gaps.entries()) expect(gap).toBeGreaterThan(10 * 2 ** i);
  });

  it('stops competing when the queue has been empty for long', () => {
    pass(5, foreign);
    expect(drain.competing).toBe(true);
    pass(1.5, () => 5);
    expect(drain.competing).toBe(true);
    pass(1, () => 5);
    expect(drain.competing).toBe(false);
  });

  it('stops competing when it is us who fill the queue', () => {
    pass(5, foreign);
    expect(drain.competing).toBe(true);
    pass(1.5, foreign, { sentBps: 8e6, acknowledgedBps: 6e6 });
    expect(drain.competing).toBe(false);
    pass(5, foreign);
    expect(drain.competing).toBe(true);
    pass(1.5, foreign, { sentBps: 8e6, acknowledgedBps: 2e6 });
    expect(drain.competing).toBe(false);
  });

  it('takes a delay that stays as it is whatever we send for a longer route', () => {
    pass(5, () => 0);
    expect(pass(2.5, (s) => 40 + (Math.round(s * 20) % 3), { bitrateBps: 4e6 })).toEqual([
      'rerouted',
    ]);
    expect(drain.restoredBps).toBe(8e6);
    expect(drain.competing).toBe(false);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import {
  type PathState,
  RateControl,
} from '../../../../server/transport/congestion/rate-control.ts';

const STEP_US = 50_000;

describe('RateControl', () => {
  let rate: RateControl;
  let nowUs: number;
  beforeEach(() => {
    rate = new RateControl(4e6, 300_000, 20e6);
    nowUs = 0;
  });

  /** Reports every 50 ms; what arrives is what is sent unless said otherwise. */
  function pass(seconds: number, over: Partial<PathState> = {}): void {
    for (let us = 0; us < seconds * 1e6; us += STEP_US, nowUs += STEP_US) {
      rate.update({
        nowUs,
        usage: 'normal',
        acknowledgedBps: rate.bitrateBps,
        recentBps: rate.bitrateBps,
        rttMs: 50,
        queueMs: 0,
        applicationLimited: false,
        competing: false,
        probing: false,
        mayIncrease: true,
        ...over,
      });
    }
  }

  it('grows by 8 % a second while the capacity is unknown, up to the ceiling', () => {
    pass(1);
    expect(rate.bitrateBps).toBeGreaterThan(4e6 * 1.06);
    expect(rate.bitrateBps).toBeLessThan(4e6 * 1.09);
    pass(60);
    expect(rate.bitrateBps).toBe(20e6);
  });

  it('goes to 0.85 of what arrived on overuse, then grows slowly near the capacity', () => {
    pass(0.05, { usage: 'overuse', acknowledgedBps: 3.8e6, recentBps: 3e6, queueMs: 60 });
    expect(rate.bitrateBps).toBeCloseTo(0.85 * 3e6, -3);
    const before = rate.bitrateBps;
    pass(1);
    expect(rate.bitrateBps - before).toBeGreaterThan(20_000);
    expect(rate.bitrateBps - before).toBeLessThan(50_000);
  });

  it('grows quickly again when more arrives than the capacity was thought to be', () => {
    pass(0.05, { usage: 'overuse', acknowledgedBps: 2e6, recentBps: 2e6, queueMs: 60 });
    rate.setProbed(4e6);
    rate.setProbed(6e6);
    pass(5, { acknowledgedBps: 6e6 });
    expect(rate.bitrateBps).toBeGreaterThan(6e6 * 1.3);
  });

  it('waits for a decrease to show before the next, the longer the shorter the queue', () => {
    const decreases = (queueMs: number): number => {
      let count = 0;
      let before = rate.bitrateBps;
      for (let i = 0; i < 20; i++) {
        pass(0.05, { usage: 'overuse', queueMs });
        if (rate.bitrateBps < before) count++;
        before = rate.bitrateBps;
      }
      return count;
    };
    expect(decreases(20)).toBe(2);
    pass(1);
    expect(decreases(80)).toBe(10);
  });

  it('holds while the queue drains or something else forbids an increase', () => {
    pass(1, { usage: 'underuse' });
    pass(1, { mayIncrease: false });
    expect(rate.bitrateBps).toBe(4e6);
  });

  it('never grows beyond one and a half times what is known to arrive', () => {
    pass(20, { acknowledgedBps: 500_000, applicationLimited: true });
    expect(rate.bitrateBps).toBe(4e6);
    const low = new RateControl(600_000, 300_000, 20e6);
    rate = low;
    pass(60, { acknowledgedBps: 500_000, applicationLimited: true });
    expect(low.bitrateBps).toBe(760_000);
  });

  it('does not collapse to the few bits of a still picture unless the path is really full', () => {
    const still = { usage: 'overuse', acknowledgedBps: 300_000, recentBps: 300_000 } as const;
    pass(0.05, { ...still, applicationLimited: true, queueMs: 10 });
    expect(rate.bitrateBps).toBeCloseTo(3.4e6, -3);
    pass(1);
    pass(0.05, { ...still, applicationLimited: true, queueMs: 200 });
    expect(rate.bitrateBps).toBe(300_000);
  });

  it('does not take the queue of its own probe for overuse', () => {
    pass(1, { usage: 'overuse', probing: true, queueMs: 20 });
    expect(rate.bitrateBps).toBe(4e6);
    pass(1, { usage: 'overuse', probing: true, queueMs: 90 });
    expect(rate.bitrateBps).toBeLessThan(3.5e6);
  });

  it('beside a competing flow ignores the delay and grows by 100 kbit/s a second', () => {
    pass(10, { usage: 'overuse', competing: true, queueMs: 150 });
    expect(rate.bitrateBps).toBeCloseTo(5e6, -5);
  });

  it('takes back what it gave away by mistake, and only upwards', () => {
    rate.reduce(0.5, 0);
    expect(rate.bitrateBps).toBe(2e6);
    rate.restore(3e6);
    expect(rate.bitrateBps).toBe(3e6);
    rate.restore(1e6);
    expect(rate.bitrateBps).toBe(3e6);
  });

  it('stays between floor and ceiling, whatever it is told', () => {
    rate.setCeiling(2e6);
    expect(rate.bitrateBps).toBe(2e6);
    rate.setProbed(9e6);
    expect(rate.bitrateBps).toBe(2e6);
    for (let i = 0; i < 50; i++) rate.reduce(0.5, i);
    expect(rate.bitrateBps).toBe(300_000);
    rate.setCeiling(100);
    expect(rate.bitrateBps).toBe(300_000);
  });

  it('grows by one step after reports that were long apart or come from the past', () => {
    pass(0.1);
    const before = rate.bitrateBps;
    nowUs = 3600e6;
    pass(0.05);
    expect(rate.bitrateBps).toBeLessThan(before * 1.09);
    const after = rate.bitrateBps;
    nowUs = 0;
    pass(0.05);
    expect(rate.bitrateBps).toBe(after);
  });
});

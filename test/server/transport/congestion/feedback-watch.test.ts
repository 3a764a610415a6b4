import { beforeEach, describe, expect, it } from 'vitest';
import { FeedbackWatch } from '../../../../server/transport/congestion/feedback-watch.ts';

describe('FeedbackWatch', () => {
  let watch: FeedbackWatch;
  beforeEach(() => {
    watch = new FeedbackWatch();
  });

  /** Ticks every 10 ms; returns when a step down was due. */
  function pass(fromMs: number, toMs: number): number[] {
    const steps: number[] = [];
    for (let ms = fromMs; ms < toMs; ms += 10) if (watch.tick(ms * 1000, 50, 4e6)) steps.push(ms);
    return steps;
  }

  it('learns how often feedback comes', () => {
    for (let ms = 0; ms < 5000; ms += 60) watch.handleReport(ms * 1000);
    expect(watch.intervalMs).toBeCloseTo(60, 0);
    watch.handleReport(90e6);
    expect(watch.intervalMs).toBeLessThan(90);
    expect(watch.seen).toBe(true);
  });

  it('remembers for a while for how long nothing was told because reports were lost', () => {
    watch.handleReport(0, 0);
    expect(watch.untoldMs).toBe(0);
    watch.handleReport(1e6, 120_000);
    watch.handleReport(2e6, 0);
    expect(watch.untoldMs).toBe(120);
    watch.handleReport(3e6, 900_000);
    expect(watch.untoldMs).toBe(200);
    for (let s = 4; s < 20; s++) watch.handleReport(s * 1e6, 0);
    expect(watch.untoldMs).toBe(0);
  });

  it('does not wait for feedback that never came, or while nothing was sent', () => {
    watch.handleSent(0);
    expect(pass(0, 5000)).toEqual([]);
    watch.handleReport(5e6);
    expect(pass(5000, 10_000)).toEqual([]);
    expect(watch.silent).toBe(false);
  });

  it('calls for a step down each 400 ms while packets leave and nothing is heard', () => {
    watch.handleReport(0);
    watch.handleSent(10_000);
    const steps = pass(0, 2000);
    expect(steps).toEqual([520, 920, 1320, 1720]);
    expect(watch.silent).toBe(true);
    expect(watch.handleReport(2e6)).toBe(true);
    expect(watch.silent).toBe(false);
    expect(watch.handleReport(2.05e6)).toBe(false);
  });

  it('lets a trickle through when feedback is overdue, so that something is heard again', () => {
    watch.handleReport(0);
    watch.handleSent(10_000);
    pass(0, 300);
    expect(watch.trickleBytes).toBe(0);
    pass(300, 1400);
    expect(watch.trickleBytes).toBeGreaterThan(40_000);
    expect(watch.trickleBytes).toBeLessThan(60_000);
    watch.handleReport(1.5e6);
    expect(watch.trickleBytes).toBe(0);
  });
});

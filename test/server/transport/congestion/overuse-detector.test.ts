import { describe, expect, it } from 'vitest';
import { OveruseDetector } from '../../../../server/transport/congestion/overuse-detector.ts';

const STEP_MS = 16;

/** Feeds a constant trend. */
function feed(detector: OveruseDetector, trend: number, groups: number, fromMs = 0): void {
  for (let i = 0; i < groups; i++) detector.update(trend, 100, STEP_MS, fromMs + i * STEP_MS);
}

describe('OveruseDetector', () => {
  it('signals overuse when the trend stays above the threshold, not at the first group', () => {
    const detector = new OveruseDetector();
    // 240 × 0.1 = 24, above the 12.5 to begin with.
    detector.update(0.1, 100, STEP_MS, 0);
    expect(detector.usage).toBe('normal');
    detector.update(0.1, 100, STEP_MS, 16);
    expect(detector.usage).toBe('overuse');
  });

  it('does not signal while the queue already shrinks again', () => {
    const detector = new OveruseDetector();
    detector.update(0.2, 100, STEP_MS, 0);
    detector.update(0.15, 100, STEP_MS, 16);
    detector.update(0.1, 100, STEP_MS, 32);
    expect(detector.usage).toBe('normal');
  });

  it('signals underuse when the queue drains, and goes back to normal', () => {
    const detector = new OveruseDetector();
    feed(detector, -0.1, 2);
    expect(detector.usage).toBe('underuse');
    feed(detector, 0, 2, 100);
    expect(detector.usage).toBe('normal');
  });

  it('weighs few groups less', () => {
    const detector = new OveruseDetector();
    for (let i = 0; i < 5; i++) detector.update(0.1, 10, STEP_MS, i * STEP_MS);
    expect(detector.usage).toBe('normal');
  });

  it('lets its threshold rise slowly beside a competing flow and fall again afterwards', () => {
    const detector = new OveruseDetector();
    feed(detector, 0.1, 200);
    const raised = detector.threshold;
    expect(raised).toBeGreaterThan(20);
    expect(raised).toBeLessThan(24);
    feed(detector, 0, 20, 5000);
    expect(detector.threshold).toBeLessThan(raised);
    feed(detector, 0, 500, 6000);
    expect(detector.threshold).toBe(6);
  });

  it('does not let a sudden spike move the threshold', () => {
    const detector = new OveruseDetector();
    feed(detector, 1, 50);
    expect(detector.threshold).toBe(12.5);
  });

  it('takes no harm from a clock that stands still, jumps or goes back', () => {
    const detector = new OveruseDetector();
    for (const atMs of [0, 0, 1e12, 5, -1e12]) detector.update(0.05, 100, STEP_MS, atMs);
    expect(detector.threshold).toBeGreaterThanOrEqual(6);
    expect(detector.threshold).toBeLessThan(13);
  });
});

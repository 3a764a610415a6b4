import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  LATENCY_BUCKETS,
  LatencyHistogram,
  latencyBucket,
  latencyCountsSchema,
  latencyPercentile,
  latencyTotal,
} from '../../protocol/latency-histogram.ts';

function histogramOf(delaysMs: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const ms of delaysMs) histogram.record(ms);
  return histogram;
}

/** Exactly, of what was recorded. */
function exactPercentile(delaysMs: readonly number[], share: number): number {
  const sorted = delaysMs.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

const delays = fc.array(fc.double({ min: 2, max: 10_000, noNaN: true }), {
  minLength: 1,
  maxLength: 300,
});

describe('a histogram of delays', () => {
  it('has a bucket for every delay, also for what is no delay', () => {
    expect(latencyBucket(0)).toBe(0);
    expect(latencyBucket(0.999)).toBe(0);
    expect(latencyBucket(1)).toBe(1);
    expect(latencyBucket(2)).toBe(17);
    expect(latencyBucket(1e9)).toBe(LATENCY_BUCKETS - 1);
    expect(latencyBucket(Number.NaN)).toBe(0);
    expect(latencyBucket(-5)).toBe(0);
  });

  it('tells a percentile to within one bucket, which is 4.4 % wide', () => {
    fc.assert(
      fc.property(delays, fc.double({ min: 0.01, max: 1, noNaN: true }), (delaysMs, share) => {
        const told = histogramOf(delaysMs).percentile(share) ?? Number.NaN;
        const ratio = told / exactPercentile(delaysMs, share);
        expect(ratio).toBeGreaterThan(1 / 1.045);
        expect(ratio).toBeLessThan(1.045);
      }),
    );
  });

  it('is the same merged from parts as recorded at once, percentiles and all', () => {
    fc.assert(
      fc.property(delays, delays, (one, other) => {
        const merged = new LatencyHistogram();
        for (const part of [one, other]) {
          const counts = histogramOf(part).toCounts();
          if (counts) merged.add(counts);
        }
        const whole = histogramOf([...one, ...other]);
        expect(merged.toCounts()).toEqual(whole.toCounts());
        expect(merged.percentile(0.95)).toBe(whole.percentile(0.95));
      }),
    );
  });

  it('does not average: many quick sessions do not hide what a slow one met', () => {
    const quick = histogramOf(new Array<number>(90).fill(20));
    const slow = histogramOf(new Array<number>(10).fill(200));
    const merged = new LatencyHistogram();
    for (const part of [quick, slow]) merged.add(part.toCounts() ?? { first: 0, counts: [1] });
    expect(merged.percentile(0.5)).toBeCloseTo(20, -1);
    expect(merged.percentile(0.95)).toBeGreaterThan(190);
  });

  it('weighs what it is told to weigh', () => {
    const merged = new LatencyHistogram();
    merged.add({ first: latencyBucket(20), counts: [10] });
    merged.add({ first: latencyBucket(200), counts: [1000] }, 0.001);
    expect(merged.percentile(0.9)).toBeLessThan(25);
  });

  it('travels small, and comes out as it went in', () => {
    fc.assert(
      fc.property(delays, (delaysMs) => {
        const counts = histogramOf(delaysMs).toCounts();
        expect(latencyCountsSchema.parse(JSON.parse(JSON.stringify(counts)))).toEqual(counts);
        expect(counts && latencyTotal(counts)).toBe(delaysMs.length);
      }),
    );
    const usual = histogramOf(Array.from({ length: 6000 }, (_, index) => 18 + (index % 60)));
    expect(JSON.stringify(usual.toCounts()).length).toBeLessThan(300);
  });

  it('of nothing tells nothing', () => {
    expect(new LatencyHistogram().toCounts()).toBeUndefined();
    expect(new LatencyHistogram().percentile(0.5)).toBeUndefined();
    expect(latencyPercentile(new Float64Array(LATENCY_BUCKETS), 0.95)).toBeUndefined();
  });
});

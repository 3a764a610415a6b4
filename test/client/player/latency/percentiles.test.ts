import { describe, expect, it } from 'vitest';
import { LatencyPercentiles } from '../../../../client/player/latency/percentiles.ts';
import type { LatencySample } from '../../../../client/player/player-snapshot.ts';
import { latencyTotal } from '../../../../protocol/latency-histogram.ts';
import { stageMediansSchema } from '../../../../protocol/quality-report.ts';

function sample(totalMs: number): LatencySample {
  return {
    inputSeq: 1,
    inputAtMs: 0,
    shownAtMs: totalMs,
    frameNumber: 1,
    totalMs,
    stages: {
      uplink: 0,
      wait: 0,
      render: 0,
      encode: 0,
      network: 0,
      decode: totalMs / 4,
      present: (totalMs * 3) / 4,
    },
  };
}

describe('LatencyPercentiles', () => {
  it('has zeros and a count of none before the first sample', () => {
    const percentiles = new LatencyPercentiles();
    expect(percentiles.total()).toEqual({ count: 0, p50: 0, p95: 0, p99: 0 });
    expect(percentiles.stages().wait.count).toBe(0);
  });

  it('knows percentiles to a thousandth', () => {
    const percentiles = new LatencyPercentiles();
    for (let ms = 1; ms <= 100; ms++) percentiles.record(sample(ms));
    const { count, p50, p95, p99 } = percentiles.total();
    expect(count).toBe(100);
    expect(p50 / 50).toBeCloseTo(1, 2);
    expect(p95 / 95).toBeCloseTo(1, 2);
    expect(p99 / 99).toBeCloseTo(1, 2);
    expect(percentiles.stages().decode.p50 / 12.5).toBeCloseTo(1, 2);
    expect(percentiles.stages().present.p99 / 74.25).toBeCloseTo(1, 2);
  });

  it('takes a sample of minutes for a minute', () => {
    const percentiles = new LatencyPercentiles();
    percentiles.record(sample(600_000));
    expect(percentiles.total().p50 / 60_000).toBeCloseTo(1, 2);
    // A report with more is refused as a whole.
    expect(() => stageMediansSchema.parse(percentiles.report().stagesP50Ms)).not.toThrow();
  });

  it('tells of a session as much as can be merged with others, and nothing of none', () => {
    const percentiles = new LatencyPercentiles();
    expect(percentiles.report()).toEqual({});
    for (let ms = 1; ms <= 100; ms++) percentiles.record(sample(ms));
    const { clickToPhotonP50Ms, clickToPhotonP95Ms, clickToPhoton, stagesP50Ms } =
      percentiles.report();
    expect(clickToPhotonP50Ms).toBeCloseTo(50, 0);
    expect(clickToPhotonP95Ms).toBeCloseTo(95, 0);
    expect(clickToPhoton && latencyTotal(clickToPhoton)).toBe(100);
    expect(stagesP50Ms?.present).toBeCloseTo(37.5, 0);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layoutWaterfall, sparklinePoints } from '../../../client/pages/latency-waterfall.ts';
import type { Percentiles } from '../../../client/player/player-snapshot.ts';
import { LATENCY_STAGES, type LatencyStage } from '../../../protocol/latency-stages.ts';

function percentiles(p50: number, p95: number): Percentiles {
  return { count: 100, p50, p95, p99: p95 };
}

function latencyOf(stageMs: readonly number[], totalMs: number) {
  const stages = Object.fromEntries(
    LATENCY_STAGES.map((stage, i) => [stage, percentiles(stageMs[i] ?? 0, 2 * (stageMs[i] ?? 0))]),
  ) as Record<LatencyStage, Percentiles>;
  return { total: percentiles(totalMs, 1.6 * totalMs), stages };
}

const stageMs = fc.array(fc.double({ min: 0, max: 200, noNaN: true }), {
  minLength: LATENCY_STAGES.length,
  maxLength: LATENCY_STAGES.length,
});

describe('layoutWaterfall', () => {
  it('tiles the total without gaps, whatever the stages sum to', () => {
    fc.assert(
      fc.property(stageMs, fc.double({ min: 0.1, max: 500, noNaN: true }), (stages, totalMs) => {
        fc.pre(stages.some((ms) => ms > 0.001));
        const latency = latencyOf(stages, totalMs);
        const scaleMs = latency.total.p95;
        for (const percentile of ['p50', 'p95'] as const) {
          const segments = layoutWaterfall(latency, percentile, scaleMs);
          let edge = 0;
          for (const segment of segments) {
            expect(segment.start).toBeCloseTo(edge, 9);
            edge = segment.start + segment.width;
          }
          expect(edge).toBeCloseTo(latency.total[percentile] / scaleMs, 9);
        }
      }),
    );
  });

  it('keeps the order of the stages and labels each with its own percentile', () => {
    const segments = layoutWaterfall(latencyOf([1, 2, 3, 4, 5, 6, 7], 20), 'p50', 32);
    expect(segments.map(({ stage }) => stage)).toEqual(LATENCY_STAGES);
    expect(segments.map(({ ms }) => ms)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('gives a stage twice as long twice the width', () => {
    const [uplink, wait] = layoutWaterfall(latencyOf([1, 2, 0, 0, 0, 0, 0], 30), 'p50', 48);
    expect(wait?.width).toBeCloseTo(2 * (uplink?.width ?? 0));
  });

  it('is empty, and not NaN, before anything was measured', () => {
    for (const segment of layoutWaterfall(latencyOf([], 0), 'p50', 0)) {
      expect(segment).toMatchObject({ start: 0, width: 0 });
    }
  });
});

describe('sparklinePoints', () => {
  it('spreads the values over the width and puts the scale at the top', () => {
    expect(sparklinePoints([0, 25, 50], 50, 100, 20)).toBe('0.0,20.0 50.0,10.0 100.0,0.0');
  });

  it('cuts what is beyond the scale', () => {
    expect(sparklinePoints([80], 50, 100, 20)).toBe('0.0,0.0');
  });
});

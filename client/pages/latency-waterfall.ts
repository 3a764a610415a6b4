import { LATENCY_STAGES, type LatencyStage } from '../../protocol/latency-stages.ts';
import type { LatencySnapshot } from '../player/player-snapshot.ts';

export type WaterfallPercentile = 'p50' | 'p95';

export interface WaterfallSegment {
  readonly stage: LatencyStage;
  /** The stage's own percentile, milliseconds: what the label says. */
  readonly ms: number;
  /** Left edge as a fraction of the scale, 0 to 1. */
  readonly start: number;
  /** Width as a fraction of the scale, 0 to 1. */
  readonly width: number;
}

/**
 * Lays one percentile out as a bar of `total / scaleMs`, tiled by its stages. Percentiles do not
 * add up (the slowest network and the slowest decode are seldom of the same frame), so each stage
 * takes its share of the sum and the bar keeps the length of the measured total.
 */
export function layoutWaterfall(
  latency: Pick<LatencySnapshot, 'total' | 'stages'>,
  percentile: WaterfallPercentile,
  scaleMs: number,
): readonly WaterfallSegment[] {
  const totalMs = latency.total[percentile];
  let sumMs = 0;
  for (const stage of LATENCY_STAGES) sumMs += Math.max(latency.stages[stage][percentile], 0);
  const factor = sumMs > 0 && scaleMs > 0 ? totalMs / sumMs / scaleMs : 0;
  let start = 0;
  return LATENCY_STAGES.map((stage) => {
    const ms = latency.stages[stage][percentile];
    const width = Math.max(ms, 0) * factor;
    const segment = { stage, ms, start, width };
    start += width;
    return segment;
  });
}

/** The points of a sparkline in a box of `width` × `height`, as an SVG `points` list. */
export function sparklinePoints(
  valuesMs: readonly number[],
  maxMs: number,
  width: number,
  height: number,
): string {
  const step = valuesMs.length > 1 ? width / (valuesMs.length - 1) : 0;
  const scale = maxMs > 0 ? height / maxMs : 0;
  return valuesMs
    .map((ms, i) => `${(i * step).toFixed(1)},${(height - Math.min(ms, maxMs) * scale).toFixed(1)}`)
    .join(' ');
}

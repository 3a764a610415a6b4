import type { LatencySample } from '../../client/player/player-snapshot.ts';
import { LATENCY_STAGES, type LatencyStage } from '../../protocol/latency-stages.ts';
import { midmeanOf } from './midmean.ts';

/** Milliseconds of each stage. */
export type StageTimes = Readonly<Record<LatencyStage, number>>;

export function eachStage<T>(make: (stage: LatencyStage) => T): Record<LatencyStage, T> {
  return Object.fromEntries(LATENCY_STAGES.map((stage) => [stage, make(stage)])) as Record<
    LatencyStage,
    T
  >;
}

/** What is typical of each stage by itself. */
export function stageTimes(samples: readonly LatencySample[]): StageTimes {
  return eachStage((stage) => midmeanOf(samples.map(({ stages }) => stages[stage])));
}

/** How much longer each stage is than it was. */
export function stageChanges(before: StageTimes, after: StageTimes): StageTimes {
  return eachStage((stage) => after[stage] - before[stage]);
}

/** The stage that changed most, either way. */
export function largestChange(changes: StageTimes): LatencyStage {
  const [first, ...others] = LATENCY_STAGES;
  return others.reduce<LatencyStage>(
    (largest, stage) => (Math.abs(changes[stage]) > Math.abs(changes[largest]) ? stage : largest),
    first,
  );
}

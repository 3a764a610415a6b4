import type { LatencySample } from '../../client/player/player-snapshot.ts';
import { medianOf } from '../../gate/median.ts';
import { LATENCY_STAGES, type LatencyStage } from '../../protocol/latency-stages.ts';

/** Milliseconds of each stage. */
export type StageTimes = Readonly<Record<LatencyStage, number>>;

function eachStage(timeOf: (stage: LatencyStage) => number): StageTimes {
  return Object.fromEntries(LATENCY_STAGES.map((stage) => [stage, timeOf(stage)])) as Record<
    LatencyStage,
    number
  >;
}

/** The median of each stage by itself: their sum is not the median of the total. */
export function stageMedians(samples: readonly LatencySample[]): StageTimes {
  return eachStage((stage) => medianOf(samples.map(({ stages }) => stages[stage])));
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

/** Where the accounting puts time wrongly, and how much: the stage farthest from what was injected. */
export function worstError(
  injectedMs: Partial<StageTimes>,
  changes: StageTimes,
): { readonly stage: LatencyStage; readonly errorMs: number } {
  const errors = eachStage((stage) => changes[stage] - (injectedMs[stage] ?? 0));
  const stage = largestChange(errors);
  return { stage, errorMs: errors[stage] };
}

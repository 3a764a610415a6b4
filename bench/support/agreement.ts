import { medianOf } from '../../gate/median.ts';

/** One display interval at 60 Hz. */
export const FRAME_MS = 1000 / 60;

/** One input as one of the two ways measured it; times on one clock, milliseconds. */
export interface MeasuredInput {
  readonly inputSeq: number;
  readonly inputAtMs: number;
  readonly shownAtMs: number;
}

/** How far two ways of measuring the same inputs are apart, first minus second, milliseconds. */
export interface Agreement {
  /** Inputs that both ways measured. */
  readonly pairs: number;
  readonly onlyFirst: number;
  readonly onlySecond: number;
  readonly medianMs: number;
  readonly maxAbsMs: number;
  /** Pairs that differ by more than {@link FRAME_MS}. */
  readonly beyondOneFrame: number;
}

/** Joins two measurements of the same inputs by sequence number. */
export function compareMeasurements(
  first: readonly MeasuredInput[],
  second: readonly MeasuredInput[],
): Agreement {
  const ofSecond = new Map(second.map((input) => [input.inputSeq, input]));
  const differences: number[] = [];
  for (const { inputSeq, inputAtMs, shownAtMs } of first) {
    const other = ofSecond.get(inputSeq);
    if (!other) continue;
    differences.push(shownAtMs - inputAtMs - (other.shownAtMs - other.inputAtMs));
  }
  const sizes = differences.map(Math.abs);
  return {
    pairs: differences.length,
    onlyFirst: first.length - differences.length,
    onlySecond: second.length - differences.length,
    medianMs: medianOf(differences),
    maxAbsMs: sizes.length === 0 ? Number.NaN : Math.max(...sizes),
    beyondOneFrame: sizes.filter((size) => size > FRAME_MS).length,
  };
}

/** Several runs of {@link compareMeasurements} as one; differences are taken within each run. */
export function mergeRuns(
  runs: readonly {
    readonly first: readonly MeasuredInput[];
    readonly second: readonly MeasuredInput[];
  }[],
): Agreement {
  // Sequence numbers start again in each session: made unique, runs can be compared as one.
  const unique = (inputs: readonly MeasuredInput[], run: number) =>
    inputs.map((input) => ({ ...input, inputSeq: run * 2 ** 32 + input.inputSeq }));
  return compareMeasurements(
    runs.flatMap(({ first }, run) => unique(first, run)),
    runs.flatMap(({ second }, run) => unique(second, run)),
  );
}

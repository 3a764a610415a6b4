import type { Figure } from '../figures.ts';
import type { Measurement, Side, Verdict } from '../result.ts';
import { type Allowance, excessOf } from './allowance.ts';
import { type Blocks, bootstrapInterval, type Levels } from './bootstrap.ts';
import type { Random } from './random.ts';
import { poolOf, type Reading, type RunPool, readingOf } from './run-pool.ts';

/** The runs that a question is about. */
export interface Evidence {
  readonly judged: RunPool;
  /** What they are compared with. */
  readonly reference?: RunPool;
  /** Whether runs of both are neighbours in time, one by one. */
  readonly paired: boolean;
}

/**
 * @param measurements of one scenario, network and browser.
 * @param before the same of the baseline.
 */
export function evidenceOf(
  figure: Figure,
  kind: Allowance['kind'],
  measurements: readonly Measurement[],
  before: readonly Measurement[],
): Evidence {
  const b = readings(figure, measurements, 'b');
  if (kind === 'limit') return { judged: poolOf(figure, [...b.values()]), paired: false };
  if (kind === 'baseline') {
    return {
      judged: poolOf(figure, [...b.values()]),
      reference: poolOf(figure, [...readings(figure, before, 'b').values()]),
      paired: false,
    };
  }
  const a = readings(figure, measurements, 'a');
  const pairs = [...b].flatMap(([run, judged]) => {
    const reference = a.get(run);
    return reference === undefined ? [] : [{ judged, reference }];
  });
  const side = (of: 'judged' | 'reference') =>
    poolOf(
      figure,
      pairs.map((pair) => pair[of]),
    );
  return { judged: side('judged'), reference: side('reference'), paired: true };
}

function readings(
  figure: Figure,
  measurements: readonly Measurement[],
  wanted: Side,
): Map<number, Reading> {
  const all = new Map<number, Reading>();
  for (const measurement of measurements) {
    if (measurement.side !== wanted) continue;
    const reading = readingOf(figure, measurement);
    if (reading !== undefined) all.set(measurement.run, reading);
  }
  return all;
}

/** Of at least two runs on every side. */
export function intervalsOf(
  figure: Figure,
  allowance: Allowance,
  evidence: Evidence,
  levels: Levels,
  newRandom: () => Random,
): Pick<Verdict, 'difference' | 'excess'> {
  const interval = (of: Quantity, at: Levels) =>
    bootstrapInterval(blocksOf(evidence, of), at, newRandom());
  const excess = interval((b, a) => excessOf(figure, allowance, b, a), levels);
  if (!evidence.reference) return { excess };
  // What there should be much of is worse when it is less: its ends change places.
  const ends = figure.better === 'less' ? levels : { low: levels.high, high: levels.low };
  return { excess, difference: interval((b, a) => b - a, ends) };
}

/** What is asked of the two figures. */
type Quantity = (measured: number, reference: number) => number;

function blocksOf({ judged, reference, paired }: Evidence, of: Quantity): Blocks {
  if (!reference) {
    return { sizes: [judged.runs], statistic: ([b = []]) => of(judged.figure(b), Number.NaN) };
  }
  if (paired) {
    return {
      sizes: [judged.runs],
      statistic: ([both = []]) => of(judged.figure(both), reference.figure(both)),
    };
  }
  return {
    sizes: [judged.runs, reference.runs],
    statistic: ([b = [], a = []]) => of(judged.figure(b), reference.figure(a)),
  };
}

import type { Figure } from '../figures.ts';
import type { Measurement, Side, Verdict } from '../result.ts';
import { type Allowance, excessOf } from './allowance.ts';
import { type Blocks, bootstrapIntervals, type Levels } from './bootstrap.ts';
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
  { judged, reference, paired }: Evidence,
  levels: Levels,
  newRandom: () => Random,
): Pick<Verdict, 'difference' | 'excess'> {
  const told = (measured: number, compared: number) => [
    excessOf(figure, allowance, measured, compared),
    measured - compared,
  ];
  // What there should be much of is worse when it is less: its ends change places.
  const ends = figure.better === 'less' ? levels : { low: levels.high, high: levels.low };
  const blocks = blocksOf(judged, reference, paired, told);
  const [excess, difference] = bootstrapIntervals(
    blocks,
    reference ? [levels, ends] : [levels],
    newRandom(),
  );
  return { ...(excess && { excess }), ...(difference && { difference }) };
}

function blocksOf(
  judged: RunPool,
  reference: RunPool | undefined,
  paired: boolean,
  told: (measured: number, compared: number) => readonly number[],
): Blocks {
  if (!reference) {
    return { sizes: [judged.runs], statistics: ([b = []]) => told(judged.figure(b), Number.NaN) };
  }
  if (paired) {
    return {
      sizes: [judged.runs],
      statistics: ([both = []]) => told(judged.figure(both), reference.figure(both)),
    };
  }
  return {
    sizes: [judged.runs, reference.runs],
    statistics: ([b = [], a = []]) => told(judged.figure(b), reference.figure(a)),
  };
}

import { Distribution } from '../distribution.ts';
import { type DistributionFigure, type Figure, PERCENTS, type ValueFigure } from '../figures.ts';
import type { Measurement } from '../result.ts';

/**
 * The runs of one side, ready to be asked many times what a figure is if they were drawn so and so
 * often: all that a bootstrap does.
 */
export interface RunPool {
  readonly runs: number;
  /**
   * @param times how often each run counts, in the order of the runs; not all 0.
   * @returns the figure of those runs merged, in its unit.
   */
  figure(times: ArrayLike<number>): number;
}

/** What a run holds of a figure: readings, or the one number. */
export type Reading = Distribution | number;

/** @returns undefined where the run did not measure it, or has a problem. */
export function readingOf(figure: Figure, measurement: Measurement): Reading | undefined {
  if (measurement.problem) return undefined;
  if (figure.kind === 'value') return measurement.values[figure.metric];
  const text = measurement.histograms[figure.metric];
  if (text === undefined) return undefined;
  const distribution = Distribution.decoded(text);
  return distribution.count === 0 ? undefined : distribution;
}

/** @param readings of the figure's kind, one a run. */
export function poolOf(figure: Figure, readings: readonly Reading[]): RunPool {
  if (figure.kind === 'value') {
    return valuePool(
      figure,
      readings.filter((reading) => typeof reading === 'number'),
    );
  }
  return distributionPool(
    figure,
    readings.filter((reading) => reading instanceof Distribution),
  );
}

/** The figure of all runs together. */
export function figureOf(pool: RunPool): number {
  return pool.figure(new Uint8Array(pool.runs).fill(1));
}

function distributionPool(
  { statistic }: DistributionFigure,
  runs: readonly Distribution[],
): RunPool {
  const percent = PERCENTS[statistic];
  return percent === undefined ? meanOfReadings(runs) : new PercentilePool(runs, percent);
}

/** Not the mean of the runs' means: who has more readings counts more, as in a merged histogram. */
function meanOfReadings(runs: readonly Distribution[]): RunPool {
  const counts = runs.map(({ count }) => count);
  const sums = runs.map((run) => run.mean() * run.count);
  return {
    runs: runs.length,
    figure: (times) => weigh(sums, times) / weigh(counts, times),
  };
}

/**
 * A percentile of any mixture of histograms without merging them: the runs' cumulative counts lie
 * side by side over all values there are, and the value is found by halving.
 */
class PercentilePool implements RunPool {
  readonly runs: number;
  readonly #percent: number;
  /** Every value that any run has, ascending. */
  readonly #valuesUs: Float64Array;
  /** How many readings of each run are at most each value: those of a value lie together. */
  readonly #cumulative: Uint32Array;
  readonly #counts: readonly number[];
  /** The percentile of a mixture lies between the least and the greatest of its parts'. */
  readonly #range: readonly [number, number];

  constructor(runs: readonly Distribution[], percent: number) {
    this.runs = runs.length;
    this.#percent = percent;
    this.#counts = runs.map(({ count }) => count);
    const buckets = runs.map((run) => run.buckets());
    const values = new Set(buckets.flatMap((of) => of.map(({ us }) => us)));
    this.#valuesUs = Float64Array.from(values).sort();
    this.#cumulative = new Uint32Array(this.#valuesUs.length * runs.length);
    buckets.forEach((of, run) => {
      let [next, sum] = [0, 0];
      this.#valuesUs.forEach((us, at) => {
        const bucket = of[next];
        if (bucket?.us === us) {
          sum += bucket.count;
          next++;
        }
        this.#cumulative[at * runs.length + run] = sum;
      });
    });
    const ownUs = runs.map((run) => Math.round(run.percentile(percent) * 1000));
    const own = ownUs.map((us) => this.#valuesUs.indexOf(us));
    this.#range = [Math.min(...own), Math.max(...own)];
  }

  figure(times: ArrayLike<number>): number {
    const wanted = (this.#percent / 100) * weigh(this.#counts, times);
    // As HdrHistogram counts: up to the next whole reading, but not for the last bit of a product.
    const rank = Math.max(1, Math.ceil(wanted * (1 - Number.EPSILON)));
    let [low, high] = this.#range;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#countUpTo(middle, times) >= rank) high = middle;
      else low = middle + 1;
    }
    return (this.#valuesUs[low] ?? Number.NaN) / 1000;
  }

  #countUpTo(at: number, times: ArrayLike<number>): number {
    const from = at * this.runs;
    let sum = 0;
    for (let run = 0; run < this.runs; run++) {
      sum += (this.#cumulative[from + run] ?? 0) * (times[run] ?? 0);
    }
    return sum;
  }
}

function valuePool({ merge }: ValueFigure, values: readonly number[]): RunPool {
  const runs = values.length;
  const ones = new Uint8Array(runs).fill(1);
  if (merge === 'mean') {
    return { runs, figure: (times) => weigh(values, times) / weigh(ones, times) };
  }
  const order = values.map((_, run) => run).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  /** The value at a rank, from 0, among all as often as they count. */
  const at = (rank: number, times: ArrayLike<number>) => {
    let passed = 0;
    for (const run of order) {
      passed += times[run] ?? 0;
      if (passed > rank) return values[run] ?? Number.NaN;
    }
    return Number.NaN;
  };
  return {
    runs,
    figure: (times) => {
      const count = weigh(ones, times);
      return (at(Math.floor((count - 1) / 2), times) + at(Math.floor(count / 2), times)) / 2;
    },
  };
}

function weigh(values: ArrayLike<number>, times: ArrayLike<number>): number {
  let sum = 0;
  for (let run = 0; run < values.length; run++) sum += (values[run] ?? 0) * (times[run] ?? 0);
  return sum;
}

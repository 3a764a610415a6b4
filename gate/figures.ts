import {
  type Better,
  DISTRIBUTION_NAMES,
  type DistributionName,
  METRICS,
  STATISTICS,
  type Statistic,
  type Unit,
  VALUE_NAMES,
  type ValueName,
} from './metrics.ts';

interface FigureBasics {
  /** As budgets and verdicts name it. */
  readonly name: string;
  /** As reports name it. */
  readonly title: string;
  readonly unit: Unit;
  readonly better: Better;
  /** In `unit`. */
  readonly minimumEffect: number;
}

export interface DistributionFigure extends FigureBasics {
  readonly kind: 'distribution';
  readonly metric: DistributionName;
  readonly statistic: Statistic;
}

export interface ValueFigure extends FigureBasics {
  readonly kind: 'value';
  readonly metric: ValueName;
  readonly merge: 'mean' | 'median';
}

/** A single number that may be told of runs, and that a budget may be set for. */
export type Figure = DistributionFigure | ValueFigure;

const STATISTIC_TITLES: Readonly<Record<Statistic, string>> = {
  p50Ms: 'p50',
  p95Ms: 'p95',
  p99Ms: 'p99',
  meanMs: 'mean',
};

/** The percentile a statistic is; undefined for the mean. */
export const PERCENTS: Readonly<Record<Statistic, number | undefined>> = {
  p50Ms: 50,
  p95Ms: 95,
  p99Ms: 99,
  meanMs: undefined,
};

function figuresOfDistribution(metric: DistributionName): DistributionFigure[] {
  const { title, better, minimumEffects } = METRICS[metric];
  return STATISTICS.map((statistic) => ({
    kind: 'distribution',
    name: `${metric}.${statistic}`,
    title: `${title}, ${STATISTIC_TITLES[statistic]}`,
    unit: 'ms',
    better,
    minimumEffect: minimumEffects[statistic],
    metric,
    statistic,
  }));
}

function figureOfValue(metric: ValueName): ValueFigure {
  const { title, unit, better, minimumEffect, merge } = METRICS[metric];
  return { kind: 'value', name: metric, title, unit, better, minimumEffect, metric, merge };
}

const ALL: readonly Figure[] = [
  ...DISTRIBUTION_NAMES.flatMap(figuresOfDistribution),
  ...VALUE_NAMES.map(figureOfValue),
];

/** By name: `clickToPhoton.p95Ms`, `firstFrameMs`. */
export const FIGURES: ReadonlyMap<string, Figure> = new Map(ALL.map((one) => [one.name, one]));

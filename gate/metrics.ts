/** What may be said of a distribution. Each is taken from merged histograms, never from others of its kind. */
export const STATISTICS = ['p50Ms', 'p95Ms', 'p99Ms', 'meanMs'] as const;
export type Statistic = (typeof STATISTICS)[number];

/** Units that figures are told in. `share` is 0 to 1, `1/min` counts a minute, `cores` is processor time over time. */
export type Unit =
  | 'ms'
  | 'frames/s'
  | '1/min'
  | 'ms/min'
  | 'share'
  | 'bit/s'
  | 'dB'
  | 'points'
  | 'cores'
  | 'MiB'
  | 'W';

/** Which way a player is better off. */
export type Better = 'less' | 'more';

interface MetricBasics {
  readonly title: string;
  readonly better: Better;
}

/** Many readings a run, kept as a histogram of microseconds; runs merge by adding the histograms. */
interface DistributionMetric extends MetricBasics {
  readonly kind: 'distribution';
  /** Milliseconds; a smaller change is none, however sure it is. */
  readonly minimumEffects: Readonly<Record<Statistic, number>>;
}

/** One reading a run, its unit in its name. */
interface ValueMetric extends MetricBasics {
  readonly kind: 'value';
  readonly unit: Unit;
  /** What several runs come to. `median` where a run may be out of the ordinary by itself. */
  readonly merge: 'mean' | 'median';
  /** In `unit`; a smaller change is none, however sure it is. */
  readonly minimumEffect: number;
}

type Metric = DistributionMetric | ValueMetric;

/** Tails are noisier and matter less each: what counts as a change doubles from one to the next. */
function distribution(title: string, minimumEffectMs: number): DistributionMetric {
  return {
    kind: 'distribution',
    title,
    better: 'less',
    minimumEffects: {
      p50Ms: minimumEffectMs,
      meanMs: minimumEffectMs,
      p95Ms: 2 * minimumEffectMs,
      p99Ms: 4 * minimumEffectMs,
    },
  };
}

function value(
  title: string,
  unit: Unit,
  better: Better,
  minimumEffect: number,
  merge: ValueMetric['merge'] = 'mean',
): ValueMetric {
  return { kind: 'value', title, unit, better, minimumEffect, merge };
}

/**
 * Everything the gate measures, by the name it has in a result. A histogram's name has no unit, since
 * its readings are microseconds always; a value's ends with its own.
 *
 * The least change of click-to-photon is a millisecond: sixteen of them in a row are a frame.
 */
export const METRICS = {
  clickToPhoton: distribution('Click to photon', 1),
  clickToPhotonPixels: distribution('Click to photon, read from the picture', 1),
  uplink: distribution('Uplink', 0.5),
  wait: distribution('Wait for the tick', 0.5),
  render: distribution('Render', 0.5),
  encode: distribution('Convert and encode', 0.5),
  network: distribution('Send and network', 0.5),
  decode: distribution('Jitter buffer and decode', 0.5),
  present: distribution('Present', 0.5),
  frameInterval: distribution('Between two pictures', 1),
  firstFrameMs: value('Play to first picture', 'ms', 'less', 100, 'median'),
  framesPerSecond: value('Pictures a second', 'frames/s', 'more', 1),
  lowFramesPerSecond: value('Pictures a second, slowest 1 %', 'frames/s', 'more', 2),
  stutterShare: value('Pictures late by half an interval or more', 'share', 'less', 0.01),
  freezesPerMinute: value('Freezes', '1/min', 'less', 0.5),
  frozenMsPerMinute: value('Frozen', 'ms/min', 'less', 200),
  bitrateBps: value('Bit rate', 'bit/s', 'less', 250_000),
  packetsLostShare: value('Packets lost', 'share', 'less', 0.005),
  ssim: value('Likeness to the source (SSIM)', 'points', 'more', 0.005),
  psnrDb: value('Likeness to the source (PSNR)', 'dB', 'more', 0.5),
  soundDelayMs: value('Sound delay', 'ms', 'less', 5),
  soundGapsPerMinute: value('Gaps in the sound', '1/min', 'less', 1),
  workerCpuCores: value('Processor, worker and game', 'cores', 'less', 0.05),
  browserCpuCores: value('Processor, browser', 'cores', 'less', 0.05),
  harnessCpuCores: value('Processor, the measuring itself', 'cores', 'less', 0.05),
  workerMemoryMiB: value('Memory, worker and game', 'MiB', 'less', 16),
  browserMemoryMiB: value('Memory, browser', 'MiB', 'less', 32),
  energyWatts: value('Power of the processors', 'W', 'less', 0.5),
  clockErrorMs: value('Error bound of the clock offset', 'ms', 'less', 0.5),
} as const satisfies Readonly<Record<string, Metric>>;

type MetricName = keyof typeof METRICS;

/** Names of what is kept as a histogram. */
export type DistributionName = {
  [Name in MetricName]: (typeof METRICS)[Name]['kind'] extends 'distribution' ? Name : never;
}[MetricName];

/** Names of what is one number a run. */
export type ValueName = Exclude<MetricName, DistributionName>;

function namesOf(kind: Metric['kind']): string[] {
  return Object.entries(METRICS)
    .filter(([, metric]) => metric.kind === kind)
    .map(([name]) => name);
}

export const DISTRIBUTION_NAMES = namesOf('distribution') as DistributionName[];
export const VALUE_NAMES = namesOf('value') as ValueName[];

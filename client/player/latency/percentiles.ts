// Not the package's main file: that one pulls in WebAssembly and an `eval`, which a strict
// Content-Security-Policy forbids.
import { constructorFromBucketSize } from 'hdr-histogram-js/dist/JsHistogramFactory.js';
import { LatencyHistogram } from '../../../protocol/latency-histogram.ts';
import { LATENCY_STAGES, type LatencyStage } from '../../../protocol/latency-stages.ts';
import type { QualityReport, StageMedians } from '../../../protocol/quality-report.ts';
import type { LatencySample, Percentiles } from '../player-snapshot.ts';

/** A minute: nobody plays with more, and a histogram needs an end. */
const HIGHEST_US = 60_000_000;
/** Values are kept to one part in a thousand. */
const SIGNIFICANT_DIGITS = 3;

const Histogram = constructorFromBucketSize(32);
type Histogram = InstanceType<typeof Histogram>;

/** What is told of a session's delays; empty where none was measured. */
export type LatencyReport = Pick<
  QualityReport,
  'clickToPhotonP50Ms' | 'clickToPhotonP95Ms' | 'clickToPhoton' | 'stagesP50Ms' | 'clockErrorMs'
>;

function createHistogram(): Histogram {
  return new Histogram(1, HIGHEST_US, SIGNIFICANT_DIGITS);
}

function percentiles(histogram: Histogram): Percentiles {
  // It answers with the upper end of a bucket, and the last one ends beyond what may be told.
  const ms = (percentile: number) =>
    histogram.totalCount === 0
      ? 0
      : Math.min(histogram.getValueAtPercentile(percentile), HIGHEST_US) / 1000;
  return { count: histogram.totalCount, p50: ms(50), p95: ms(95), p99: ms(99) };
}

function record(histogram: Histogram, ms: number): void {
  histogram.recordValue(Math.min(Math.round(ms * 1000), HIGHEST_US));
}

/**
 * Distribution of the total and of each stage, in HDR histograms of microseconds. Percentiles of
 * stages do not add up to the percentile of the total: only the stages of one sample do.
 */
export class LatencyPercentiles {
  readonly #total = createHistogram();
  /** Coarser, so that it is small to send. */
  readonly #counts = new LatencyHistogram();
  readonly #stages = LATENCY_STAGES.map((stage) => ({ stage, histogram: createHistogram() }));

  record(sample: LatencySample): void {
    record(this.#total, sample.totalMs);
    this.#counts.record(sample.totalMs);
    for (const { stage, histogram } of this.#stages) record(histogram, sample.stages[stage]);
  }

  total(): Percentiles {
    return percentiles(this.#total);
  }

  report(): LatencyReport {
    const { p50, p95 } = this.total();
    const clickToPhoton = this.#counts.toCounts();
    if (clickToPhoton === undefined) return {};
    const stages = Object.entries(this.stages()).map(([stage, { p50 }]) => [stage, p50] as const);
    return {
      clickToPhotonP50Ms: p50,
      clickToPhotonP95Ms: p95,
      clickToPhoton,
      stagesP50Ms: Object.fromEntries(stages) as StageMedians,
    };
  }

  stages(): Readonly<Record<LatencyStage, Percentiles>> {
    const none: Percentiles = { count: 0, p50: 0, p95: 0, p99: 0 };
    const result = {
      uplink: none,
      wait: none,
      render: none,
      encode: none,
      network: none,
      decode: none,
      present: none,
    };
    for (const { stage, histogram } of this.#stages) result[stage] = percentiles(histogram);
    return result;
  }
}

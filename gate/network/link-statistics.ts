import { z } from 'zod';
import { Distribution } from '../distribution.ts';
import type { RateTrace } from './rate-trace.ts';

/** Length of one sample of a series. */
export const SAMPLE_MS = 100;

const SAMPLE_US = SAMPLE_MS * 1000;

/** Two hours: four times the longest run. Beyond it the oldest are forgotten. */
const MAX_SAMPLES = 72_000;

const countSchema = z.int().min(0);

/** One {@link SAMPLE_MS} of a link. Rates count the bytes of IP. */
export const linkSampleSchema = z.strictObject({
  /** When it began, since the start of the statistics. */
  atMs: z.number(),
  /** What could have left the bottleneck. */
  capacityBps: z.number(),
  /** What arrived at the far end. */
  deliveredBps: z.number(),
  /** How long a packet would wait for its turn that came at the end of the sample. */
  queueDelayMs: z.number(),
  /** The longest that a packet of this sample had to wait for its turn. */
  maxQueueDelayMs: z.number(),
  lost: countSchema,
  dropped: countSchema,
});
export type LinkSample = z.infer<typeof linkSampleSchema>;

/** One direction since the start of the statistics. Bytes are those of IP, headers included. */
export const linkStatisticsSchema = z.strictObject({
  packetsIn: countSchema,
  bytesIn: countSchema,
  packetsDelivered: countSchema,
  bytesDelivered: countSchema,
  /** By chance. */
  packetsLost: countSchema,
  /** At the tail of a full queue. */
  packetsDropped: countSchema,
  queueDelayMs: z.number(),
  /** How much later than due packets were delivered; 0 without any. */
  lateMs: z.strictObject({ p50: z.number(), p95: z.number(), max: z.number() }),
  series: z.array(linkSampleSchema).readonly(),
});
export type LinkStatistics = z.infer<typeof linkStatisticsSchema>;

/** Counts what happens on a link; samples close when the clock has passed them, without a timer. */
export class LinkRecorder {
  readonly #trace: RateTrace;
  readonly #startUs: number;
  readonly #late = new Distribution();
  #series: LinkSample[] = [];
  #sampleUs = 0;
  #sampleBytes = 0;
  #sampleLost = 0;
  #sampleDropped = 0;
  #sampleMaxWaitUs = 0;
  #packetsIn = 0;
  #bytesIn = 0;
  #packetsDelivered = 0;
  #bytesDelivered = 0;
  #packetsLost = 0;
  #packetsDropped = 0;

  /** @param trace begins at `startUs`, as the statistics do. */
  constructor(trace: RateTrace, startUs: number) {
    this.#trace = trace;
    this.#startUs = startUs;
  }

  /**
   * Closes the samples that are over. To be called before anything changes.
   * @param idleUs when the bottleneck has nothing left to send.
   */
  roll(nowUs: number, idleUs: number): void {
    const elapsedUs = nowUs - this.#startUs;
    while (this.#sampleUs + SAMPLE_US <= elapsedUs) {
      const endUs = this.#sampleUs + SAMPLE_US;
      this.#series.push({
        atMs: this.#sampleUs / 1000,
        capacityBps: (this.#trace.bytesBetween(this.#sampleUs, endUs) * 8e3) / SAMPLE_MS,
        deliveredBps: (this.#sampleBytes * 8e3) / SAMPLE_MS,
        queueDelayMs: Math.max(0, idleUs - this.#startUs - endUs) / 1000,
        maxQueueDelayMs: this.#sampleMaxWaitUs / 1000,
        lost: this.#sampleLost,
        dropped: this.#sampleDropped,
      });
      this.#sampleUs = endUs;
      this.#sampleBytes = 0;
      this.#sampleLost = 0;
      this.#sampleDropped = 0;
      this.#sampleMaxWaitUs = 0;
    }
    if (this.#series.length > 2 * MAX_SAMPLES) this.#series = this.#series.slice(-MAX_SAMPLES);
  }

  sent(bytes: number): void {
    this.#packetsIn++;
    this.#bytesIn += bytes;
  }

  lost(): void {
    this.#packetsLost++;
    this.#sampleLost++;
  }

  dropped(): void {
    this.#packetsDropped++;
    this.#sampleDropped++;
  }

  /** @param waitUs for its turn. */
  queued(waitUs: number): void {
    this.#sampleMaxWaitUs = Math.max(this.#sampleMaxWaitUs, waitUs);
  }

  delivered(bytes: number, lateUs: number): void {
    this.#packetsDelivered++;
    this.#bytesDelivered += bytes;
    this.#sampleBytes += bytes;
    this.#late.record(lateUs / 1000);
  }

  statistics(queueDelayMs: number): LinkStatistics {
    const late = (percent: number) => this.#late.percentile(percent) || 0;
    return {
      packetsIn: this.#packetsIn,
      bytesIn: this.#bytesIn,
      packetsDelivered: this.#packetsDelivered,
      bytesDelivered: this.#bytesDelivered,
      packetsLost: this.#packetsLost,
      packetsDropped: this.#packetsDropped,
      queueDelayMs,
      lateMs: { p50: late(50), p95: late(95), max: late(100) },
      series: this.#series.slice(-MAX_SAMPLES),
    };
  }
}

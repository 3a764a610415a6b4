import { z } from 'zod';
import { browserKindSchema } from './browser-kind.ts';
import { latencyCountsSchema, latencyTotal } from './latency-histogram.ts';
import { LATENCY_STAGES } from './latency-stages.ts';

/** Longest time that a report may tell of: thirty days. */
const MAX_MS = 30 * 24 * 60 * 60 * 1000;

const durationMsSchema = z.number().min(0).max(MAX_MS);

/** Longest that one stage of one input may take: the accounting counts no further. */
const MAX_STAGE_MS = 60_000;

/** More inputs than hands and the fastest mice make: what is beyond was made up. */
const MAX_INPUTS_PER_SECOND = 1000;
/** Inputs are counted before the first picture is, too. */
const UNCOUNTED_SECONDS = 60;

/** Of each stage of click-to-photon; one may be longer than the whole of another input. */
export const stageMediansSchema = z.record(
  z.enum(LATENCY_STAGES),
  z.number().min(0).max(MAX_STAGE_MS),
);
export type StageMedians = z.infer<typeof stageMediansSchema>;

/** How one session was, as the player's page measured it over everything shown. */
export const qualityReportSchema = z
  .strictObject({
    /** Median from an input to the first picture that shows it; undefined where none was measured. */
    clickToPhotonP50Ms: durationMsSchema.optional(),
    /** 95th percentile of the same; undefined together with the median. */
    clickToPhotonP95Ms: durationMsSchema.optional(),
    /** The whole distribution, so that those of many sessions can be merged; with the median alone. */
    clickToPhoton: latencyCountsSchema.optional(),
    /** Median of each stage, milliseconds; with the median alone. Medians do not add up. */
    stagesP50Ms: stageMediansSchema.optional(),
    /**
     * How far the machine's clock may have been misjudged in the stages of these times, at most: half
     * the shortest round trip and the drift since. Undefined where it was never measured.
     */
    clockErrorMs: durationMsSchema.optional(),
    /** Pictures shown. */
    frames: z.int().min(0).max(1_000_000_000),
    /** Times that no new picture came for more than max(3 × frame interval, 150 ms). */
    freezes: z.int().min(0).max(1_000_000_000),
    /** How long all of them lasted together. */
    frozenMs: durationMsSchema,
    /** How long pictures were shown. */
    playedMs: durationMsSchema,
    /** Mean of what was received. */
    bitrateBps: z.number().min(0).max(100_000_000_000),
    /** Of the last picture, in luma samples; 0 where there was none. */
    width: z.int().min(0).max(16_384),
    height: z.int().min(0).max(16_384),
    /** Pictures a second, mean. */
    frameRate: z.number().min(0).max(1000),
    /** What plays; undefined where the page does not tell. */
    browser: browserKindSchema.optional(),
  })
  .refine(
    ({ clickToPhotonP50Ms: p50, clickToPhotonP95Ms: p95 }) =>
      p50 === undefined || p95 === undefined ? p50 === p95 : p50 <= p95,
    'both percentiles of click-to-photon in their order, or neither',
  )
  .refine(
    ({ clickToPhotonP50Ms, clickToPhoton, stagesP50Ms }) =>
      clickToPhotonP50Ms !== undefined || (clickToPhoton ?? stagesP50Ms) === undefined,
    'a distribution, or stages, of no click-to-photon',
  )
  .refine(
    ({ clickToPhoton, playedMs }) =>
      clickToPhoton === undefined ||
      latencyTotal(clickToPhoton) <= MAX_INPUTS_PER_SECOND * (playedMs / 1000 + UNCOUNTED_SECONDS),
    'more inputs than anybody makes',
  );
export type QualityReport = z.infer<typeof qualityReportSchema>;

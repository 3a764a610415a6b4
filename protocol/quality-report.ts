import { z } from 'zod';

/** Longest time that a report may tell of: thirty days. */
const MAX_MS = 30 * 24 * 60 * 60 * 1000;

const durationMsSchema = z.number().min(0).max(MAX_MS);

/** How one session was, as the player's page measured it over everything shown. */
export const qualityReportSchema = z
  .strictObject({
    /** Median from an input to the first picture that shows it; undefined where none was measured. */
    clickToPhotonP50Ms: durationMsSchema.optional(),
    /** 95th percentile of the same; undefined together with the median. */
    clickToPhotonP95Ms: durationMsSchema.optional(),
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
  })
  .refine(
    ({ clickToPhotonP50Ms: p50, clickToPhotonP95Ms: p95 }) =>
      p50 === undefined || p95 === undefined ? p50 === p95 : p50 <= p95,
    'both percentiles of click-to-photon in their order, or neither',
  );
export type QualityReport = z.infer<typeof qualityReportSchema>;

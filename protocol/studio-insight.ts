import { z } from 'zod';
import { browserNameSchema } from './browser-kind.ts';
import { stageMediansSchema } from './quality-report.ts';
import { buildNumberSchema, channelSchema } from './studio-builds.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** Days that may be looked at, up to now. */
export const INSIGHT_DAYS = [1, 7, 30, 90] as const;
export const DEFAULT_INSIGHT_DAYS = 30;

/** How long one point of the plots is: so that there are at most 90 of them. */
export function insightSlotMs(days: (typeof INSIGHT_DAYS)[number]): number {
  if (days === 1) return HOUR_MS;
  return days === 7 ? 6 * HOUR_MS : DAY_MS;
}

/** The newest so many sessions are looked at. */
export const MAX_INSIGHT_SESSIONS = 10_000;

/** Fewer sessions than this that measured their delay, and two builds are not compared. */
export const MIN_COMPARED_SESSIONS = 30;

/** Regions are what operators call them. */
export const regionSchema = z.string().min(1).max(40);

const buildNumberTextSchema = z
  .string()
  .regex(/^\d{1,10}$/, 'the number of a build')
  .transform(Number)
  .pipe(buildNumberSchema);

/** What is looked at; a query's words. */
export const insightQuerySchema = z.strictObject({
  days: z
    .enum(INSIGHT_DAYS.map(String) as [string, ...string[]])
    .transform((text) => Number(text) as (typeof INSIGHT_DAYS)[number])
    .default(DEFAULT_INSIGHT_DAYS),
  build: buildNumberTextSchema.optional(),
  /**
   * What the build, or else the newest one, is compared with; where none is named, or nobody played
   * that one: the one before it.
   */
  against: buildNumberTextSchema.optional(),
  region: regionSchema.optional(),
  browser: browserNameSchema.optional(),
  /** Builds that were ever released there. */
  channel: channelSchema.optional(),
});
export type InsightQuery = z.infer<typeof insightQuerySchema>;

const shareSchema = z.number().min(0).max(1);
const amountSchema = z.number().min(0);

/** How some sessions were. Null: none of them measured that. */
export const insightFiguresSchema = z.strictObject({
  sessions: z.int().min(0),
  /** Different ones; who they are is told to nobody. */
  players: z.int().min(0),
  /** From their beginning to their end, or to now, all together. */
  lastedMs: amountSchema,
  /** Sessions that reported how their picture was. */
  reported: z.int().min(0),
  /** From an input to the first picture that shows it, over all inputs of all sessions. */
  clickToPhotonP50Ms: amountSchema.nullable(),
  clickToPhotonP95Ms: amountSchema.nullable(),
  /** The usual session's median of each stage. Medians do not add up. */
  stagesMs: stageMediansSchema.nullable(),
  /** Pictures a second, mean over what was shown. */
  frameRate: amountSchema.nullable(),
  freezesPerHour: amountSchema.nullable(),
  /** Of what was shown. */
  frozenShare: shareSchema.nullable(),
});
export type InsightFigures = z.infer<typeof insightFiguresSchema>;

/** By how much the newer build is slower; less than 0: it is faster. Milliseconds. */
export const latencyDifferenceSchema = z.strictObject({
  differenceMs: z.number(),
  /** Where the true one lies, 19 times of 20, by resampling sessions. */
  lowMs: z.number(),
  highMs: z.number(),
});
export type LatencyDifference = z.infer<typeof latencyDifferenceSchema>;

const comparedBuildSchema = z.strictObject({
  number: buildNumberSchema,
  /** That measured their delay. */
  sessions: z.int().min(0),
  clickToPhotonP50Ms: amountSchema.nullable(),
  clickToPhotonP95Ms: amountSchema.nullable(),
  stagesMs: stageMediansSchema.nullable(),
});
export type ComparedBuild = z.infer<typeof comparedBuildSchema>;

/**
 * - `slower`, `faster`: of p95, more than chance makes.
 * - `alike`: what there is of a difference may be chance, or is too small to be felt.
 * - `too-few`: too few sessions to tell.
 */
export const insightVerdictSchema = z.enum(['slower', 'faster', 'alike', 'too-few']);
export type InsightVerdict = z.infer<typeof insightVerdictSchema>;

export const buildComparisonSchema = z.strictObject({
  newer: comparedBuildSchema,
  older: comparedBuildSchema,
  verdict: insightVerdictSchema,
  /** Null where there are too few. */
  p50: latencyDifferenceSchema.nullable(),
  p95: latencyDifferenceSchema.nullable(),
});
export type BuildComparison = z.infer<typeof buildComparisonSchema>;

const timeMsSchema = z.int().min(0);

/**
 * The answer to `GET …/games/GAME/insight`. What is listed by build, region or browser leaves the filter
 * of its own kind aside, so that the others can be seen beside it.
 */
export const insightReportSchema = z.strictObject({
  nowMs: timeMsSchema,
  /** Of the first slot, which is whole. */
  fromMs: timeMsSchema,
  slotMs: z.int().min(1),
  /** Whether there were more sessions than are looked at: these are the newest. */
  limited: z.boolean(),
  total: insightFiguresSchema,
  /** Those with sessions, the oldest first. */
  slots: z.array(z.strictObject({ atMs: timeMsSchema, figures: insightFiguresSchema })),
  /** The newest first; null: a game that its container has itself. */
  builds: z.array(
    z.strictObject({
      number: buildNumberSchema.nullable(),
      label: z.string(),
      figures: insightFiguresSchema,
    }),
  ),
  /** Most sessions first, as browsers. */
  regions: z.array(z.strictObject({ region: z.string(), figures: insightFiguresSchema })),
  /** Null: its page did not tell. */
  browsers: z.array(
    z.strictObject({ browser: z.string().nullable(), figures: insightFiguresSchema }),
  ),
  /** What was ever released on, by name. */
  channels: z.array(channelSchema),
  /** Null where fewer than two builds were played. */
  comparison: buildComparisonSchema.nullable(),
});
export type InsightReport = z.infer<typeof insightReportSchema>;

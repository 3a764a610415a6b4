import { z } from 'zod';
import { RockpoolError } from '../protocol/errors.ts';
import { LATENCY_STAGES, type LatencyStage } from '../protocol/latency-stages.ts';
import { parseJson } from './json-text.ts';
import { DISTRIBUTION_NAMES, VALUE_NAMES } from './metrics.ts';

/** Grows with every change that a reader of the version before would not understand. */
export const RESULT_SCHEMA_VERSION = 1;

/** At most this many rows a second of a timeline: more than a plot shows. */
export const TIMELINE_HZ = 10;
const WORST_FRAMES = 10;

export const browserNameSchema = z.enum(['chromium', 'firefox']);
export type BrowserName = z.infer<typeof browserNameSchema>;

/** `b` is what is judged, always; `a` is what it is compared with, where there is something. */
const sideSchema = z.enum(['a', 'b']);
export type Side = z.infer<typeof sideSchema>;

const resultMachineSchema = z
  .strictObject({
    cores: z.int().positive(),
    model: z.string(),
    memoryGiB: z.number(),
    /** Kernel and distribution. */
    system: z.string(),
    /** Load average of the minute before the first run, which so does not hold the gate's own. */
    loadBefore: z.number(),
  })
  .meta({ description: 'The machine that the browser ran on.' });

const resultVersionsSchema = z.strictObject({
  rockpool: z.string(),
  /** Of the messages between page, signaling and container. */
  protocol: z.int(),
  node: z.string(),
  /** As each says of itself: `Chromium 140.0.7339.80`. */
  browsers: z.partialRecord(browserNameSchema, z.string()),
});

const judgedSchema = z.strictObject({
  /** As a person knows it: a git ref, or an address. */
  name: z.string(),
  url: z.string().optional(),
  /** Full hash. */
  commit: z.string().optional(),
});

const optionsSchema = z
  .strictObject({
    scenarios: z.array(z.string()),
    profiles: z.array(z.string()),
    browsers: z.array(browserNameSchema),
    /** Of each side. */
    runs: z.int().positive(),
    /** Of one run, where not the scenario decides. */
    seconds: z.number().positive().optional(),
    url: z.string().optional(),
    against: z.string().optional(),
    /** Paths. */
    baseline: z.string().optional(),
    budgets: z.string().optional(),
  })
  .meta({ description: 'What was asked for.' });

const atMs = z.number().nonnegative().meta({ description: 'Milliseconds since the run began.' });

/** What plots need. A figure that was not known at the time is absent. */
export const timelineRowSchema = z.strictObject({
  atMs,
  /** Of inputs shown since the row before: the worst. */
  clickToPhotonMs: z.number().nonnegative().optional(),
  /** Displayed, over the time since the row before. */
  framesPerSecond: z.number().nonnegative().optional(),
  /** Longest time between two pictures since the row before. */
  frameIntervalMs: z.number().nonnegative().optional(),
  bitrateBps: z.number().nonnegative().optional(),
  /** What the network's model let through at the time. */
  capacityBps: z.number().nonnegative().optional(),
  packetsLostShare: z.number().min(0).max(1).optional(),
});
export type TimelineRow = z.infer<typeof timelineRowSchema>;

const freezeSchema = z.strictObject({
  /** When the last picture before it was displayed. */
  atMs,
  /** From that to the next picture. */
  lengthMs: z.number().positive(),
});
export type ResultFreeze = z.infer<typeof freezeSchema>;

const stageMs = z.number().nonnegative();

const worstFrameSchema = z.strictObject({
  /** When the input happened. */
  atMs,
  frameNumber: z.int().nonnegative(),
  totalMs: z.number().nonnegative(),
  stages: z.strictObject(
    Object.fromEntries(LATENCY_STAGES.map((stage) => [stage, stageMs])) as Record<
      LatencyStage,
      typeof stageMs
    >,
  ),
});
export type WorstFrame = z.infer<typeof worstFrameSchema>;

const problemSchema = z.strictObject({
  /** Stable, for programs: `browser-saturated`, `no-picture`, … */
  code: z.string(),
  /** A sentence that says what to do. */
  what: z.string(),
});

const measurementSchema = z
  .strictObject({
    scenario: z.string(),
    profile: z.string(),
    browser: browserNameSchema,
    side: sideSchema,
    /** From 1. Runs of the two sides with the same number were neighbours in time: a pair. */
    run: z.int().positive(),
    /** ISO 8601. */
    startedAt: z.iso.datetime(),
    durationMs: z.number().nonnegative(),
    histograms: z.partialRecord(z.enum(DISTRIBUTION_NAMES), z.string()).meta({
      description:
        'HDR histograms of microseconds, 3 significant digits, in the V2 encoding, deflated, base64.',
    }),
    values: z.partialRecord(z.enum(VALUE_NAMES), z.number()),
    timeline: z.array(timelineRowSchema),
    freezes: z.array(freezeSchema),
    /** The longest from input to picture, the worst first. */
    worstFrames: z.array(worstFrameSchema).max(WORST_FRAMES),
    /** Why this run is no measurement; what it holds is shown and judges nothing. */
    problem: problemSchema.optional(),
  })
  .refine(({ timeline, durationMs }) => timeline.length <= (durationMs / 1000) * TIMELINE_HZ + 1, {
    path: ['timeline'],
    error: `has more than ${TIMELINE_HZ} rows a second`,
  });
export type Measurement = z.infer<typeof measurementSchema>;

/** A run of which nothing is measured. */
export function emptyMeasurement(
  run: Pick<Measurement, 'scenario' | 'profile' | 'browser' | 'side' | 'run' | 'startedAt'>,
): Measurement {
  const nothing = { durationMs: 0, histograms: {}, values: {} };
  return { ...run, ...nothing, timeline: [], freezes: [], worstFrames: [] };
}

const intervalSchema = z.strictObject({
  estimate: z.number(),
  low: z.number(),
  high: z.number(),
});
/** A figure and where it lies with the confidence that was asked for. */
export type Interval = z.infer<typeof intervalSchema>;

const verdictSchema = z.strictObject({
  /** As budgets name it: `clickToPhoton.p95Ms`, `firstFrameMs`. */
  figure: z.string(),
  scenario: z.string(),
  profile: z.string(),
  browser: browserNameSchema,
  /** A limit of its own, a stored result, or the other side of this one. */
  kind: z.enum(['limit', 'baseline', 'against']),
  outcome: z.enum(['pass', 'fail', 'undecided']),
  unit: z.string(),
  /** In words: `at most 60 ms`, `+2 ms over a`. */
  allowed: z.string(),
  /** From all runs together; absent where there was none. */
  measured: z.number().optional(),
  reference: z.number().optional(),
  /** Measured minus reference, in `unit`. */
  difference: intervalSchema.optional(),
  /** By how much it is worse than allowed, in `unit`; what the outcome follows from. */
  excess: intervalSchema.optional(),
  /** Runs of `b` that count, or pairs. */
  runs: z.int().nonnegative(),
  /** How many more would decide, as far as can be foreseen; only of what is undecided. */
  moreRuns: z.int().positive().optional(),
  /** A sentence. */
  why: z.string(),
});
export type Verdict = z.infer<typeof verdictSchema>;

export const resultSchema = z
  .strictObject({
    schemaVersion: z.literal(RESULT_SCHEMA_VERSION),
    /** ISO 8601. */
    startedAt: z.iso.datetime(),
    endedAt: z.iso.datetime(),
    /** As it was typed. */
    command: z.string(),
    machine: resultMachineSchema,
    versions: resultVersionsSchema,
    sides: z.strictObject({ a: judgedSchema.optional(), b: judgedSchema }),
    options: optionsSchema,
    measurements: z.array(measurementSchema),
    verdicts: z.array(verdictSchema),
    /** What a reader of the figures needs to know: what was skipped and why. */
    notes: z.array(z.string()),
  })
  .meta({ title: 'Result of rockpool bench' });

/** Everything one call of the gate measured and made of it. */
export type Result = z.infer<typeof resultSchema>;

/** For who reads results with other programs. */
export function resultJsonSchema(): unknown {
  return z.toJSONSchema(resultSchema);
}

const versionSchema = z.object({ schemaVersion: z.int() });

/**
 * @param name of the file, for the sentence.
 * @throws RockpoolError `bad-configuration` that says what is wrong with it.
 */
export function parseResult(text: string, name: string): Result {
  const json = parseJson(text, name);
  const version = versionSchema.safeParse(json);
  if (version.success && version.data.schemaVersion !== RESULT_SCHEMA_VERSION) {
    throw new RockpoolError(
      'bad-configuration',
      `${name} has schema version ${version.data.schemaVersion}; this Rockpool reads ${RESULT_SCHEMA_VERSION}. Measure it anew with this one.`,
    );
  }
  const result = resultSchema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue && issue.path.length > 0 ? ` at ${issue.path.join('.')}` : '';
  throw new RockpoolError(
    'bad-configuration',
    `${name} is no result of rockpool bench${where}: ${issue?.message ?? 'not understood'}.`,
  );
}

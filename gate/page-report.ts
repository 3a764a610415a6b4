import { z } from 'zod';
import { LATENCY_STAGES, type LatencyStage } from '../protocol/latency-stages.ts';

/** Milliseconds since the measurement began; what began before it is negative. */
const atMs = z.number();
const countSchema = z.number().min(0);

/** An input that the page's own accounting followed to the first picture that shows it. */
const followedInputSchema = z.object({
  inputAtMs: atMs,
  shownAtMs: atMs,
  frameNumber: z.number(),
  totalMs: z.number(),
  stages: z.object(
    Object.fromEntries(LATENCY_STAGES.map((stage) => [stage, z.number()])) as Record<
      LatencyStage,
      z.ZodNumber
    >,
  ),
});
export type FollowedInput = z.infer<typeof followedInputSchema>;
export const followedInputsSchema = z.array(followedInputSchema);

/** What the browser had counted of its connection by then. What it does not count is 0. */
const countersSchema = z.strictObject({
  atMs,
  bytesReceived: countSchema,
  packetsReceived: countSchema,
  /** Never came, or came too late; a packet that came twice takes one off. */
  packetsLost: z.number(),
  soundBytesReceived: countSchema,
  /** Times that the browser made sound up because none was there. */
  soundGaps: countSchema,
  /** Sum over {@link soundDelays}. */
  soundDelayMs: countSchema,
  soundDelays: countSchema,
});
export type Counters = z.infer<typeof countersSchema>;

/** What a page hands over of one measurement. */
export const pageReportSchema = z.strictObject({
  durationMs: z.number().min(0),
  /** As the player calls it at the end; a game goes on while it is `streaming`. */
  state: z.string(),
  /** What the page says of that to its player, where it says something. */
  stateDetail: z.string(),
  /** Whether it is the session that the measurement began with. */
  sameSession: z.boolean(),
  firstFrameMs: z.number().optional(),
  /** When the page was told of each picture. */
  framesMs: z.array(atMs),
  /** Pictures that the browser presented, told or not. */
  framesPresented: countSchema,
  counters: z.array(countersSchema),
  /** Of a timer set for a moment, how much later it ran. */
  timersLateMs: z.array(z.number()),
  /** What the gate's own code took of the page's main thread. */
  ownMs: z.number().min(0),
  /** How far the clocks of page and worker may be apart from what is believed. */
  clockErrorMs: z.number().optional(),
});
export type PageReport = z.infer<typeof pageReportSchema>;

/** When a measurement began, on the page's clock, milliseconds. */
export const startedSchema = z.number().min(0);

/** A picture that was taken out of a page. */
export const capturedSchema = z.strictObject({
  width: z.int().positive(),
  height: z.int().positive(),
  /** Full range, base64. */
  luma: z.base64(),
});

/** What the marks of a calibrated scene say. */
export const pixelReportSchema = z.object({
  samples: z.array(z.object({ inputAtMs: z.number(), shownAtMs: z.number() })),
  contradictions: countSchema,
  outstanding: countSchema,
  readCostsMs: z.array(z.number()),
});
export type GatePixelReport = z.infer<typeof pixelReportSchema>;

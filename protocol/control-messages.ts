import { z } from 'zod';
import { parseMessage, RockpoolError, wireErrorSchema } from './errors.ts';
import { gameInfoSchema } from './game-info.ts';
import { endReasonSchema } from './session-state.ts';
import { resolutionSchema, streamSettingsSchema, videoCodecSchema } from './stream-settings.ts';

/** Longest `control` message accepted, in UTF-16 code units. */
export const MAX_CONTROL_CHARS = 16_384;

/** Worker → browser, on the `control` channel. */
export const workerControlSchema = z.discriminatedUnion('type', [
  /** First message on every connection. */
  z.strictObject({
    type: z.literal('hello'),
    protocol: z.int(),
    game: gameInfoSchema,
    codec: videoCodecSchema,
    encoder: z.string().max(40),
    resolution: resolutionSchema,
    frameRate: z.int().positive(),
    bitrateBps: z.int().positive(),
    resumed: z.boolean(),
  }),
  /** The stream changed shape: a new resolution, rate, ceiling or encoder. */
  z.strictObject({
    type: z.literal('stream'),
    codec: videoCodecSchema,
    encoder: z.string().max(40),
    resolution: resolutionSchema,
    frameRate: z.int().positive(),
    bitrateBps: z.int().positive(),
  }),
  /** Health of the worker, once a second. */
  z.strictObject({
    type: z.literal('health'),
    eventLoopDelayP99Ms: z.number().min(0),
    framesPerSecond: z.number().min(0),
    bitrateBps: z.number().min(0),
    rssBytes: z.number().min(0),
    cpuFraction: z.number().min(0),
    droppedFrames: z.int().min(0),
    retransmittedPackets: z.int().min(0),
    rejectedMessages: z.int().min(0),
  }),
  z.strictObject({
    type: z.literal('rumble'),
    pad: z.int().min(0).max(3),
    /** 0 to 1. */
    strong: z.number().min(0).max(1),
    /** 0 to 1. */
    weak: z.number().min(0).max(1),
    durationMs: z.int().min(0).max(5000),
  }),
  /** The cursor the game wants to be shown. */
  z.strictObject({
    type: z.literal('cursor'),
    shape: z.enum(['default', 'none', 'crosshair', 'pointer']),
  }),
  /** What you sent was not understood; nothing was applied. */
  z.strictObject({ type: z.literal('error'), error: wireErrorSchema }),
  z.strictObject({
    type: z.literal('bye'),
    reason: endReasonSchema,
    detail: z.string().max(2000).optional(),
  }),
]);
export type WorkerControl = z.infer<typeof workerControlSchema>;

/** Browser → worker, on the `control` channel. */
export const browserControlSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('hello'), protocol: z.int() }),
  z.strictObject({ type: z.literal('settings'), settings: streamSettingsSchema }),
  /** Ask the encoder for a keyframe (a player that came back from a hidden tab). */
  z.strictObject({ type: z.literal('keyframe') }),
  /** The player leaves for good; the session ends without its grace period. */
  z.strictObject({ type: z.literal('bye') }),
]);
export type BrowserControl = z.infer<typeof browserControlSchema>;

function parseJson<T>(schema: z.ZodType<T>, text: string): T {
  if (text.length > MAX_CONTROL_CHARS) {
    throw new RockpoolError(
      'message-too-large',
      `A control message may have ${MAX_CONTROL_CHARS} characters, this one has ${text.length}.`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new RockpoolError('bad-message', 'A control message must be JSON.', { cause });
  }
  return parseMessage(schema, value, 'control message');
}

/** @throws RockpoolError `bad-message` or `message-too-large`. */
export function parseBrowserControl(text: string): BrowserControl {
  return parseJson(browserControlSchema, text);
}

/** @throws RockpoolError `bad-message` or `message-too-large`. */
export function parseWorkerControl(text: string): WorkerControl {
  return parseJson(workerControlSchema, text);
}

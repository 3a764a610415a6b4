import { z } from 'zod';
import { parseMessage, RockpoolError, wireErrorSchema } from './errors.ts';
import { gameInfoSchema } from './game-info.ts';
import { guestStandingSchema, sharingSchema } from './guest-messages.ts';
import { sessionProgressSchema } from './session-progress.ts';
import { endDetailSchema, endReasonSchema } from './session-state.ts';
import { pictureSizeSchema, streamSettingsSchema, videoCodecSchema } from './stream-settings.ts';

/** Longest `control` message accepted, in UTF-16 code units. */
export const MAX_CONTROL_CHARS = 16_384;

/** Longest picture of a cursor, base64. A cursor of 64 × 64 pixels has about 4 KB. */
export const MAX_CURSOR_CHARS = 12_288;

/** The cursor the game wants to be shown. */
const cursorSchema = z.discriminatedUnion('shape', [
  z.strictObject({
    type: z.literal('cursor'),
    shape: z.enum(['default', 'none', 'crosshair', 'pointer']),
  }),
  z.strictObject({
    type: z.literal('cursor'),
    shape: z.literal('image'),
    /** Base64 (RFC 4648 §4). */
    png: z.base64().max(MAX_CURSOR_CHARS),
    /** The pixel that points, in pixels of the game's picture as the sizes are. */
    hotspotX: z.int().min(0).max(255),
    hotspotY: z.int().min(0).max(255),
    width: z.int().min(1).max(256),
    height: z.int().min(1).max(256),
  }),
]);
export type CursorMessage = z.infer<typeof cursorSchema>;

/** What is being sent: `sent` is smaller than the game's own `resolution` while the network is. */
const streamShape = {
  codec: videoCodecSchema,
  encoder: z.string().max(40),
  resolution: pictureSizeSchema,
  frameRate: z.int().positive(),
  /** The most the encoder may produce, as the player chose. */
  bitrateBps: z.int().positive(),
  sent: z.strictObject({
    width: z.int().positive(),
    height: z.int().positive(),
    frameRate: z.int().positive(),
  }),
};

/** Worker → browser, on the `control` channel. */
export const workerControlSchema = z.discriminatedUnion('type', [
  /** First message on every connection. */
  z.strictObject({
    type: z.literal('hello'),
    protocol: z.int(),
    game: gameInfoSchema,
    resumed: z.boolean(),
    ...streamShape,
  }),
  /** The stream changed shape: a new size, rate, ceiling, codec or encoder. */
  z.strictObject({ type: z.literal('stream'), ...streamShape }),
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
    /** The network as the worker sees it. */
    network: z.strictObject({
      /** What the path is believed to carry, bits a second. */
      estimateBps: z.number().min(0),
      /** Of RTP packets, over the last second, 0 to 1. */
      fractionLost: z.number().min(0).max(1),
      /** Media round trip; null before the first report. */
      rttMs: z.number().min(0).nullable(),
      /** What waits in the worker to be sent. */
      pacerQueueMs: z.number().min(0),
      /** Share of the bytes sent that repair losses: retransmissions and error correction, 0 to 1. */
      repairFraction: z.number().min(0).max(1),
      /** Frames not encoded because the network was behind, since the connection began. */
      skippedFrames: z.int().min(0),
    }),
  }),
  /** The machine cannot keep up with the game, whatever is done about the picture; or it can again. */
  z.strictObject({ type: z.literal('machine'), keepsUp: z.boolean() }),
  z.strictObject({
    type: z.literal('rumble'),
    pad: z.int().min(0).max(3),
    /** 0 to 1. */
    strong: z.number().min(0).max(1),
    /** 0 to 1. */
    weak: z.number().min(0).max(1),
    durationMs: z.int().min(0).max(5000),
  }),
  cursorSchema,
  /** To the player: who else is here, and which links are open. Told at every change. */
  z.strictObject({ type: z.literal('sharing'), ...sharingSchema.shape }),
  /** To a guest: what they may do here, and how it goes. */
  z.strictObject({ type: z.literal('guest'), ...guestStandingSchema.shape }),
  /** There is no picture yet, and this is why. Told again every second until there is. */
  z.strictObject({ type: z.literal('progress'), ...sessionProgressSchema.shape }),
  /** What you sent was not understood; nothing was applied. */
  z.strictObject({ type: z.literal('error'), error: wireErrorSchema }),
  z.strictObject({
    type: z.literal('bye'),
    reason: endReasonSchema,
    detail: endDetailSchema.optional(),
  }),
]);
export type WorkerControl = z.infer<typeof workerControlSchema>;

/** Browser → worker, on the `control` channel. */
export const browserControlSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('hello'), protocol: z.int() }),
  z.strictObject({ type: z.literal('settings'), settings: streamSettingsSchema }),
  /** The picture cannot go on without a keyframe. */
  z.strictObject({ type: z.literal('keyframe') }),
  /** A hidden page is sent no picture; one that is visible again gets a keyframe at once. */
  z.strictObject({ type: z.literal('visibility'), visible: z.boolean() }),
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

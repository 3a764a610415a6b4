import { z } from 'zod';
import { buildManifestSchema } from '../../protocol/build-manifest.ts';
import { bytesSchema } from '../../protocol/bytes.ts';
import {
  encoderReportSchema,
  gpuReportSchema,
  MAX_COVER_BYTES,
} from '../../protocol/container-messages.ts';
import { wireErrorSchema } from '../../protocol/errors.ts';
import { guestAnswerSchema, guestRequestSchema } from '../../protocol/guest-messages.ts';
import { gameIdSchema, guestIdSchema, sessionIdSchema } from '../../protocol/ids.ts';
import { MAX_SAVE_BYTES } from '../../protocol/save-order.ts';
import { sessionProgressSchema } from '../../protocol/session-progress.ts';
import { iceServerSchema, sessionSignalSchema } from '../../protocol/session-signal.ts';
import {
  endDetailSchema,
  endReasonSchema,
  sessionStateSchema,
} from '../../protocol/session-state.ts';
import {
  pictureSizeSchema,
  resolutionSchema,
  streamSettingsSchema,
  videoCodecSchema,
} from '../../protocol/stream-settings.ts';

const saveSchema = bytesSchema(MAX_SAVE_BYTES);

/** The rate that a network was last seen to carry. */
export const networkRateSchema = z.strictObject({
  /** Address prefix of the player's side, such as `203.0.113.0/24` or `2001:db8:1::/48`. */
  network: z.string().min(1).max(64),
  bitrateBps: z.number().positive(),
});
export type NetworkRate = z.infer<typeof networkRateSchema>;

/** A peer connection to make: the first of a session, or one more after a resume. */
const connectSchema = z.strictObject({
  type: z.literal('connect'),
  attempt: z.int().min(0),
  settings: streamSettingsSchema,
  codecs: z.array(videoCodecSchema).min(1),
  iceServers: z.array(iceServerSchema),
  /** Connect through a relay and in no other way. */
  relayOnly: z.boolean(),
});

/** The build to play, and what the operator lets it do. */
export const buildOrderSchema = z.strictObject({
  folder: z.string().startsWith('/'),
  manifest: buildManifestSchema,
  allowed: z.strictObject({
    network: z.boolean(),
    windowLimitMs: z.int().positive().exactOptional(),
  }),
});

/** SDP and ICE of a guest's connection, either way. */
const guestSignalSchema = z.strictObject({
  type: z.literal('guest-signal'),
  guestId: guestIdSchema,
  attempt: sessionSignalSchema.shape.attempt,
  payload: sessionSignalSchema.shape.payload,
});

const delayMsSchema = z.int().min(0).max(1000);
const stageDelaysSchema = z.strictObject({ renderMs: delayMsSchema, encodeMs: delayMsSchema });

/** Agent → session worker. */
export const toWorkerSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('start'),
    sessionId: sessionIdSchema,
    gameId: gameIdSchema,
    /** Undefined where the game is built in. */
    build: buildOrderSchema.optional(),
    seed: z.int().min(0).max(0xffff_ffff),
    save: saveSchema.optional(),
    /** The encoders that passed the probe, best first. */
    encoders: z.array(encoderReportSchema),
    /** What `resolution: 'auto'` starts with. */
    autoResolution: pictureSizeSchema,
    loopbackOnly: z.boolean(),
    extraAddresses: z.array(z.string()),
    portRange: z.tuple([z.int(), z.int()]).optional(),
    /** Rates this player's networks carried before. */
    knownRates: z.array(networkRateSchema).max(8),
    /** Least and most milliseconds a browser may hold a picture back, multiples of 10. */
    playoutDelayMs: z.tuple([z.int().min(0).max(40_950), z.int().min(0).max(40_950)]),
    /** False where the game may not start before the agent says `prepared`. */
    prepared: z.boolean(),
    /** Guests who watch at once, at most. */
    maxSpectators: z.int().min(0),
    /** Only where the operator asks for it: how much later than they are stages end. */
    delays: stageDelaysSchema.optional(),
    connect: connectSchema,
    /** Only offer the connection: what follows is the same order without this, or `release`. */
    trial: z.boolean().optional(),
  }),
  connectSchema,
  z.strictObject({
    type: z.literal('signal'),
    attempt: sessionSignalSchema.shape.attempt,
    payload: sessionSignalSchema.shape.payload,
  }),
  /** Why the game does not start yet. */
  z.strictObject({ type: z.literal('progress'), progress: sessionProgressSchema }),
  z.strictObject({ type: z.literal('prepared') }),
  /** Close the connection that was tried, and be as before. */
  z.strictObject({ type: z.literal('release') }),
  /** Answered with `guest-answer`. */
  z.strictObject({
    type: z.literal('guest-request'),
    requestId: z.int().min(0),
    request: guestRequestSchema,
    /** The machine has room to encode the picture once more, in another codec. */
    mayEncodeAnother: z.boolean(),
  }),
  guestSignalSchema,
  z.strictObject({
    type: z.literal('end'),
    reason: endReasonSchema,
    detail: endDetailSchema.optional(),
  }),
]);
export type ToWorker = z.infer<typeof toWorkerSchema>;
export type ConnectOrder = z.infer<typeof connectSchema>;
export type StartOrder = Extract<ToWorker, { type: 'start' }>;

/** Session worker → agent. */
export const fromWorkerSchema = z.discriminatedUnion('type', [
  /** Native libraries are loaded, the GPU is open: a session can start at once. */
  z.strictObject({ type: z.literal('ready') }),
  /** Nothing is left of the connection that was released. */
  z.strictObject({ type: z.literal('clean') }),
  z.strictObject({
    type: z.literal('signal'),
    attempt: sessionSignalSchema.shape.attempt,
    payload: sessionSignalSchema.shape.payload,
  }),
  z.strictObject({ type: z.literal('state'), state: sessionStateSchema }),
  /** Nothing more is played; a last save may follow. */
  z.strictObject({ type: z.literal('ending') }),
  z.strictObject({ type: z.literal('save'), save: saveSchema }),
  z.strictObject({ type: z.literal('rate'), rate: networkRateSchema }),
  z.strictObject({
    type: z.literal('guest-answer'),
    requestId: z.int().min(0),
    reply: z.discriminatedUnion('ok', [
      z.strictObject({ ok: z.literal(true), value: guestAnswerSchema }),
      z.strictObject({ ok: z.literal(false), error: wireErrorSchema }),
    ]),
  }),
  guestSignalSchema,
  /** In so many codecs the picture is encoded from now on. */
  z.strictObject({ type: z.literal('encodings'), count: z.int().min(1) }),
  z.strictObject({
    type: z.literal('guest-gone'),
    guestId: guestIdSchema,
    reason: endReasonSchema,
  }),
  z.strictObject({
    type: z.literal('ended'),
    reason: endReasonSchema,
    detail: endDetailSchema.optional(),
  }),
]);
export type FromWorker = z.infer<typeof fromWorkerSchema>;

/** Agent → probe worker, once. */
export const probeOrderSchema = z.strictObject({
  type: z.literal('probe'),
  /** Names of the encoders to try, best first; undefined: all. */
  encoders: z.array(z.string()).optional(),
  /** Built-in games to measure. */
  games: z.array(gameIdSchema),
  /** Those of them whose cover is to be rendered. */
  covers: z.array(gameIdSchema),
  /** Pictures to make covers of. */
  coverFiles: z.array(z.strictObject({ gameId: gameIdSchema, path: z.string() })),
});

export type ProbeOrder = z.infer<typeof probeOrderSchema>;

/** Probe worker → agent: what the machine can do, then its covers one by one. */
export const fromProbeSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('capabilities'),
    encoders: z.array(encoderReportSchema),
    gpu: gpuReportSchema,
    /** Why there is no GPU, with what to install. */
    gpuAdvice: z.string().optional(),
    games: z.array(z.strictObject({ gameId: gameIdSchema, autoResolution: resolutionSchema })),
  }),
  z.strictObject({
    type: z.literal('cover'),
    gameId: gameIdSchema,
    webp: bytesSchema(MAX_COVER_BYTES),
  }),
]);
export type FromProbe = z.infer<typeof fromProbeSchema>;

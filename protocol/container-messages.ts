import { z } from 'zod';
import { buildOrderSchema, containerBuildsSchema, warmBuildsSchema } from './build-order.ts';
import { bytesSchema } from './bytes.ts';
import { capacitySchema } from './capacity.ts';
import { logAnswerSchema } from './console-log.ts';
import { wireErrorSchema } from './errors.ts';
import { gameInfoSchema } from './game-info.ts';
import {
  guestAnswerSchema,
  guestEndedSchema,
  guestOrderSchema,
  guestSignalSchema,
} from './guest-messages.ts';
import { gameIdSchema, playerIdSchema, sessionIdSchema } from './ids.ts';
import {
  emptySchema,
  type OneWayEvents,
  type RequestEvents,
  sessionEndedSchema,
} from './player-messages.ts';
import { saveOrderSchema } from './save-order.ts';
import { iceServerSchema, sessionSignalSchema } from './session-signal.ts';
import { sessionStateSchema } from './session-state.ts';
import { streamSettingsSchema, videoCodecSchema } from './stream-settings.ts';
import { buildIdSchema } from './studio-builds.ts';
import { tryOutRequestSchema } from './try-out-messages.ts';

/** socket.io namespace of containers. */
export const CONTAINER_NAMESPACE = '/container';

/** A cover is a 16:9 WebP of at most this many bytes. */
export const MAX_COVER_BYTES = 262_144;

/** An Ed25519 public key (RFC 8032 §5.1.5): 32 bytes as base64url, whose last digit has two bits unused. */
export const publicKeySchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/, 'an Ed25519 public key as base64url');

/** Handshake `auth` of a container. Its id is the fingerprint of the key: see container-identity.ts. */
export const containerHelloSchema = z.strictObject({
  protocol: z.int(),
  joinToken: z.string().min(1).max(512),
  publicKey: publicKeySchema,
  name: z.string().min(1).max(80),
  region: z.string().min(1).max(40),
});
export type ContainerHello = z.infer<typeof containerHelloSchema>;

/** One encoder as the start-up probe measured it. */
export const encoderReportSchema = z.strictObject({
  name: z.string().max(40),
  codec: videoCodecSchema,
  hardware: z.boolean(),
  /** Luma samples encoded per second in the probe. */
  pixelsPerSecond: z.number().positive(),
});
export type EncoderReport = z.infer<typeof encoderReportSchema>;

export const gpuReportSchema = z.strictObject({
  kind: z.enum(['hardware', 'software', 'none']),
  description: z.string().max(200),
});
export type GpuReport = z.infer<typeof gpuReportSchema>;

/** A session that survived a lost signaling connection, told again on re-joining. */
export const runningSessionSchema = z.strictObject({
  sessionId: sessionIdSchema,
  playerId: playerIdSchema,
  gameId: gameIdSchema,
  state: sessionStateSchema,
  attempt: z.int().min(0),
  /** Of a studio's game: what is played. */
  buildId: buildIdSchema.optional(),
});
export type RunningSession = z.infer<typeof runningSessionSchema>;

/** A game that a container has. */
export const containerGameSchema = gameInfoSchema.extend({
  /** What a session takes, at the default frame rate and the size that suits the container. */
  needs: capacitySchema,
  needsGpu: z.boolean(),
});
export type ContainerGame = z.infer<typeof containerGameSchema>;

/** What a container has. */
export const joinRequestSchema = z.strictObject({
  /** Sessions at once, however little each takes. */
  slots: z.int().min(0).max(1024),
  /** Of all sessions together. */
  capacity: capacitySchema,
  /** In the pool's own unit; 0 is free. */
  pricePerHour: z.number().min(0).max(1_000_000),
  games: z.array(containerGameSchema).max(1000),
  builds: containerBuildsSchema,
  encoders: z.array(encoderReportSchema).max(32),
  gpu: gpuReportSchema,
  sessions: z.array(runningSessionSchema).max(1024),
});
export type JoinRequest = z.infer<typeof joinRequestSchema>;

/** A thousand games at about 1 KiB and ten thousand builds at 40 bytes each, and a third more as base64url. */
export const MAX_STATEMENT_CHARS = 2_000_000;

/**
 * `join`, container → signaling: what I have, as a statement signed with my key (a compact JWS, RFC 7515
 * §7.1); answered before any assignment is made.
 */
export const signedJoinSchema = z.strictObject({
  statement: z.string().min(1).max(MAX_STATEMENT_CHARS),
});

/** `cover`, container → signaling: the library picture of a game, rendered by the game itself. */
export const coverSchema = z.strictObject({
  gameId: gameIdSchema,
  webp: bytesSchema(MAX_COVER_BYTES),
});
export type Cover = z.infer<typeof coverSchema>;

/** A container tells its load at least this often, in milliseconds. */
export const LOAD_INTERVAL_MS = 5_000;

/**
 * `load`, container → signaling: sent on every change, and as a heartbeat. `standby` means a session
 * may be assigned. It carries no time: the clocks of others prove nothing.
 */
export const containerLoadSchema = z.strictObject({
  state: z.enum(['standby', 'busy', 'draining']),
  freeSlots: z.int().min(0).max(1024),
  free: capacitySchema,
});
export type ContainerLoad = z.infer<typeof containerLoadSchema>;

/** `session-state`, container → signaling. */
export const sessionStateChangeSchema = z.strictObject({
  sessionId: sessionIdSchema,
  state: sessionStateSchema,
});
export type SessionStateChange = z.infer<typeof sessionStateChangeSchema>;

/** `resume`, signaling → container: a new peer connection for a running session. */
export const resumeRequestSchema = z.strictObject({
  sessionId: sessionIdSchema,
  playerId: playerIdSchema,
  gameId: gameIdSchema,
  settings: streamSettingsSchema,
  codecs: z.array(videoCodecSchema).min(1).max(8),
  iceServers: z.array(iceServerSchema),
  /** Connect through a relay and in no other way. */
  relayOnly: z.boolean().optional(),
});
export type ResumeRequest = z.infer<typeof resumeRequestSchema>;

/** `assign`, signaling → container: start this game for this player and send an offer. */
export const assignRequestSchema = resumeRequestSchema.extend({
  /** Left out where the container has the game of its own. */
  build: buildOrderSchema.optional(),
  /** Left out where saves are to stay on the container. */
  save: saveOrderSchema.optional(),
});
export type AssignRequest = z.infer<typeof assignRequestSchema>;

/** Longest time that a place is kept for a player who has been offered it, in milliseconds. */
export const MAX_RESERVATION_MS = 60_000;

/**
 * `reserve`, signaling → container: keep room for this session. The container alone decides what it has
 * room for, and forgets a reservation that is neither assigned nor ended in time.
 */
export const reserveRequestSchema = z.strictObject({
  sessionId: sessionIdSchema,
  gameId: gameIdSchema,
  /** As in `assign`. */
  build: buildOrderSchema.optional(),
  settings: streamSettingsSchema,
  holdMs: z.int().min(1).max(MAX_RESERVATION_MS),
});
export type ReserveRequest = z.infer<typeof reserveRequestSchema>;

/** Longest time that a container keeps a connection that waits for its game, in milliseconds. */
export const MAX_TRIAL_MS = 10_000;

/**
 * `trial`, signaling → container: keep room for this session and offer its first connection, all of it,
 * but start no game. What is neither confirmed nor ended in time is forgotten.
 */
export const trialRequestSchema = resumeRequestSchema.extend({
  /** As in `assign`; `confirm` starts the same. */
  build: buildOrderSchema.optional(),
  holdMs: z.int().min(1).max(MAX_TRIAL_MS),
});
export type TrialRequest = z.infer<typeof trialRequestSchema>;

/** `confirm`, signaling → container: start the game of a trial, on the connection it made. */
export const confirmRequestSchema = z.strictObject({
  sessionId: sessionIdSchema,
  playerId: playerIdSchema,
  gameId: gameIdSchema,
  /** Left out where saves are to stay on the container. */
  save: saveOrderSchema.optional(),
});
export type ConfirmRequest = z.infer<typeof confirmRequestSchema>;

export const assignAnswerSchema = z.strictObject({ attempt: z.int().min(0) });
export type AssignAnswer = z.infer<typeof assignAnswerSchema>;

/** `end`, signaling → container: a session, a reservation, or a trial. */
export const endRequestSchema = z.strictObject({ sessionId: sessionIdSchema });
export type EndRequest = z.infer<typeof endRequestSchema>;

/** Events a container sends, with the schema of payload and answer. */
export const containerRequests = {
  join: { payload: signedJoinSchema, answer: emptySchema },
  cover: { payload: coverSchema, answer: emptySchema },
  load: { payload: containerLoadSchema, answer: emptySchema },
  'warm-builds': { payload: warmBuildsSchema, answer: emptySchema },
  signal: { payload: sessionSignalSchema, answer: emptySchema },
  'session-state': { payload: sessionStateChangeSchema, answer: emptySchema },
  'session-ended': { payload: sessionEndedSchema, answer: emptySchema },
  'guest-signal': { payload: guestSignalSchema, answer: emptySchema },
  'guest-ended': { payload: guestEndedSchema, answer: emptySchema },
} as const;

/**
 * Events signaling sends a container. `prefetch` has it get a build when it has nothing better to do,
 * which it may leave undone; `echo` measures the round trip; its provider's console sends
 * `drain` (take no new session), `reopen` (take some again) and `log`, each answered at once.
 */
export const containerCommands = {
  reserve: { payload: reserveRequestSchema, answer: emptySchema },
  assign: { payload: assignRequestSchema, answer: assignAnswerSchema },
  resume: { payload: resumeRequestSchema, answer: assignAnswerSchema },
  trial: { payload: trialRequestSchema, answer: emptySchema },
  confirm: { payload: confirmRequestSchema, answer: assignAnswerSchema },
  end: { payload: endRequestSchema, answer: emptySchema },
  prefetch: { payload: buildOrderSchema, answer: emptySchema },
  'try-out': { payload: tryOutRequestSchema, answer: emptySchema },
  signal: { payload: sessionSignalSchema, answer: emptySchema },
  echo: { payload: emptySchema, answer: emptySchema },
  drain: { payload: emptySchema, answer: emptySchema },
  reopen: { payload: emptySchema, answer: emptySchema },
  log: { payload: emptySchema, answer: logAnswerSchema },
  guests: { payload: guestOrderSchema, answer: guestAnswerSchema },
  'guest-signal': { payload: guestSignalSchema, answer: emptySchema },
} as const;

/** One-way events to a container. `refused` precedes a disconnect and says why. */
export const containerNotices = { refused: wireErrorSchema } as const;

export type SignalingToContainer = RequestEvents<typeof containerCommands> &
  OneWayEvents<typeof containerNotices>;

import { z } from 'zod';
import { wireErrorSchema } from './errors.ts';
import {
  containerIdSchema,
  gameIdSchema,
  playerIdSchema,
  sessionIdSchema,
  tokenSchema,
} from './ids.ts';
import { iceServerSchema, sessionSignalSchema } from './session-signal.ts';
import { endDetailSchema, endReasonSchema } from './session-state.ts';
import { streamSettingsSchema, videoCodecSchema } from './stream-settings.ts';

/** socket.io namespace of players (browsers). */
export const PLAYER_NAMESPACE = '/player';

/** Handshake `auth` of a player. A missing or expired token is answered with a new guest identity. */
export const playerHelloSchema = z.strictObject({
  protocol: z.int(),
  token: tokenSchema.optional(),
});
export type PlayerHello = z.infer<typeof playerHelloSchema>;

/** `welcome`, signaling → player: who you are, first thing after connecting. */
export const playerWelcomeSchema = z.strictObject({
  protocol: z.int(),
  playerId: playerIdSchema,
  token: tokenSchema,
  iceServers: z.array(iceServerSchema),
});
export type PlayerWelcome = z.infer<typeof playerWelcomeSchema>;

/** `play`, player → signaling: a new session, or with `resume` the same one on a new connection. */
export const playRequestSchema = z.strictObject({
  gameId: gameIdSchema,
  settings: streamSettingsSchema,
  /** What this browser can decode, best first. */
  codecs: z.array(videoCodecSchema).min(1).max(8),
  resume: z.strictObject({ sessionId: sessionIdSchema, resumeToken: tokenSchema }).optional(),
});
export type PlayRequest = z.infer<typeof playRequestSchema>;

export const playGrantSchema = z.strictObject({
  sessionId: sessionIdSchema,
  /** Proof that this session is yours; kept by the tab, presented to resume it. */
  resumeToken: tokenSchema,
  containerId: containerIdSchema,
  containerName: z.string().max(80),
  /** False when a resume was asked for but that session is over, and this is a new one. */
  resumed: z.boolean(),
  /** The number of the peer connection to expect an offer for. */
  attempt: z.int().min(0),
});
export type PlayGrant = z.infer<typeof playGrantSchema>;

/** `attach`, player → signaling: after a lost socket, relay this running session to me again. */
export const attachRequestSchema = z.strictObject({
  sessionId: sessionIdSchema,
  resumeToken: tokenSchema,
});
export type AttachRequest = z.infer<typeof attachRequestSchema>;

/** `leave`, player → signaling: end my session. */
export const leaveRequestSchema = z.strictObject({ sessionId: sessionIdSchema });
export type LeaveRequest = z.infer<typeof leaveRequestSchema>;

/** `session-ended`, signaling → player (and container → signaling). */
export const sessionEndedSchema = z.strictObject({
  sessionId: sessionIdSchema,
  reason: endReasonSchema,
  detail: endDetailSchema.optional(),
});
export type SessionEnded = z.infer<typeof sessionEndedSchema>;

/** Every request is acknowledged with its answer or a typed error. */
export function ackSchema<T extends z.ZodType>(answer: T) {
  return z.discriminatedUnion('ok', [
    z.strictObject({ ok: z.literal(true), value: answer }),
    z.strictObject({ ok: z.literal(false), error: wireErrorSchema }),
  ]);
}
export type Ack<T> = { ok: true; value: T } | { ok: false; error: z.infer<typeof wireErrorSchema> };

export const emptySchema = z.strictObject({});
export type Empty = z.infer<typeof emptySchema>;

/** Events a player sends, with the schema of payload and answer. */
export const playerRequests = {
  play: { payload: playRequestSchema, answer: playGrantSchema },
  attach: { payload: attachRequestSchema, answer: emptySchema },
  leave: { payload: leaveRequestSchema, answer: emptySchema },
  signal: { payload: sessionSignalSchema, answer: emptySchema },
} as const;

/** Events signaling sends to a player. `refused` precedes a disconnect and says why. */
export const playerEvents = {
  welcome: playerWelcomeSchema,
  signal: sessionSignalSchema,
  'session-ended': sessionEndedSchema,
  refused: wireErrorSchema,
} as const;

/** The socket.io event map of a table of requests. */
export type RequestEvents<T extends Record<string, { payload: z.ZodType; answer: z.ZodType }>> = {
  [K in keyof T]: (
    payload: z.infer<T[K]['payload']>,
    ack: (answer: Ack<z.infer<T[K]['answer']>>) => void,
  ) => void;
};

/** The socket.io event map of a table of one-way events. */
export type OneWayEvents<T extends Record<string, z.ZodType>> = {
  [K in keyof T]: (payload: z.infer<T[K]>) => void;
};

export type SignalingToPlayer = OneWayEvents<typeof playerEvents>;

import { z } from 'zod';
import { parseMessage, RockpoolError, wireErrorSchema } from './errors.ts';
import {
  guestGrantSchema,
  guestJoinSchema,
  guestLeaveSchema,
  shareAnswerSchema,
  shareRequestSchema,
} from './guest-messages.ts';
import {
  containerIdSchema,
  gameIdSchema,
  playerIdSchema,
  sessionIdSchema,
  ticketIdSchema,
  tokenSchema,
} from './ids.ts';
import { pairingDecisionSchema } from './pairing-decision.ts';
import {
  chooseRequestSchema,
  knownPathSchema,
  MAX_KNOWN_PATHS,
  MAX_TRIED,
  triedContainerSchema,
} from './path-trial.ts';
import { qualityReportSchema } from './quality-report.ts';
import { iceServerSchema, sessionSignalSchema } from './session-signal.ts';
import { endDetailSchema, endReasonSchema } from './session-state.ts';
import { streamSettingsSchema, videoCodecSchema } from './stream-settings.ts';
import { channelSchema } from './studio-builds.ts';

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
  /** Connect through a relay and in no other way. */
  relayOnly: z.boolean().optional(),
});
export type PlayerWelcome = z.infer<typeof playerWelcomeSchema>;

/** `play`, player → signaling: a new session, or with `resume` the same one on a new connection. */
export const playRequestSchema = z.strictObject({
  gameId: gameIdSchema,
  settings: streamSettingsSchema,
  /** What this browser can decode, best first. */
  codecs: z.array(videoCodecSchema).min(1).max(8),
  resume: z
    .strictObject({
      sessionId: sessionIdSchema,
      resumeToken: tokenSchema,
      /** Nothing comes from the container any more: where it has lost signaling too, it is gone. */
      silent: z.boolean().optional(),
    })
    .optional(),
  /** Of a studio's game; left out: `live`. */
  channel: channelSchema.optional(),
  /** Resume token of a session that this one takes the place of: it goes on with the same build. */
  follows: tokenSchema.optional(),
  /** Of an earlier answer: the place in the line to take again. */
  placeToken: tokenSchema.optional(),
  /** What this browser remembers of the ways to containers. */
  knownPaths: z.array(knownPathSchema).max(MAX_KNOWN_PATHS).optional(),
  /** It may be answered with containers to try. */
  mayMeasure: z.boolean().optional(),
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

/** How long a free place is kept for the player whose turn it is, in milliseconds. */
export const OFFER_HOLD_MS = 20_000;

/** Where a player stands who waits for a free place. */
export const placeSchema = z.strictObject({
  ticketId: ticketIdSchema,
  /** 1 is the next. */
  position: z.int().min(1),
  /** Players who wait for this game. */
  waiting: z.int().min(1),
  /** That have the game, however full. */
  machines: z.int().min(0),
  /** From how long sessions of this game lasted; null where too few are known. */
  expectedWaitMs: z.number().min(0).nullable(),
});
export type Place = z.infer<typeof placeSchema>;

const grantedSchema = z.strictObject({ kind: z.literal('granted'), grant: playGrantSchema });
const waitingSchema = z.strictObject({
  kind: z.literal('waiting'),
  place: placeSchema,
  /** Proof of since when this player waits: the place outlives a lost connection. */
  placeToken: tokenSchema,
});
const measureSchema = z.strictObject({
  kind: z.literal('measure'),
  /** Best first, by what is known. Each is about to offer the first connection of its session. */
  candidates: z.array(triedContainerSchema).min(2).max(MAX_TRIED),
});

/** The answer to `play`: a session, a place in the line, or containers to try before one is chosen. */
export const playAnswerSchema = z.discriminatedUnion('kind', [
  grantedSchema,
  waitingSchema,
  measureSchema,
]);
export type PlayAnswer = z.infer<typeof playAnswerSchema>;
export type MeasureAnswer = z.infer<typeof measureSchema>;

/** The answer to `choose`. */
export const choiceSchema = z.discriminatedUnion('kind', [grantedSchema, waitingSchema]);
export type Choice = z.infer<typeof choiceSchema>;

/** `offer`, signaling → player: it is your turn; `accept` within the time. */
export const offerSchema = z.strictObject({
  ticketId: ticketIdSchema,
  holdMs: z.number().min(0),
  containerName: z.string().max(80),
});
export type Offer = z.infer<typeof offerSchema>;

/** `accept`, player → signaling, and `leave-line`, which gives the place up. */
export const ticketRequestSchema = z.strictObject({ ticketId: ticketIdSchema });
export type TicketRequest = z.infer<typeof ticketRequestSchema>;

/** `attach`, player → signaling: after a lost socket, relay this running session to me again. */
export const attachRequestSchema = z.strictObject({
  sessionId: sessionIdSchema,
  resumeToken: tokenSchema,
});
export type AttachRequest = z.infer<typeof attachRequestSchema>;

/** `move`, player → signaling: the machine of my session does not keep up with it. */
export const moveRequestSchema = z.strictObject({
  sessionId: sessionIdSchema,
  settings: streamSettingsSchema,
  codecs: z.array(videoCodecSchema).min(1).max(8),
});
export type MoveRequest = z.infer<typeof moveRequestSchema>;

/** Nothing clearly better is free, or no machine keeps up with this game. */
export const stayReasonSchema = z.enum(['no-better-place', 'too-heavy']);
export type StayReason = z.infer<typeof stayReasonSchema>;

/** The answer to `move`: the session that takes the place of that one, which is over; or it goes on. */
export const moveAnswerSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('moved'), grant: playGrantSchema }),
  z.strictObject({ kind: z.literal('stays'), why: stayReasonSchema }),
]);
export type MoveAnswer = z.infer<typeof moveAnswerSchema>;

/** `leave`, player → signaling: end my session. */
export const leaveRequestSchema = z.strictObject({ sessionId: sessionIdSchema });
export type LeaveRequest = z.infer<typeof leaveRequestSchema>;

/** `quality`, player → signaling: how my session was so far; the last one counts. */
export const qualityMessageSchema = z.strictObject({
  sessionId: sessionIdSchema,
  report: qualityReportSchema,
});

/** `why`, player → signaling: how was the machine of my session chosen? */
export const whyRequestSchema = z.strictObject({ sessionId: sessionIdSchema });

/** `history`, player → signaling: my sessions, newest first; with `beforeMs` those before then. */
export const historyRequestSchema = z.strictObject({ beforeMs: z.number().optional() });

/** A session of a player, as it is remembered. Times are epoch milliseconds. */
export const playedSessionSchema = z.strictObject({
  sessionId: sessionIdSchema,
  gameId: gameIdSchema,
  containerName: z.string().max(80),
  region: z.string().max(40),
  startedAtMs: z.number(),
  /** Null while it is played. */
  endedAtMs: z.number().nullable(),
  reason: endReasonSchema.nullable(),
  quality: qualityReportSchema.nullable(),
});
export type PlayedSession = z.infer<typeof playedSessionSchema>;

export const historyAnswerSchema = z.strictObject({ sessions: z.array(playedSessionSchema) });

/** `session-ended`, signaling → player (and container → signaling). */
export const sessionEndedSchema = z.strictObject({
  sessionId: sessionIdSchema,
  reason: endReasonSchema,
  detail: endDetailSchema.optional(),
});
export type SessionEnded = z.infer<typeof sessionEndedSchema>;

/** Every request is acknowledged with its answer or a typed error. */
export const ackSchema = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), value: z.unknown() }),
  z.strictObject({ ok: z.literal(false), error: wireErrorSchema }),
]);

/**
 * The answer in an acknowledgement.
 * @param request its name.
 * @throws RockpoolError what the other side answered, or `bad-message` where that was not understood.
 */
export function readAck<T>(answer: z.ZodType<T>, reply: unknown, request: string): T {
  const what = `answer to ${request}`;
  const ack = parseMessage(ackSchema, reply, what);
  if (!ack.ok) throw new RockpoolError(ack.error.code, ack.error.message);
  return parseMessage(answer, ack.value, what);
}
export type Ack<T> = { ok: true; value: T } | { ok: false; error: z.infer<typeof wireErrorSchema> };

export const emptySchema = z.strictObject({});
export type Empty = z.infer<typeof emptySchema>;

/** Events a player sends, with the schema of payload and answer. */
export const playerRequests = {
  play: { payload: playRequestSchema, answer: playAnswerSchema },
  choose: { payload: chooseRequestSchema, answer: choiceSchema },
  accept: { payload: ticketRequestSchema, answer: playGrantSchema },
  'leave-line': { payload: ticketRequestSchema, answer: emptySchema },
  attach: { payload: attachRequestSchema, answer: emptySchema },
  move: { payload: moveRequestSchema, answer: moveAnswerSchema },
  leave: { payload: leaveRequestSchema, answer: emptySchema },
  signal: { payload: sessionSignalSchema, answer: emptySchema },
  quality: { payload: qualityMessageSchema, answer: emptySchema },
  why: { payload: whyRequestSchema, answer: pairingDecisionSchema },
  history: { payload: historyRequestSchema, answer: historyAnswerSchema },
  share: { payload: shareRequestSchema, answer: shareAnswerSchema },
  'join-as-guest': { payload: guestJoinSchema, answer: guestGrantSchema },
  'leave-as-guest': { payload: guestLeaveSchema, answer: emptySchema },
} as const;

/** Events signaling sends to a player. `refused` precedes a disconnect and says why. */
export const playerEvents = {
  welcome: playerWelcomeSchema,
  signal: sessionSignalSchema,
  'session-ended': sessionEndedSchema,
  /** The machine of my session lost its connection to signaling, or is back. */
  container: z.strictObject({ sessionId: sessionIdSchema, present: z.boolean() }),
  place: placeSchema,
  offer: offerSchema,
  /** The time for an offer is over: the place went to the next. */
  'offer-over': ticketRequestSchema,
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

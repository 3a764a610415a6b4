import { z } from 'zod';
import { warmBuildsSchema } from '../../protocol/build-order.ts';
import { capacitySchema } from '../../protocol/capacity.ts';
import {
  containerHelloSchema,
  containerLoadSchema,
  joinRequestSchema,
  MAX_COVER_BYTES,
} from '../../protocol/container-messages.ts';
import { guestEndedSchema, guestSignalSchema } from '../../protocol/guest-messages.ts';
import {
  containerIdSchema,
  gameIdSchema,
  playerIdSchema,
  sessionIdSchema,
  ticketIdSchema,
} from '../../protocol/ids.ts';
import {
  ackSchema,
  playRequestSchema,
  sessionEndedSchema,
} from '../../protocol/player-messages.ts';
import { sessionSignalSchema } from '../../protocol/session-signal.ts';
import { sessionStateSchema } from '../../protocol/session-state.ts';
import { buildIdSchema } from '../../protocol/studio-builds.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';

/**
 * Version of what nodes say to one another; with it goes that of everything else, of which much is
 * passed on. Nodes that differ do not take part in one pool.
 */
export const NODE_VERSION = `${PROTOCOL_VERSION}.1`;

/** One process of signaling, from its start to its end: one that starts anew is another. */
export const nodeIdSchema = z.uuid().brand<'NodeId'>();
export type NodeId = z.infer<typeof nodeIdSchema>;

/** A session as the node tells it that has the socket of its container. */
export const sessionNewsSchema = z.strictObject({
  sessionId: sessionIdSchema,
  playerId: playerIdSchema,
  containerId: containerIdSchema,
  gameId: gameIdSchema,
  buildId: buildIdSchema.optional(),
  needs: capacitySchema.optional(),
  /** Epoch milliseconds. */
  beganMs: z.number(),
  state: sessionStateSchema,
  /** The container has not accepted it yet. */
  assigning: z.boolean(),
  /** The node that has its player's socket. */
  seat: nodeIdSchema.optional(),
  boundMs: z.number(),
});
export type SessionNews = z.infer<typeof sessionNewsSchema>;

/** Of a cover as base64. */
const MAX_COVER_CHARS = 4 * Math.ceil(MAX_COVER_BYTES / 3);

/** What is known of a container without what only its own node needs. */
const helloNewsSchema = containerHelloSchema
  .omit({ joinToken: true, protocol: true })
  .extend({ containerId: containerIdSchema });

const joinedNewsSchema = z.strictObject({
  hello: helloNewsSchema,
  joined: joinRequestSchema,
  /** When it joined, epoch milliseconds: of two nodes that have it, the later one does. */
  joinedMs: z.number(),
});

/** What a container has room for, and how far it is from its node; null: it has not told for long. */
const loadNewsSchema = z.strictObject({
  containerId: containerIdSchema,
  load: containerLoadSchema.nullable(),
  roundTripMs: z.number().min(0).optional(),
});

export const containerNewsSchema = joinedNewsSchema.extend({
  load: loadNewsSchema,
  sessions: z.array(sessionNewsSchema),
});
export type ContainerNews = z.infer<typeof containerNewsSchema>;

/** A socket of a player on this node has a session; or none has any more. */
const seatNewsSchema = z.strictObject({
  sessionId: sessionIdSchema,
  taken: z.boolean(),
  /** When the socket took it, epoch milliseconds: the later of two sockets has it. */
  boundMs: z.number(),
});
export type SeatNews = z.infer<typeof seatNewsSchema>;

/** Somebody who waits on the node that tells it. */
export const ticketNewsSchema = z.strictObject({
  ticketId: ticketIdSchema,
  playerId: playerIdSchema,
  /** Epoch milliseconds. */
  sinceMs: z.number(),
  /** When a socket last took the ticket, epoch milliseconds: the later of two nodes has it. */
  boundMs: z.number(),
  request: playRequestSchema
    .pick({ gameId: true, settings: true, codecs: true })
    .extend({ buildId: buildIdSchema.optional() }),
  /** A place is kept for them. */
  offered: z.boolean(),
  connected: z.boolean(),
});
export type TicketNews = z.infer<typeof ticketNewsSchema>;

/** A session that a container ends: a save may still come of it. */
const endingNewsSchema = z.strictObject({
  sessionId: sessionIdSchema,
  playerId: playerIdSchema,
  gameId: gameIdSchema,
  containerId: containerIdSchema,
  isOver: z.boolean(),
});
export type EndingNews = z.infer<typeof endingNewsSchema>;

/** What is new about what a node holds. All of it together is what that node holds. */
export const newsSchema = z.discriminatedUnion('kind', [
  joinedNewsSchema.extend({ kind: z.literal('joined') }),
  loadNewsSchema.extend({ kind: z.literal('load') }),
  warmBuildsSchema.extend({ kind: z.literal('warm-builds'), containerId: containerIdSchema }),
  z.strictObject({ kind: z.literal('left'), containerId: containerIdSchema }),
  z.strictObject({ kind: z.literal('session'), session: sessionNewsSchema }),
  z.strictObject({
    kind: z.literal('over'),
    sessionId: sessionIdSchema,
    /** Left out where it had not begun. */
    end: sessionEndedSchema.omit({ sessionId: true }).optional(),
  }),
  endingNewsSchema.extend({ kind: z.literal('ending') }),
  seatNewsSchema.extend({ kind: z.literal('seat') }),
  z.strictObject({ kind: z.literal('ticket'), ticket: ticketNewsSchema }),
  z.strictObject({ kind: z.literal('ticket-over'), ticketId: ticketIdSchema }),
  z.strictObject({
    kind: z.literal('cover'),
    gameId: gameIdSchema,
    /** Base64. */
    webp: z.base64().max(MAX_COVER_CHARS),
  }),
]);
export type News = z.infer<typeof newsSchema>;

/** All that a node holds, or a part of it. */
const holdingsSchema = z.strictObject({
  containers: z.array(containerNewsSchema),
  /** Of sessions on containers of other nodes whose players are here. */
  seats: z.array(seatNewsSchema),
  /** Sessions that it has asked for, at whatever node, and that have not begun. */
  asking: z.array(sessionIdSchema),
  tickets: z.array(ticketNewsSchema),
});
export type Holdings = z.infer<typeof holdingsSchema>;

/** What one node wants the container of another to do. */
const callSchema = z.strictObject({
  containerId: containerIdSchema,
  command: z.enum([
    'reserve',
    'trial',
    'confirm',
    'assign',
    'resume',
    'end',
    'try-out',
    'signal',
    'guests',
    'guest-signal',
    'drain',
    'reopen',
    'log',
  ]),
  payload: z.unknown(),
  /** What it is about, with `reserve`, `trial`, `confirm` and `assign`. */
  session: sessionNewsSchema.optional(),
});
export type NodeCall = z.infer<typeof callSchema>;

export const nodeBodySchema = z.discriminatedUnion('kind', [
  /** I am here, and so many are the news that I have told. */
  z.strictObject({ kind: z.literal('beat'), count: z.int().min(0) }),
  /** The `count`th of my news. */
  z.strictObject({ kind: z.literal('news'), count: z.int().min(1), news: newsSchema }),
  /** Tell me all that you hold. */
  z.strictObject({ kind: z.literal('ask') }),
  /** It is this, up to the `count`th of my news; `left` parts of it follow. */
  z.strictObject({
    kind: z.literal('all'),
    count: z.int().min(0),
    isFirst: z.boolean(),
    left: z.int().min(0),
    holdings: holdingsSchema,
  }),
  z.strictObject({ kind: z.literal('call'), callId: z.int(), call: callSchema }),
  z.strictObject({ kind: z.literal('answer'), callId: z.int(), reply: ackSchema }),
  /** From a container of mine to a player of yours. */
  z.strictObject({ kind: z.literal('signal'), signal: sessionSignalSchema }),
  /** From a container of mine to a guest, whom any node may have. */
  z.strictObject({ kind: z.literal('guest-signal'), signal: guestSignalSchema }),
  z.strictObject({ kind: z.literal('guest-ended'), ended: guestEndedSchema }),
  /** A container, of whomever, could not run a build that another node may have asked it to try out. */
  z.strictObject({
    kind: z.literal('not-tried'),
    buildId: buildIdSchema,
    tryOutId: sessionIdSchema,
    why: z.string(),
  }),
  /** I close. */
  z.strictObject({ kind: z.literal('bye') }),
]);
export type NodeBody = z.infer<typeof nodeBodySchema>;

/** What every release says, whatever else it does: read where the rest is not understood. */
export const nodeGreetingSchema = z.looseObject({
  version: z.string().max(40),
  name: z.string().max(80),
});

export const nodeMessageSchema = z.strictObject({
  version: z.literal(NODE_VERSION),
  from: nodeIdSchema,
  name: z.string().max(80),
  /** Left out where it is for everybody. */
  to: nodeIdSchema.optional(),
  body: nodeBodySchema,
});
export type NodeMessage = z.infer<typeof nodeMessageSchema>;

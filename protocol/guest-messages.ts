import { z } from 'zod';
import {
  gameIdSchema,
  guestIdSchema,
  inviteIdSchema,
  playerIdSchema,
  sessionIdSchema,
  tokenSchema,
} from './ids.ts';
import { iceServerSchema, sessionSignalSchema } from './session-signal.ts';
import { endReasonSchema } from './session-state.ts';
import { videoCodecSchema } from './stream-settings.ts';

/** Guests who play beside the session's own player, who is the first. */
export const GUEST_PLAYERS = [2, 3, 4] as const;

/** Which player of the game a guest is; null for one who watches. */
export const guestSeatSchema = z.literal(GUEST_PLAYERS).nullable();
export type GuestSeat = z.infer<typeof guestSeatSchema>;

/** What of a guest's input reaches the game: nothing, the gamepad, or keyboard and mouse as well. */
export const guestRightsSchema = z.enum(['none', 'pad', 'all']);
export type GuestRights = z.infer<typeof guestRightsSchema>;

/** A link that is open. */
export const inviteSchema = z.strictObject({
  inviteId: inviteIdSchema,
  player: guestSeatSchema,
  rights: guestRightsSchema,
});
export type Invite = z.infer<typeof inviteSchema>;

/** A guest as the session's player sees them. */
export const guestSchema = z.strictObject({
  guestId: guestIdSchema,
  /** Guests are counted, and not asked for a name. */
  number: z.int().min(1),
  player: guestSeatSchema,
  rights: guestRightsSchema,
  /** `away`: their connection broke, and may come back. */
  state: z.enum(['connecting', 'here', 'away']),
  /** How their network takes the picture; null before it is known. */
  network: z.enum(['good', 'fair', 'poor']).nullable(),
});
export type Guest = z.infer<typeof guestSchema>;

/** Invites open at once in one session. */
export const MAX_INVITES = 16;

export const sharingSchema = z.strictObject({
  /** Which links may be made: players the game has room for. */
  seats: z.array(guestSeatSchema).max(4),
  invites: z.array(inviteSchema).max(MAX_INVITES),
  guests: z.array(guestSchema).max(64),
});
export type Sharing = z.infer<typeof sharingSchema>;

/** A guest as they see themselves. */
export const guestStandingSchema = z.strictObject({
  player: guestSeatSchema,
  rights: guestRightsSchema,
  /** The game waits: its player's connection broke. */
  waiting: z.boolean(),
  /** Their network carries less than the picture takes. */
  behind: z.boolean(),
});
export type GuestStanding = z.infer<typeof guestStandingSchema>;

const inviteRequest = z.strictObject({
  kind: z.literal('invite'),
  player: guestSeatSchema,
  rights: guestRightsSchema,
});
const revokeRequest = z.strictObject({ kind: z.literal('revoke'), inviteId: inviteIdSchema });
const rightsRequest = z.strictObject({
  kind: z.literal('set-rights'),
  guestId: guestIdSchema,
  rights: guestRightsSchema,
});
const removeRequest = z.strictObject({ kind: z.literal('remove'), guestId: guestIdSchema });

/** What the player of a session may ask of it concerning guests. */
export const shareRequestSchema = z.strictObject({
  sessionId: sessionIdSchema,
  request: z.discriminatedUnion('kind', [
    inviteRequest,
    /** The link of an invite that is open, once more. */
    z.strictObject({ kind: z.literal('link'), inviteId: inviteIdSchema }),
    revokeRequest,
    rightsRequest,
    removeRequest,
  ]),
});
export type ShareRequest = z.infer<typeof shareRequestSchema>;

export const shareAnswerSchema = z.strictObject({
  /** Of the link that was asked for. */
  token: tokenSchema.optional(),
});

/** `join-as-guest`, guest → signaling; again by the same guest, a new connection of theirs. */
export const guestJoinSchema = z.strictObject({
  token: tokenSchema,
  /** What this browser can decode, best first. */
  codecs: z.array(videoCodecSchema).min(1).max(8),
  /** My connection goes on: relay it to this socket again, and make no other. */
  attach: z.boolean().optional(),
});

export const guestGrantSchema = z.strictObject({
  /** Takes the place of a session's id in what is relayed between guest and worker. */
  guestId: guestIdSchema,
  gameId: gameIdSchema,
  /** The number of the peer connection to expect an offer for. */
  attempt: z.int().min(0),
});
export type GuestGrant = z.infer<typeof guestGrantSchema>;

/** `leave-as-guest`, guest → signaling. */
export const guestLeaveSchema = z.strictObject({ guestId: guestIdSchema });

/** `GET /api/invites/TOKEN`: what a link leads to. */
export const inviteLookSchema = z.strictObject({
  gameId: gameIdSchema,
  player: guestSeatSchema,
  rights: guestRightsSchema,
  full: z.boolean(),
});
export type InviteLook = z.infer<typeof inviteLookSchema>;

/** What a session is asked concerning guests: by its player, or for a guest. */
export const guestRequestSchema = z.discriminatedUnion('kind', [
  inviteRequest,
  revokeRequest,
  rightsRequest,
  removeRequest,
  /** Is it open, and is there a place? */
  z.strictObject({ kind: z.literal('look'), inviteId: inviteIdSchema }),
  z.strictObject({
    kind: z.literal('admit'),
    inviteId: inviteIdSchema,
    playerId: playerIdSchema,
    codecs: z.array(videoCodecSchema).min(1).max(8),
    iceServers: z.array(iceServerSchema),
    relayOnly: z.boolean(),
    attach: z.boolean(),
  }),
  z.strictObject({ kind: z.literal('leave'), guestId: guestIdSchema }),
]);
export type GuestRequest = z.infer<typeof guestRequestSchema>;

/** `guests`, signaling → container. */
export const guestOrderSchema = z.strictObject({
  sessionId: sessionIdSchema,
  request: guestRequestSchema,
});
export type GuestOrder = z.infer<typeof guestOrderSchema>;

export const guestAnswerSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('done') }),
  z.strictObject({ kind: z.literal('invited'), inviteId: inviteIdSchema }),
  z.strictObject({
    kind: z.literal('open'),
    player: guestSeatSchema,
    rights: guestRightsSchema,
    full: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal('admitted'),
    guestId: guestIdSchema,
    attempt: z.int().min(0),
  }),
]);
export type GuestAnswer = z.infer<typeof guestAnswerSchema>;

/** `guest-signal`, between signaling and container. */
export const guestSignalSchema = sessionSignalSchema.extend({ guestId: guestIdSchema });
export type GuestSignal = z.infer<typeof guestSignalSchema>;

/** `guest-ended`, container → signaling. */
export const guestEndedSchema = z.strictObject({
  sessionId: sessionIdSchema,
  guestId: guestIdSchema,
  reason: endReasonSchema,
});
export type GuestEnded = z.infer<typeof guestEndedSchema>;

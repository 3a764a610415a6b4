import { z } from 'zod';

/** Game id as in URLs: lower-case words joined by dashes, at most 63 characters. */
export const gameIdSchema = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'lower-case letters, digits and dashes');
export type GameId = z.infer<typeof gameIdSchema>;

export const sessionIdSchema = z.uuid().brand<'SessionId'>();
export type SessionId = z.infer<typeof sessionIdSchema>;

export const playerIdSchema = z.uuid().brand<'PlayerId'>();
export type PlayerId = z.infer<typeof playerIdSchema>;

export const containerIdSchema = z.uuid().brand<'ContainerId'>();
export type ContainerId = z.infer<typeof containerIdSchema>;

/** A player's wait for a free place. */
export const ticketIdSchema = z.uuid().brand<'TicketId'>();
export type TicketId = z.infer<typeof ticketIdSchema>;

/** A secret that machines join with, as it is told of: never the secret itself. */
export const joinTokenIdSchema = z.uuid().brand<'JoinTokenId'>();
export type JoinTokenId = z.infer<typeof joinTokenIdSchema>;

/** One guest of a session, from their first connection to their last. */
export const guestIdSchema = z.uuid().brand<'GuestId'>();
export type GuestId = z.infer<typeof guestIdSchema>;

/** A link that lets guests into a session. */
export const inviteIdSchema = z.uuid().brand<'InviteId'>();
export type InviteId = z.infer<typeof inviteIdSchema>;

/** A compact JWS (RFC 7515 §7.1). */
export const tokenSchema = z.string().min(1).max(4096);

import { z } from 'zod';
import { sha256Schema } from './content-digest.ts';
import { type GameId, type PlayerId, tokenSchema } from './ids.ts';

/** A save is at most this large. */
export const MAX_SAVE_BYTES = 64 * 2 ** 20;

/**
 * Signaling numbers the sessions as they begin, each higher than every one before. Of two saves of a
 * player and game the one of the later turn is the newer, whatever the clocks of two machines say; of
 * one turn there is only one machine, which knows by itself.
 */
const turnSchema = z.int().min(1);

/** The newest save that signaling has of a player and game. */
export const keptSaveSchema = z.strictObject({
  sha256: sha256Schema,
  bytes: z.int().min(1).max(MAX_SAVE_BYTES),
  /** Of the session that left it there. */
  turn: turnSchema,
});
export type KeptSave = z.infer<typeof keptSaveSchema>;

/** What a container needs to fetch and bring the saves of one session. */
export const saveOrderSchema = z.strictObject({
  /** Lets it, and nobody else, at the saves of this player and game. Never told to players. */
  token: tokenSchema,
  /** Of this session. */
  turn: turnSchema,
  /** Left out where there is none. */
  newest: keptSaveSchema.optional(),
});
export type SaveOrder = z.infer<typeof saveOrderSchema>;

/** Whose save, and of which game. */
export interface SaveOwner {
  readonly playerId: PlayerId;
  readonly gameId: GameId;
}

/**
 * Where signaling keeps it: `GET`, and `PUT` with a `Content-Length` and a `Content-Digest`, both with
 * the token of the order as `Authorization: Bearer`.
 */
export function savePath({ playerId, gameId }: SaveOwner): string {
  return `/api/saves/${playerId}/${gameId}`;
}

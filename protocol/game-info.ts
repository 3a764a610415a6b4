import { z } from 'zod';
import { gameIdSchema } from './ids.ts';

export const gameInputSchema = z.enum(['keyboard', 'mouse', 'gamepad', 'touch']);

/** One line of the "how to play" list: what to press on each device and what it does. */
export const gameControlSchema = z.strictObject({
  action: z.string().min(1).max(60),
  keyboard: z.string().max(60).optional(),
  mouse: z.string().max(60).optional(),
  gamepad: z.string().max(60).optional(),
});

/** Buttons of the on-screen pad a game wants on touch devices (W3C standard gamepad indices). */
export const touchButtonSchema = z.strictObject({
  button: z.int().min(0).max(16),
  label: z.string().min(1).max(12),
});

/** What a library page needs to know of a game. */
export const gameInfoSchema = z.strictObject({
  id: gameIdSchema,
  title: z.string().min(1).max(80),
  summary: z.string().max(280),
  inputs: z.array(gameInputSchema).max(4),
  players: z.int().min(1).max(4),
  /** True for scenes made to measure, which the library lists apart from the games. */
  diagnostic: z.boolean(),
  /** Whether the game takes the pointer (relative motion) rather than a free cursor. */
  pointerLock: z.boolean(),
  controls: z.array(gameControlSchema).max(16),
  touchButtons: z.array(touchButtonSchema).max(6),
});
export type GameInfo = z.infer<typeof gameInfoSchema>;

/** An entry of `GET /api/games`. */
export const gameListingSchema = gameInfoSchema.extend({
  /** Site-relative address of a 16:9 WebP, or null until a container has rendered one. */
  coverUrl: z.string().max(200).nullable(),
  /** What its studio files it under. */
  tags: z.array(z.string().max(30)).max(10),
  /** Slots free for this game now, over all standby containers. */
  freeSlots: z.int().min(0),
});
export type GameListing = z.infer<typeof gameListingSchema>;

export const gameListSchema = z.strictObject({ games: z.array(gameListingSchema) });

import { z } from 'zod';
import { gameListingSchema } from './game-info.ts';

/** Of a studio's own server: nothing is fetched from elsewhere. */
const addressSchema = z.string().max(300).startsWith('/');

/** One picture in one size and format. */
export const pagePictureSchema = z.strictObject({
  url: addressSchema,
  width: z.int().min(1).max(16_384),
  height: z.int().min(1).max(16_384),
  format: z.enum(['avif', 'webp', 'jpeg', 'png']),
});
export type PagePicture = z.infer<typeof pagePictureSchema>;

/** What a game looks like. */
export const pageMediaSchema = z.strictObject({
  /** The same picture in several sizes and formats; empty where there is none. */
  cover: z.array(pagePictureSchema).max(24),
  /** Different pictures, each in several sizes and formats. */
  screenshots: z.array(z.array(pagePictureSchema).min(1).max(24)).max(12),
  /** MP4 without sound, and what stands there until it plays. */
  clipUrl: addressSchema.nullable(),
  posterUrl: addressSchema.nullable(),
});
export type PageMedia = z.infer<typeof pageMediaSchema>;

/** The answer to `GET /api/games/GAME`: what its page shows to everybody. */
export const publicGameSchema = z.strictObject({
  game: gameListingSchema,
  /** Who made it; null: it came with Rockpool, or with a machine. */
  studio: z.string().nullable(),
  /** Markdown; empty where nothing more is said than the summary. */
  description: z.string().max(20_000),
  media: pageMediaSchema,
});
export type PublicGame = z.infer<typeof publicGameSchema>;

import { z } from 'zod';
import { pageMediaSchema } from './public-game.ts';
import { gamePageSchema } from './studio-builds.ts';

const revisionSchema = z.string().max(64);

/** The answer to `GET …/games/GAME/page`, and to a change of it. */
export const storePageSchema = z.strictObject({
  page: gamePageSchema,
  /** Of the page's content. */
  revision: revisionSchema,
  media: pageMediaSchema,
});
export type StorePage = z.infer<typeof storePageSchema>;

/** `PUT …/games/GAME/page`. */
export const changeStorePageSchema = z.strictObject({
  page: gamePageSchema,
  /** What the change was made of: where somebody else was quicker, nothing is changed. */
  revision: revisionSchema,
});
export type ChangeStorePage = z.infer<typeof changeStorePageSchema>;

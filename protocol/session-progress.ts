import { z } from 'zod';

/** What is being done for a session that has no picture yet. */
export const sessionProgressSchema = z.strictObject({
  /** The machine gets the game, then what the game needs; then the game loads. */
  step: z.enum(['fetching', 'installing', 'starting']),
  /** For the player. */
  text: z.string().min(1).max(300),
  /** 0 to 1; undefined where nobody can tell. */
  fraction: z.number().min(0).max(1).optional(),
});
export type SessionProgress = z.infer<typeof sessionProgressSchema>;

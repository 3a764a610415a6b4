import { z } from 'zod';
import { sessionIdSchema, tokenSchema } from '../../protocol/ids.ts';

const resumableSchema = z.strictObject({
  sessionId: sessionIdSchema,
  resumeToken: tokenSchema,
  /** Where `input` numbers go on: the worker counts them over the whole session. */
  nextSeq: z.int().min(1),
});
/** What a reloaded page needs to go on with its session. */
export type Resumable = z.infer<typeof resumableSchema>;

/**
 * Keeps the session of a tab over a reload, in `sessionStorage`. It is written when the page goes away
 * and taken out when it is back, not while it plays: a duplicated tab gets a copy of the storage,
 * and would otherwise fight with its original over one session.
 */
export class ResumeStore {
  readonly #storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  readonly #key: string;

  constructor(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>, gameId: string) {
    this.#storage = storage;
    this.#key = `rockpool.session.${gameId}`;
  }

  /** What was put, once; undefined where there is nothing or nothing usable. */
  take(): Resumable | undefined {
    const text = this.#storage.getItem(this.#key);
    this.#storage.removeItem(this.#key);
    if (text === null) return undefined;
    try {
      return resumableSchema.parse(JSON.parse(text));
    } catch (error) {
      console.error('The session of this tab could not be read; a new one begins.', error);
      return undefined;
    }
  }

  put(resumable: Resumable): void {
    this.#storage.setItem(this.#key, JSON.stringify(resumable));
  }
}

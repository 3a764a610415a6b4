import { z } from 'zod';
import { buildOrderSchema } from './build-order.ts';
import { sessionIdSchema, tokenSchema } from './ids.ts';
import { tryOutFindingsSchema } from './try-out-report.ts';

/**
 * `try-out`, signaling → container: keep room as for a session, fetch this build, run it with nobody
 * watching and bring what you found. Answered when the room is kept; `end` with its id calls it off.
 */
export const tryOutRequestSchema = z.strictObject({
  /** Of the same kind as sessions', whose room it takes. */
  tryOutId: sessionIdSchema,
  build: buildOrderSchema,
  /** Lets the container, and nobody else, bring what it found. */
  token: tokenSchema,
});
export type TryOutRequest = z.infer<typeof tryOutRequestSchema>;

/** Where what was found is brought: everything with the token as `Authorization: Bearer`. */
export const TRY_OUT_PATH = '/api/try-outs';

/** `PUT`, with a `Content-Length`: a picture, the poster or the clip. */
export function tryOutBlobPath(sha256: string): string {
  return `${TRY_OUT_PATH}/blobs/${sha256}`;
}

/** `POST` of a {@link tryOutNewsSchema}. */
export const TRY_OUT_NEWS_PATH = `${TRY_OUT_PATH}/news`;

/** `POST` of a {@link tryOutEndSchema}, once everything that it names is there. */
export const TRY_OUT_END_PATH = `${TRY_OUT_PATH}/end`;

/** What is being done, for whoever watches the build's page. */
export const tryOutNewsSchema = z.strictObject({ text: z.string().min(1).max(300) });
export type TryOutNews = z.infer<typeof tryOutNewsSchema>;

/** How a try-out ended: with findings, or without the build having been run. */
export const tryOutEndSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('tried'), findings: tryOutFindingsSchema }),
  z.strictObject({
    kind: z.literal('not-tried'),
    /** What this machine lacks; another may do. */
    why: z.string().min(1).max(2000),
  }),
]);
export type TryOutEnd = z.infer<typeof tryOutEndSchema>;

/** Of the body of a {@link tryOutEndSchema}: 200 lines of log are 100 kB, and JSON escapes some. */
export const MAX_TRY_OUT_END_BYTES = 512 * 1024;

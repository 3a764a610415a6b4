import { type Request, Router } from 'express';
import { sha256Schema } from '../../../protocol/content-digest.ts';
import { parseMessage, RockpoolError } from '../../../protocol/errors.ts';
import { tokenSchema } from '../../../protocol/ids.ts';
import {
  MAX_TRY_OUT_END_BYTES,
  TRY_OUT_END_PATH,
  TRY_OUT_NEWS_PATH,
  tryOutBlobPath,
  tryOutEndSchema,
  tryOutNewsSchema,
} from '../../../protocol/try-out-messages.ts';
import { bearerOf } from '../../bearer-token.ts';
import type { TryOutClaims } from '../../identity-tokens.ts';
import { readJsonBody } from '../../json-body.ts';
import type { TryOutResults } from './try-out-results.ts';

const MAX_NEWS_BYTES = 4 * 1024;

/** Where containers bring what they found out about builds. To be mounted at the top. */
export function tryOutRoutes(results: TryOutResults): Router {
  const routes = Router();
  routes.put(tryOutBlobPath(':sha256'), async (request, response) => {
    // Whoever is refused may go on sending for long.
    response.set('Connection', 'close');
    const claims = await admit(results, request);
    const sha256 = parseMessage(sha256Schema, request.params.sha256, 'the name');
    const bytes = announcedBytes(request);
    results.announce(claims, bytes);
    try {
      await results.keep(claims, sha256, await readBody(request));
    } catch (error) {
      results.takeBack(claims, bytes);
      throw error;
    }
    response.removeHeader('Connection');
    response.status(204).end();
  });
  routes.post(TRY_OUT_NEWS_PATH, async (request, response) => {
    const claims = await admit(results, request);
    const { text } = await readJsonBody(tryOutNewsSchema, request, response, MAX_NEWS_BYTES);
    await results.tell(claims, text);
    response.status(204).end();
  });
  routes.post(TRY_OUT_END_PATH, async (request, response) => {
    const claims = await admit(results, request);
    const end = await readJsonBody(tryOutEndSchema, request, response, MAX_TRY_OUT_END_BYTES);
    await results.end(claims, end);
    response.status(204).end();
  });
  return routes;
}

function admit(results: TryOutResults, { headers }: Request): Promise<TryOutClaims> {
  const token = tokenSchema.safeParse(bearerOf(headers));
  return results.admit(token.data);
}

/** @throws RockpoolError `bad-message` */
function announcedBytes({ headers }: Request): number {
  const bytes = Number(headers['content-length']);
  if (Number.isInteger(bytes) && bytes > 0) return bytes;
  throw new RockpoolError('bad-message', 'This comes with its Content-Length.');
}

/** All of a body, which is as long as its Content-Length says. @throws RockpoolError `bad-message` */
async function readBody(request: Request): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch (cause) {
    throw new RockpoolError('bad-message', 'The upload broke off.', { cause });
  }
  return Buffer.concat(chunks);
}

import express, { type RequestHandler, Router } from 'express';
import { z } from 'zod';
import { parseMessage, RockpoolError } from '../protocol/errors.ts';
import { joinTokenIdSchema } from '../protocol/ids.ts';
import { issueRequestSchema } from '../protocol/join-tokens.ts';
import { signInLinkOrderSchema } from '../protocol/studio-messages.ts';
import { bearerOf } from './bearer-token.ts';
import { isJoinToken } from './join-token.ts';
import type { JoinTokens } from './join-tokens.ts';
import type { SignInCodes } from './studio/accounts/sign-in-codes.ts';
import { studioLink } from './studio/accounts/studio-link.ts';

const tokenParamsSchema = z.object({ tokenId: joinTokenIdSchema });

/** A name and two settings. */
const MAX_BODY_BYTES = 4_096;

export interface OperatorRoutesOptions {
  /** Kept in the data folder, for its owner alone. */
  readonly secret: string;
  readonly tokens: JoinTokens;
  readonly codes: SignInCodes;
  /** Origin under which people reach the pages. */
  readonly publicUrl: () => string;
}

/** What whoever runs the pool asks of it. Each request proves that it may by the operator's secret. */
export function operatorRoutes(options: OperatorRoutesOptions): Router {
  const { secret, tokens, codes, publicUrl } = options;
  const routes = Router();
  routes.use(mustBeOperator(secret));
  routes.get('/join-tokens', async (_request, response) => {
    response.json({ tokens: await tokens.list() });
  });
  routes.post(
    '/join-tokens',
    express.json({ limit: MAX_BODY_BYTES }),
    async ({ body }, response) => {
      response.json(await tokens.issue(parseMessage(issueRequestSchema, body, 'join token')));
    },
  );
  routes.delete('/join-tokens/:tokenId', async ({ params }, response) => {
    const { tokenId } = parseMessage(tokenParamsSchema, params, 'join token');
    await tokens.revoke(tokenId);
    response.json({});
  });
  routes.post(
    '/studio-sign-in-link',
    express.json({ limit: MAX_BODY_BYTES }),
    async ({ body }, response) => {
      const { person } = parseMessage(signInLinkOrderSchema, body, 'sign-in link');
      const made = await codes.issueFor(person);
      response.json({
        link: studioLink(publicUrl(), made.issued.code),
        person: made.person?.name ?? null,
        expiresAtMs: made.issued.expiresAtMs,
      });
    },
  );
  return routes;
}

function mustBeOperator(secret: string): RequestHandler {
  return ({ headers }, response, next) => {
    response.set('Cache-Control', 'no-store');
    if (isJoinToken(bearerOf(headers) ?? '', secret)) {
      next();
      return;
    }
    // Whoever is refused may go on sending for long.
    response.set('Connection', 'close');
    throw new RockpoolError(
      'unauthorised',
      'This is for whoever runs the pool: it takes the secret in the file operator-secret of the data folder.',
    );
  };
}

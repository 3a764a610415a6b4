import { type Request, Router } from 'express';
import { parseMessage } from '../../../protocol/errors.ts';
import { gameIdSchema } from '../../../protocol/ids.ts';
import { insightQuerySchema } from '../../../protocol/studio-insight.ts';
import { readQuery } from '../../query.ts';
import { refuseBodies } from '../../refuse-bodies.ts';
import type { Principal } from '../accounts/access-policy.ts';
import type { StudioEdge } from '../accounts/studio-edge.ts';
import type { Studios } from '../accounts/studios.ts';
import type { Insight } from './insight.ts';

export interface InsightRoutesOptions {
  readonly edge: StudioEdge;
  readonly studios: Studios;
  readonly insight: Insight;
}

/** How games perform, below `/api/studio`. */
export function insightRoutes({ edge, studios, insight }: InsightRoutesOptions): Router {
  const routes = Router();
  const asked = (request: Request, principal: Principal) =>
    [
      principal,
      studios.find(principal, String(request.params.slug)),
      parseMessage(gameIdSchema, request.params.gameId, 'the game'),
      readQuery(insightQuerySchema, request),
    ] as const;
  const GAME = '/studios/:slug/games/:gameId';
  routes.get(
    `${GAME}/insight`,
    edge.asks(({ request }, principal) => insight.report(...asked(request, principal))),
  );
  routes.get(`${GAME}/insight.csv`, refuseBodies, async (request, response) => {
    const [principal, studio, gameId, query] = asked(request, await edge.authorise(request));
    const csv = await insight.csv(principal, studio, gameId, query);
    response
      .set('Cache-Control', 'no-store')
      .set('Content-Disposition', `attachment; filename="${gameId}-insight.csv"`)
      .type('text/csv')
      .send(csv);
  });
  return routes;
}

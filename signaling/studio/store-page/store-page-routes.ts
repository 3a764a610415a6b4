import { type Request, Router } from 'express';
import { parseMessage } from '../../../protocol/errors.ts';
import { gameIdSchema } from '../../../protocol/ids.ts';
import { changeStorePageSchema } from '../../../protocol/store-page.ts';
import type { Principal } from '../accounts/access-policy.ts';
import type { StudioEdge } from '../accounts/studio-edge.ts';
import type { Studios } from '../accounts/studios.ts';
import type { StorePages } from './store-pages.ts';

/** 20,000 characters of four bytes, some of them escaped, and the rest. */
const MAX_PAGE_BYTES = 128 * 1024;

export interface StorePageRoutesOptions {
  readonly edge: StudioEdge;
  readonly studios: Studios;
  readonly pages: StorePages;
}

/** The pages of games as their studios edit them, below `/api/studio`. */
export function storePageRoutes({ edge, studios, pages }: StorePageRoutesOptions): Router {
  const routes = Router();
  const asked = (request: Request, principal: Principal) =>
    [
      principal,
      studios.find(principal, String(request.params.slug)),
      parseMessage(gameIdSchema, request.params.gameId, 'the game'),
    ] as const;
  const PAGE = '/studios/:slug/games/:gameId/page';
  routes.get(
    PAGE,
    edge.asks(({ request }, principal) => pages.read(...asked(request, principal))),
  );
  routes.put(
    PAGE,
    edge.takes(
      changeStorePageSchema,
      ({ body, request }, principal) => pages.change(...asked(request, principal), body),
      MAX_PAGE_BYTES,
    ),
  );
  return routes;
}

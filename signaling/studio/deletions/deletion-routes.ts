import { type Request, Router } from 'express';
import { parseMessage } from '../../../protocol/errors.ts';
import { gameIdSchema } from '../../../protocol/ids.ts';
import { emptySchema } from '../../../protocol/player-messages.ts';
import { buildNumberSchema } from '../../../protocol/studio-builds.ts';
import type { Principal } from '../accounts/access-policy.ts';
import type { StudioEdge } from '../accounts/studio-edge.ts';
import type { Studios } from '../accounts/studios.ts';
import type { Games } from '../games/games.ts';
import type { Deletions } from './deletions.ts';

export interface DeletionRoutesOptions {
  readonly edge: StudioEdge;
  readonly studios: Pick<Studios, 'find'>;
  readonly games: Pick<Games, 'tell'>;
  readonly deletions: Deletions;
}

const GAME = '/studios/:slug/games/:gameId';
const BUILD = `${GAME}/builds/:number`;

/** Deleting builds and games, and taking them back, below `/api/studio`. */
export function deletionRoutes({ edge, studios, games, deletions }: DeletionRoutesOptions): Router {
  const routes = Router();
  const gameOf = (principal: Principal, { params }: Request) =>
    [
      principal,
      studios.find(principal, String(params.slug)),
      parseMessage(gameIdSchema, params.gameId, 'the game'),
    ] as const;
  const numberOf = ({ params }: Request) =>
    parseMessage(buildNumberSchema, Number(params.number), 'the number of the build');
  routes.delete(
    BUILD,
    edge.asks(({ request }, principal) =>
      deletions.deleteBuild(...gameOf(principal, request), numberOf(request)),
    ),
  );
  routes.post(
    `${BUILD}/restore`,
    edge.takes(emptySchema, ({ request }, principal) =>
      deletions.restoreBuild(...gameOf(principal, request), numberOf(request)),
    ),
  );
  routes.delete(
    GAME,
    edge.asks(({ request }, principal) => deletions.deleteGame(...gameOf(principal, request))),
  );
  routes.post(
    `${GAME}/restore`,
    edge.takes(emptySchema, async ({ request }, principal) =>
      games.tell(principal, await deletions.restoreGame(...gameOf(principal, request))),
    ),
  );
  return routes;
}

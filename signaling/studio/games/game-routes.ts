import { type Request, Router } from 'express';
import { z } from 'zod';
import { buildManifestSchema } from '../../../protocol/build-manifest.ts';
import { parseMessage } from '../../../protocol/errors.ts';
import {
  buildNumberSchema,
  createGameSchema,
  updateGameSchema,
} from '../../../protocol/studio-builds.ts';
import {
  confirmBuildSchema,
  finishUploadSchema,
  recogniseSchema,
} from '../../../protocol/studio-uploads.ts';
import { readQuery } from '../../query.ts';
import type { GameRecord } from '../../store/game-store.ts';
import type { StudioRecord } from '../../store/studio-store.ts';
import type { Principal } from '../accounts/access-policy.ts';
import type { StudioEdge } from '../accounts/studio-edge.ts';
import type { Studios } from '../accounts/studios.ts';
import type { Builds } from './builds.ts';
import type { Games } from './games.ts';

export interface GameRoutesOptions {
  readonly edge: StudioEdge;
  readonly studios: Studios;
  readonly games: Games;
  readonly builds: Builds;
}

const GAMES = '/studios/:slug/games';
const GAME = `${GAMES}/:gameId`;
const BUILDS = `${GAME}/builds`;

const pageSchema = z.strictObject({
  before: z
    .string()
    .regex(/^\d{1,9}$/, 'a whole number')
    .transform(Number)
    .optional(),
});

/** Everything about games and their builds below `/api/studio`, but for the bytes of uploads. */
export function gameRoutes({ edge, studios, games, builds }: GameRoutesOptions): Router {
  const routes = Router();
  const studioOf = (principal: Principal, { params }: Request): StudioRecord =>
    studios.find(principal, String(params.slug));
  const gameOf = (principal: Principal, request: Request): Promise<GameRecord> =>
    games.find(studioOf(principal, request), String(request.params.gameId));

  routes.get(
    GAMES,
    edge.asks(({ request }, principal) => games.list(principal, studioOf(principal, request))),
  );
  routes.post(
    GAMES,
    edge.takes(createGameSchema, ({ body, request }, principal) =>
      games.create(principal, studioOf(principal, request), body),
    ),
  );
  routes.get(
    GAME,
    edge.asks(async ({ request }, principal) =>
      games.tell(principal, await gameOf(principal, request)),
    ),
  );
  routes.patch(
    GAME,
    edge.takes(updateGameSchema, async ({ body, request }, principal) =>
      games.rename(principal, await gameOf(principal, request), body.title),
    ),
  );
  routes.get(
    `${GAME}/uploads`,
    edge.asks(async ({ request }, principal) => ({
      uploads: await builds.uploads(principal, await gameOf(principal, request)),
    })),
  );
  routes.get(
    BUILDS,
    edge.asks(async ({ request }, principal) =>
      builds.list(
        principal,
        await gameOf(principal, request),
        readQuery(pageSchema, request).before,
      ),
    ),
  );
  routes.post(
    BUILDS,
    edge.takes(finishUploadSchema, async ({ body, request }, principal) =>
      builds.finish(principal, await gameOf(principal, request), body),
    ),
  );
  routes.post(
    `${BUILDS}/recognise`,
    edge.takes(recogniseSchema, async ({ body, request }, principal) => ({
      build: await builds.recognise(principal, await gameOf(principal, request), body.sha256),
    })),
  );
  routes.get(
    `${BUILDS}/:number`,
    edge.asks(async ({ request }, principal) =>
      builds.details(principal, await gameOf(principal, request), numberOf(request)),
    ),
  );
  routes.post(
    `${BUILDS}/:number/confirm`,
    edge.takes(confirmBuildSchema, async ({ body, request }, principal) => {
      const game = await gameOf(principal, request);
      const manifest = buildManifestSchema.parse({ ...body.manifest, id: game.gameId });
      return builds.confirm(principal, game, numberOf(request), manifest);
    }),
  );
  return routes;
}

/** @throws RockpoolError `bad-message` */
function numberOf({ params }: Request): number {
  return parseMessage(buildNumberSchema, Number(params.number), 'the number of the build');
}

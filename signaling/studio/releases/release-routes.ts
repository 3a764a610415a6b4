import { type Request, Router } from 'express';
import { parseMessage } from '../../../protocol/errors.ts';
import { channelSchema } from '../../../protocol/studio-builds.ts';
import { makeReleaseSchema, rollBackSchema } from '../../../protocol/studio-releases.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { StudioEdge } from '../accounts/studio-edge.ts';
import type { Releases } from './releases.ts';

/** What is released of a game, below `/api/studio`. */
export function releaseRoutes(
  edge: StudioEdge,
  { studios }: Pick<Accounts, 'studios'>,
  releases: Releases,
): Router {
  const routes = Router();
  const gameOf = ({ params }: Request) => String(params.gameId);
  const channelOf = ({ params }: Request) =>
    parseMessage(channelSchema, params.channel, 'the channel');
  const CHANNELS = '/studios/:slug/games/:gameId/channels';
  routes.get(
    CHANNELS,
    edge.asks(({ request }, principal) => {
      const studio = studios.find(principal, String(request.params.slug));
      return releases.list(principal, studio, gameOf(request));
    }),
  );
  routes.post(
    `${CHANNELS}/:channel`,
    edge.takes(makeReleaseSchema, async ({ body, request }, principal) => {
      const studio = studios.find(principal, String(request.params.slug));
      return releases.make(principal, studio, gameOf(request), channelOf(request), body);
    }),
  );
  routes.post(
    `${CHANNELS}/:channel/roll-back`,
    edge.takes(rollBackSchema, async ({ body, request }, principal) => {
      const studio = studios.find(principal, String(request.params.slug));
      return releases.rollBack(principal, studio, gameOf(request), channelOf(request), body);
    }),
  );
  return routes;
}

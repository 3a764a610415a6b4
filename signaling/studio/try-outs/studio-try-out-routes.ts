import { type Request, type RequestHandler, Router } from 'express';
import { RockpoolError } from '../../../protocol/errors.ts';
import { gameIdSchema } from '../../../protocol/ids.ts';
import { emptySchema } from '../../../protocol/player-messages.ts';
import { buildNumberSchema, LIVE_CHANNEL } from '../../../protocol/studio-builds.ts';
import { mediaOf, type TryOutReport } from '../../../protocol/try-out-report.ts';
import type { BuildRecord, GameReads } from '../../store/game-store.ts';
import type { StudioRecord, StudioStore } from '../../store/studio-store.ts';
import { demand, type Principal } from '../accounts/access-policy.ts';
import { actorOf, auditRecord } from '../accounts/audit-trail.ts';
import type { StudioEdge } from '../accounts/studio-edge.ts';
import type { Studios } from '../accounts/studios.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import { buildDeleted } from '../deletions/deleted.ts';
import { givenBuilds } from '../releases/rollout.ts';
import { sendMedia } from './send-media.ts';
import type { TryOuts } from './try-outs.ts';

/** For members alone, and for ever the same. */
const PRIVATE_MEDIA = 'private, max-age=31536000, immutable';
/** For anybody while the build is live. */
const PUBLIC_MEDIA = 'public, max-age=86400';

export interface StudioTryOutOptions {
  readonly edge: StudioEdge;
  readonly studios: Pick<Studios, 'find'>;
  readonly store: Pick<StudioStore, 'games' | 'transact'>;
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly tryOuts: Pick<TryOuts, 'start'>;
  /** Epoch milliseconds. */
  readonly wallClockMs: () => number;
}

const BUILD = '/studios/:slug/games/:gameId/builds/:number';

/** What members of a studio see of a build's try-out, and how they ask for another: below `/api/studio`. */
export function studioTryOutRoutes(options: StudioTryOutOptions): Router {
  const { edge, store, blobs, tryOuts } = options;
  const routes = Router();
  routes.get(`${BUILD}/media/:sha256`, async (request, response) => {
    const principal = await edge.authorise(request);
    const { build } = await find(options, principal, request, 'builds:read');
    const { sha256 } = request.params;
    await sendMedia(build.tryOut, sha256, blobs, PRIVATE_MEDIA, request, response);
  });
  routes.post(
    `${BUILD}/try-again`,
    edge.takes(emptySchema, async ({ request }, principal) => {
      const { build, studio } = await find(options, principal, request, 'builds:write');
      const { buildId, gameId, number } = build;
      const deed = {
        action: 'build.tried-again',
        studioId: studio.studioId,
        target: `${gameId}, build ${number}`,
      } as const;
      const isMoved = await store.transact(async (records) => {
        const stateDetail = 'It is tried out again.';
        const isMoved = await records.games.updateBuild(buildId, ['failed'], {
          state: 'trying',
          stateDetail,
        });
        if (!isMoved) return false;
        const record = auditRecord(actorOf(principal), deed, options.wallClockMs());
        await records.appendAudit(record);
        return true;
      });
      if (!isMoved) {
        throw new RockpoolError('conflict', 'Only a build whose try-out failed is tried again.');
      }
      tryOuts.start(buildId);
    }),
  );
  return routes;
}

/** Pictures and clips of what players of a live game get, for anybody: `GET` of a `gameMediaPath`. */
export function serveGameMedia({
  store,
  blobs,
}: Pick<StudioTryOutOptions, 'store' | 'blobs'>): RequestHandler<{
  gameId: string;
  sha256: string;
}> {
  return async (request, response) => {
    const { gameId, sha256 } = request.params;
    const report = await liveReport(store.games, gameId, sha256);
    await sendMedia(report, sha256, blobs, PUBLIC_MEDIA, request as Request, response);
  };
}

/** What was seen of a live build, where it has such a picture or clip: of two while one is rolled out. */
async function liveReport(
  games: GameReads,
  id: string,
  sha256: string,
): Promise<TryOutReport | undefined> {
  const gameId = gameIdSchema.safeParse(id);
  if (!gameId.success) return undefined;
  const [game, releases] = await Promise.all([
    games.game(gameId.data),
    games.currentReleases(gameId.data),
  ]);
  const live = releases.find(({ channel }) => channel === LIVE_CHANNEL);
  if (!game || game.removedAtMs !== undefined || !live) return undefined;
  for (const buildId of givenBuilds(live)) {
    const tryOut = (await games.build(buildId))?.tryOut;
    if (tryOut && mediaOf(tryOut).some((one) => one.sha256 === sha256)) return tryOut;
  }
  return undefined;
}

async function find(
  { studios, store }: StudioTryOutOptions,
  principal: Principal,
  { params }: Request,
  action: 'builds:read' | 'builds:write',
): Promise<{ studio: StudioRecord; build: BuildRecord }> {
  const studio = studios.find(principal, String(params.slug));
  demand(principal, studio.studioId, action);
  const gameId = gameIdSchema.safeParse(params.gameId);
  const number = buildNumberSchema.safeParse(Number(params.number));
  const game = gameId.success ? await store.games.game(gameId.data) : undefined;
  const isTheirs = game?.studioId === studio.studioId && game.removedAtMs === undefined;
  const build =
    isTheirs && number.success
      ? await store.games.buildByNumber(game.gameId, number.data)
      : undefined;
  if (build?.removedAtMs !== undefined) throw buildDeleted(build);
  if (build) return { studio, build };
  throw new RockpoolError('not-found', 'This studio has no such build.');
}

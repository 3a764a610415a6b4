import { join } from 'node:path';
import { Router } from 'express';
import type { Logger } from 'pino';
import type { GameId } from '../../protocol/ids.ts';
import type { BuildId } from '../../protocol/studio-builds.ts';
import { UPLOADS_PATH } from '../../protocol/studio-uploads.ts';
import type { RateLimits } from '../rate-limits.ts';
import type { Store } from '../store/store.ts';
import type { Timers } from '../timers.ts';
import type { Accounts } from './accounts/accounts.ts';
import type { StudioEdge } from './accounts/studio-edge.ts';
import { accountRoutes } from './accounts/studio-routes.ts';
import { type BlobPlace, openBlobStore } from './blobs/blob-place.ts';
import type { BlobStore } from './blobs/blob-store.ts';
import { Clearing } from './deletions/clearing.ts';
import { deletionRoutes } from './deletions/deletion-routes.ts';
import { Deletions } from './deletions/deletions.ts';
import { BuildChecks } from './games/build-checks.ts';
import { Builds } from './games/builds.ts';
import { gameRoutes } from './games/game-routes.ts';
import { Games } from './games/games.ts';
import { Insight } from './insight/insight.ts';
import { insightRoutes } from './insight/insight-routes.ts';
import { releaseRoutes } from './releases/release-routes.ts';
import { Releases } from './releases/releases.ts';
import { GameMedia } from './store-page/game-media.ts';
import { storePageRoutes } from './store-page/store-page-routes.ts';
import { StorePages } from './store-page/store-pages.ts';
import { ContainerTryOuts, type TryOutMachines } from './try-outs/container-try-outs.ts';
import { serveGameMedia, studioTryOutRoutes } from './try-outs/studio-try-out-routes.ts';
import { TryOutResults, type TryOutResultsOptions } from './try-outs/try-out-results.ts';
import { tryOutRoutes } from './try-outs/try-out-routes.ts';
import { uploadRoutes } from './uploads/upload-routes.ts';
import { Uploads } from './uploads/uploads.ts';

/** Below the API's address of studios. */
const UPLOADS_ROUTE = UPLOADS_PATH.replace('/api/studio', '');

export interface StudioOptions {
  readonly store: Store;
  readonly accounts: Accounts;
  readonly edge: StudioEdge;
  readonly limits: RateLimits;
  /** For uploads and what is unpacked of them: of this node alone. */
  readonly folder: string;
  readonly blobPlace: BlobPlace;
  /** Of each studio. */
  readonly quotaBytes: number;
  readonly isTaken: (gameId: GameId) => boolean;
  /** The picture that a container has sent of a game. */
  readonly coverUrl: (gameId: GameId) => string | null;
  /** Resolves when players get what was released. */
  readonly handleReleased: () => Promise<void>;
  /** Sessions of a game that are played now. */
  readonly playing: (gameId: GameId) => number;
  /** Sessions of a build that are played now. */
  readonly playingBuild: (buildId: BuildId) => number;
  /** Where builds are tried out. */
  readonly machines: TryOutMachines & Pick<TryOutResultsOptions, 'tokens'>;
  /** Tells other nodes that a container could not run a build. */
  readonly tellOthers: NonNullable<TryOutResultsOptions['tellOthers']>;
  /** Whether there is no other node. */
  readonly alone: boolean;
  readonly timers: Timers;
  readonly wallClockMs: () => number;
  readonly log: Logger;
}

/** What studios do here. */
export interface Studio {
  readonly blobs: BlobStore;
  readonly games: Games;
  readonly builds: Builds;
  /** Everything below `/api/studio`. */
  readonly routes: Router;
  readonly tryOuts: ContainerTryOuts;
  /** Pictures and clips that games are shown with. */
  readonly media: GameMedia;
  /** Where containers bring what they found. */
  readonly tryOutRoutes: Router;
  /** Pictures and clips of what is live. */
  readonly gameMedia: ReturnType<typeof serveGameMedia>;
  /** Takes up what is to be tried out: containers can reach this server. */
  startTryOuts(): void;
  /** Clears away what is not needed any more, from then on. */
  startClearing(): void;
  /** What is under way is left for the next process. May be called again. */
  close(): Promise<void>;
}

/** Opens what is kept for studios, and goes on with what another process has left. */
export async function openStudio(options: StudioOptions): Promise<Studio> {
  const { accounts, edge, quotaBytes, timers, wallClockMs, log } = options;
  const store = options.store.studio;
  const { folder, blobPlace: place } = options;
  const blobs = await openBlobStore(place, wallClockMs);
  const uploads = await Uploads.open({
    folder: join(folder, 'uploads'),
    quotaBytes,
    storedBytes: (studioId) => store.games.studioBytes(studioId),
    timers,
    wallClockMs,
    log,
  });
  const tryOuts = new ContainerTryOuts({ ...options.machines, store, timers, log });
  const checks = new BuildChecks({
    store,
    place,
    blobs,
    folder,
    quotaBytes,
    tryOuts,
    alone: options.alone,
    timers,
    log,
  });
  const { isTaken } = options;
  const games = new Games({ store, uploads, checks, isTaken, wallClockMs });
  const builds = new Builds({ store, blobs, uploads, checks, tryOuts, timers, wallClockMs });
  await checks.resume();
  const routes = Router();
  const { studios } = accounts;
  const { limits } = options;
  routes.use(UPLOADS_ROUTE, uploadRoutes({ edge, studios, games, uploads, limits, timers, log }));
  routes.use(gameRoutes({ edge, studios, games, builds }));
  const { handleReleased: refresh, playing, playingBuild } = options;
  const releases = new Releases({ store, wallClockMs, refresh, playing });
  routes.use(releaseRoutes(edge, accounts, releases));
  const deletions = new Deletions({ store, tryOuts, playing: playingBuild, refresh, wallClockMs });
  routes.use(deletionRoutes({ edge, studios, games, deletions }));
  const { isInCharge } = options.machines;
  const clearing = new Clearing({ store, blobs, isInCharge, timers, wallClockMs, log });
  const seen = { store, blobs, tryOuts, wallClockMs };
  routes.use(studioTryOutRoutes({ ...seen, edge, studios }));
  routes.use(accountRoutes(edge, accounts, wallClockMs));
  const insight = new Insight({ store: options.store, wallClockMs });
  routes.use(insightRoutes({ edge, studios, insight }));
  const media = new GameMedia({ games: store.games, coverUrl: options.coverUrl });
  const pages = new StorePages({
    store,
    media: (slug, gameId) => media.draft(slug, gameId),
    wallClockMs,
  });
  routes.use(storePageRoutes({ edge, studios, pages }));
  const { tokens } = options.machines;
  const { tellOthers } = options;
  const results = new TryOutResults({ ...seen, tokens, tellOthers });
  return {
    blobs,
    games,
    builds,
    routes,
    tryOuts,
    media,
    tryOutRoutes: tryOutRoutes(results),
    gameMedia: serveGameMedia(seen),
    startTryOuts: () => void tryOuts.open(),
    startClearing: () => clearing.start(),
    async close() {
      await checks.close();
      await tryOuts.close();
      await clearing.close();
      await uploads.close();
    },
  };
}

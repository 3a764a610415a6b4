import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import type { Logger } from 'pino';
import { manifestJsonSchema } from '../protocol/build-manifest.ts';
import { RockpoolError } from '../protocol/errors.ts';
import { gameMediaPath } from '../protocol/game-media.ts';
import { gameIdSchema } from '../protocol/ids.ts';
import { studioSlugSchema } from '../protocol/studio-access.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import type { ContainerRegistry } from './container-registry.ts';
import type { CoverStore } from './cover-store.ts';
import { statusOf } from './error-status.ts';
import type { Metrics } from './metrics.ts';
import type { PoolNodes } from './nodes/pool-nodes.ts';
import type { RateLimits } from './rate-limits.ts';
import { refuseBodies } from './refuse-bodies.ts';
import { tellable } from './request-edge.ts';
import { receiveSave, SAVE_ROUTE, type SaveRouteOptions, sendSave } from './save-routes.ts';
import { securityHeaders } from './security-headers.ts';
import type { BlobDesk } from './studio/releases/blob-desk.ts';
import { BLOB_ROUTE, sendBlob } from './studio/releases/blob-routes.ts';
import { byCodeUnit } from './text-order.ts';

export interface HttpAppOptions {
  readonly containers: ContainerRegistry;
  /** Undefined where this node is the only one. */
  readonly nodes?: PoolNodes | undefined;
  /** In front of this server, each of which says for whom it asks. */
  readonly proxies?: number;
  readonly covers: CoverStore;
  readonly metrics: Metrics;
  readonly limits: RateLimits;
  /** Answers what there is to play, and the page of each game. */
  readonly games: RequestHandler;
  /** Answers `GET /api/pool`. */
  readonly pool: RequestHandler;
  /** Answers `GET /api/invites/:token`. */
  readonly invites: RequestHandler<{ token: string }>;
  /** Answers everything below `/api/console`. */
  readonly consoleApi: RequestHandler;
  /** Answers everything below `/api/operator`, and reads what bodies it takes. */
  readonly operatorApi: RequestHandler;
  readonly saves: SaveRouteOptions;
  /** Which containers may have which blobs of builds. */
  readonly blobs: BlobDesk;
  /** Answers everything below `/api/studio`. */
  readonly studioApi: RequestHandler;
  /** Takes what containers found out about builds. */
  readonly tryOuts: RequestHandler;
  /** Answers `GET` of a picture or clip of a live game. */
  readonly gameMedia: RequestHandler<{ gameId: string; sha256: string }>;
  /** Folder of the built pages. */
  readonly clientFolder: string;
  readonly log: Logger;
}

const YEAR_MS = 365 * 24 * 60 * 60 * 1000;
const IMMUTABLE = { immutable: true, maxAge: YEAR_MS };

const NOT_FOUND_PAGE =
  '<!doctype html><html lang="en"><title>Not found – Rockpool</title>' +
  '<h1>There is nothing here</h1><p><a href="/">All games</a></p></html>';

/** Pages, covers and the few things asked over plain HTTP. */
export function createHttpApp(options: HttpAppOptions): Express {
  const { containers, covers, metrics, limits, pool, consoleApi, clientFolder, log } = options;
  const app = express();
  app.disable('x-powered-by');
  // The few routes that read a query parse it themselves.
  app.set('query parser', false);
  app.set('trust proxy', options.proxies ?? 0);
  app.use(securityHeaders());
  // A build has thousands of parts. Whoever has no token for them is held to what anybody may ask.
  app.get(
    BLOB_ROUTE,
    sendBlob(options.blobs, (address) => limits.httpRequest(address)),
  );
  app.use(async (request, _response, next) => {
    await limits.httpRequest(request.ip ?? '');
    next();
  });
  // What takes a body.
  app.put(SAVE_ROUTE, receiveSave(options.saves));
  app.use(options.tryOuts);
  app.use('/api/studio', options.studioApi);
  app.use('/api/operator', options.operatorApi);
  app.use(refuseBodies);

  app.get('/healthz', (_request, response) => {
    const ready = containers.ready;
    response
      .status(ready ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .json({
        status: ready ? 'ok' : 'starting',
        protocol: PROTOCOL_VERSION,
        ...describeNodes(options.nodes),
      });
  });
  // Whether the process answers, with containers or without: they come through it.
  app.get('/livez', (_request, response) => {
    response.set('Cache-Control', 'no-store').json({ status: 'ok' });
  });
  app.get('/metrics', async (_request, response) => {
    response.set('Content-Type', metrics.contentType).send(await metrics.render());
  });
  app.use(options.games);
  app.get(gameMediaPath(':gameId', ':sha256'), options.gameMedia);
  app.get('/api/pool', pool);
  app.get('/api/invites/:token', options.invites);
  app.get(SAVE_ROUTE, sendSave(options.saves));
  app.use('/api/console', consoleApi);
  app.get('/covers/:gameId/:file', serveCover(covers));
  // For editors, which check a rockpool.json that names this address as its `$schema`.
  app.get('/schema/rockpool.json', (_request, response) => {
    response.type('application/schema+json').send(JSON.stringify(manifestJsonSchema()));
  });

  const page: RequestHandler = (_request, response) => {
    response.sendFile('index.html', {
      root: clientFolder,
      headers: { 'Cache-Control': 'no-cache' },
    });
  };
  app.get(['/', '/pool', '/history', '/console', '/studio', '/join/:token'], page);
  app.get('/play/:gameId', (request, response, next) => {
    if (gameIdSchema.safeParse(request.params.gameId).success) page(request, response, next);
    else next();
  });
  app.get('/studio/:slug', (request, response, next) => {
    if (studioSlugSchema.safeParse(request.params.slug).success) page(request, response, next);
    else next();
  });
  app.get(['/studio/:slug/games', '/studio/:slug/games/:gameId'], (request, response, next) => {
    const { slug, gameId = 'any' } = request.params as { slug: string; gameId?: string };
    const isOurs =
      studioSlugSchema.safeParse(slug).success && gameIdSchema.safeParse(gameId).success;
    if (isOurs) page(request, response, next);
    else next();
  });
  // The build names every file under assets/ by its content.
  app.use('/assets', express.static(`${clientFolder}/assets`, { ...IMMUTABLE, index: false }));
  app.use(
    express.static(clientFolder, {
      index: false,
      setHeaders: (response) => response.setHeader('Cache-Control', 'no-cache'),
    }),
  );

  app.use((request: Request, response: Response) => {
    metrics.countRejected('http', 'bad-message');
    response.status(404);
    if (request.accepts(['json', 'html']) === 'html') response.type('html').send(NOT_FOUND_PAGE);
    else response.json(new RockpoolError('bad-message', 'There is nothing at this path.').toWire());
  });
  app.use(answerError(metrics, log));
  return app;
}

/** The other nodes by name; cut off: it cannot be known whether there are any. */
function describeNodes(nodes: PoolNodes | undefined) {
  return nodes && { nodes: nodes.connected ? nodes.names.sort(byCodeUnit) : 'cut off' };
}

function serveCover(covers: CoverStore): RequestHandler<{ gameId: string; file: string }> {
  return (request, response, next) => {
    const gameId = gameIdSchema.safeParse(request.params.gameId);
    const version = gameId.success ? covers.version(gameId.data) : undefined;
    if (!gameId.success || request.params.file !== `${version}.webp`) {
      next();
      return;
    }
    response.sendFile(covers.fileName(gameId.data), { root: covers.folder, ...IMMUTABLE });
  };
}

/** Express and its parts throw errors with a status; what a client caused is a client's error. */
function clientFault(thrown: unknown): number | undefined {
  const status = thrown instanceof Error && 'status' in thrown ? thrown.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}

function answerError(metrics: Metrics, log: Logger): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (thrown, _request, response, next) => {
    const fault = clientFault(thrown);
    const error =
      fault === undefined
        ? tellable(thrown, log)
        : new RockpoolError('bad-message', 'This request was not understood.', { cause: thrown });
    metrics.countRejected('http', error.code);
    if (response.headersSent) next(thrown);
    else response.status(fault ?? statusOf(error.code)).json(error.toWire());
  };
}

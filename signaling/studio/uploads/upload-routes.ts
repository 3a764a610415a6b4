import type { IncomingMessage } from 'node:http';
import { Metadata, Server as TusServer } from '@tus/server';
import type { Request, RequestHandler } from 'express';
import type { Logger } from 'pino';
import { type ErrorCode, parseMessage, RockpoolError } from '../../../protocol/errors.ts';
import {
  UPLOADS_PATH,
  type UploadMetadata,
  uploadIdSchema,
  uploadMetadataSchema,
} from '../../../protocol/studio-uploads.ts';
import { statusOf } from '../../error-status.ts';
import type { RateLimits } from '../../rate-limits.ts';
import { refuseBodies } from '../../refuse-bodies.ts';
import { tellable } from '../../request-edge.ts';
import type { GameRecord } from '../../store/game-store.ts';
import type { Timers } from '../../timers.ts';
import { demand, type Principal } from '../accounts/access-policy.ts';
import type { StudioEdge } from '../accounts/studio-edge.ts';
import type { Studios } from '../accounts/studios.ts';
import type { Games } from '../games/games.ts';
import { noSuchUpload } from './upload-files.ts';
import type { Uploads } from './uploads.ts';

/** Methods of the protocol that change or tell of an upload. What has come is given back to nobody. */
const METHODS: ReadonlySet<string> = new Set(['POST', 'HEAD', 'PATCH', 'DELETE', 'OPTIONS']);

/** While a request sends, it is asked so often whether it still may. */
const RECHECK_MS = 5_000;

export interface UploadRoutesOptions {
  readonly edge: StudioEdge;
  readonly studios: Studios;
  readonly games: Games;
  readonly uploads: Uploads;
  readonly limits: RateLimits;
  readonly timers: Timers;
  readonly log: Logger;
}

/** Who begins an upload, and of what. */
interface Beginning {
  readonly principal: Principal;
  readonly game: GameRecord;
  readonly metadata: UploadMetadata;
}

/** Everything below {@link UPLOADS_PATH}: resumable uploads by the tus protocol. */
export function uploadRoutes(options: UploadRoutesOptions): RequestHandler {
  const { edge, studios, games, uploads, limits, timers, log } = options;
  const beginnings = new WeakMap<IncomingMessage, Beginning>();
  const tus = new TusServer({
    path: UPLOADS_PATH,
    datastore: uploads.files,
    relativeLocation: true,
    // Pages of other sites have no business here.
    allowedOrigins: () => false,
    onUploadCreate: async ({ runtime }, { id, size = 0 }) => {
      const request = runtime?.node?.req;
      const beginning = request && beginnings.get(request as IncomingMessage);
      if (!beginning) throw new Error('an upload begins without anybody');
      const { game, metadata, principal } = beginning;
      await uploads.begin(id, size, game, metadata, principal);
      return {};
    },
    onResponseError: (_request, error) => tusError(error, log),
  });

  const begin = async (request: Request): Promise<void> => {
    const principal = await edge.authorise(request);
    await limits.uploadBegun(request.ip ?? '');
    const metadata = metadataOf(request);
    const studio = studios.find(principal, metadata.studio);
    demand(principal, studio.studioId, 'builds:write');
    const game = await games.find(studio, metadata.game);
    beginnings.set(request, { principal, game, metadata });
  };
  const goOn = async (request: Request): Promise<void> => {
    const principal = await edge.authorise(request);
    // With the query, which tus would read an id from as well: what is asked about is what is changed.
    const uploadId = uploadIdSchema.safeParse(request.url.slice(1));
    if (!uploadId.success) throw noSuchUpload();
    demand(principal, uploads.find(uploadId.data).studioId, 'builds:write');
  };
  /** A request may send for hours, with a token that is revoked meanwhile. */
  const watch = (request: Request): (() => void) => {
    let isOver = false;
    let cancel = () => {};
    const checkLater = () => {
      cancel = timers.after(RECHECK_MS, () => {
        goOn(request).then(
          () => {
            if (!isOver) checkLater();
          },
          // Why, it is told when it comes to go on.
          () => request.destroy(),
        );
      });
    };
    checkLater();
    return () => {
      isOver = true;
      cancel();
    };
  };

  return async (request, response, next) => {
    const { method } = request;
    if (!METHODS.has(method)) return next();
    // The tus server would take the first bytes with a POST, too, which nobody watches over.
    if (method !== 'PATCH') refuseBodies(request, response, () => undefined);
    if (method === 'POST') await begin(request);
    else if (method !== 'OPTIONS') await goOn(request);
    const unwatch = method === 'PATCH' ? watch(request) : () => {};
    try {
      await tus.handle(request, response);
    } finally {
      unwatch();
    }
  };
}

/** @throws RockpoolError `bad-message` */
function metadataOf({ headers }: Request): UploadMetadata {
  let metadata: unknown;
  try {
    metadata = Metadata.parse(String(headers['upload-metadata'] ?? ''));
  } catch (cause) {
    throw new RockpoolError('bad-message', 'Upload-Metadata is not as tus 1.0.0 has it.', {
      cause,
    });
  }
  return parseMessage(uploadMetadataSchema, metadata, 'Upload-Metadata');
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  404: 'not-found',
  409: 'conflict',
  410: 'not-found',
  413: 'message-too-large',
};

/** The same kind of answer as elsewhere: a code and a sentence. */
function tusError(thrown: unknown, log: Logger): { status_code: number; body: string } {
  const error = fromTus(thrown) ?? tellable(thrown, log);
  return { status_code: statusOf(error.code), body: JSON.stringify(error.toWire()) };
}

function fromTus(thrown: unknown): RockpoolError | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  if (!('status_code' in thrown) || !('body' in thrown)) return undefined;
  const code = CODES[Number(thrown.status_code)] ?? 'bad-message';
  return new RockpoolError(code, String(thrown.body).trim());
}

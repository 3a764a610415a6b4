import { pipeline } from 'node:stream/promises';
import type { RequestHandler } from 'express';
import type { BuildPicture } from '../../../protocol/studio-builds.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { ReleaseCatalogue, ReleasedBuild } from './release-catalogue.ts';

const YEAR_S = 365 * 24 * 60 * 60;

/** A card of the library is at most this wide, in pixels of a dense screen. */
const CARD_WIDTH = 640;

/** Of a live game's pictures the one for the library: a WebP as wide as a card, or what comes nearest. */
function coverOf({ pictures }: Pick<ReleasedBuild, 'pictures'>): BuildPicture | undefined {
  const distance = ({ width }: BuildPicture) => Math.abs(width - CARD_WIDTH);
  return pictures
    .filter(({ format }) => format === 'webp')
    .reduce<BuildPicture | undefined>(
      (best, one) => (best && distance(best) <= distance(one) ? best : one),
      undefined,
    );
}

/** Site-relative address of a live game's cover; undefined where its build has no picture. */
export function studioCoverUrl(build: ReleasedBuild): string | undefined {
  const cover = coverOf(build);
  return cover && `/covers/${build.gameId}/${cover.sha256}.webp`;
}

/** Serves covers of live games: nothing else of a build is anybody's. */
export function serveStudioCover(
  catalogue: Pick<ReleaseCatalogue, 'live'>,
  blobs: Pick<BlobStore, 'get'>,
): RequestHandler<{ gameId: string; file: string }> {
  return async (request, response, next) => {
    const { gameId, file } = request.params;
    const build = catalogue.live(gameId);
    const cover = build && coverOf(build);
    const content = cover && file === `${cover.sha256}.webp` && (await blobs.get(cover.sha256));
    if (!content) {
      next();
      return;
    }
    response.set({
      'Cache-Control': `public, max-age=${YEAR_S}, immutable`,
      'Content-Type': 'image/webp',
      'Content-Length': String(cover.bytes),
    });
    await pipeline(content, response);
  };
}

import { gameMediaPath } from '../../../protocol/game-media.ts';
import type { BuildPicture } from '../../../protocol/studio-builds.ts';
import type { ReleasedBuild } from './release-catalogue.ts';

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
  return cover && gameMediaPath(build.gameId, cover.sha256);
}

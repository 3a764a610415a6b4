import type { GameId } from './ids.ts';

/** Site-relative address of a picture or clip of a build, for members of its studio. */
export function buildMediaPath(
  slug: string,
  gameId: GameId,
  buildNumber: number,
  sha256: string,
): string {
  return `/api/studio/studios/${slug}/games/${gameId}/builds/${buildNumber}/media/${sha256}`;
}

/** Site-relative address of a picture or clip of the build that is live, for anybody. */
export function gameMediaPath(gameId: GameId, sha256: string): string {
  return `/api/games/${gameId}/media/${sha256}`;
}

import { type GameId, gameIdSchema } from '../../protocol/ids.ts';

/** Every address the pages know. */
export type Route =
  | { readonly name: 'library' }
  | { readonly name: 'play'; readonly gameId: GameId }
  | { readonly name: 'not-found' };

/** The route of a `location.pathname`. */
export function parseRoute(pathname: string): Route {
  if (pathname === '/' || pathname === '/index.html') return { name: 'library' };
  const game = /^\/play\/([^/]+)\/?$/.exec(pathname)?.[1];
  const gameId = gameIdSchema.safeParse(game);
  return gameId.success ? { name: 'play', gameId: gameId.data } : { name: 'not-found' };
}

/** The deep link that starts a game. */
export function playPath(gameId: GameId): string {
  return `/play/${gameId}`;
}

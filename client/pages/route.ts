import { type GameId, gameIdSchema } from '../../protocol/ids.ts';
import { studioSlugSchema } from '../../protocol/studio-access.ts';

/** Every address the pages know. */
export type Route =
  | { readonly name: 'library' }
  | { readonly name: 'play'; readonly gameId: GameId }
  | { readonly name: 'join'; readonly invite: string }
  | { readonly name: 'pool' }
  | { readonly name: 'history' }
  | { readonly name: 'console' }
  | { readonly name: 'studio'; readonly slug: string | undefined }
  | { readonly name: 'not-found' };

/** Pages that need no more than their address. */
const PAGES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['/', { name: 'library' }],
  ['/index.html', { name: 'library' }],
  ['/pool', { name: 'pool' }],
  ['/history', { name: 'history' }],
  ['/console', { name: 'console' }],
  ['/studio', { name: 'studio', slug: undefined }],
]);

/** The route of a `location.pathname`. */
export function parseRoute(pathname: string): Route {
  const page = PAGES.get(pathname);
  if (page) return page;
  const invite = /^\/join\/([\w.-]+)\/?$/.exec(pathname)?.[1];
  if (invite !== undefined) return { name: 'join', invite };
  const game = /^\/play\/([^/]+)\/?$/.exec(pathname)?.[1];
  const slug = studioSlugSchema.safeParse(/^\/studio\/([^/]+)\/?$/.exec(pathname)?.[1]);
  if (slug.success) return { name: 'studio', slug: slug.data };
  const gameId = gameIdSchema.safeParse(game);
  return gameId.success ? { name: 'play', gameId: gameId.data } : { name: 'not-found' };
}

/** The deep link that starts a game. */
export function playPath(gameId: GameId): string {
  return `/play/${gameId}`;
}

import { type GameId, gameIdSchema } from '../../protocol/ids.ts';
import { studioSlugSchema } from '../../protocol/studio-access.ts';

/** Every address the pages know. */
export type Route =
  | { readonly name: 'library' }
  | { readonly name: 'play'; readonly gameId: GameId }
  | { readonly name: 'game'; readonly gameId: GameId }
  | { readonly name: 'join'; readonly invite: string }
  | { readonly name: 'pool' }
  | { readonly name: 'history' }
  | { readonly name: 'console' }
  | {
      readonly name: 'studio';
      readonly slug: string | undefined;
      /** Left out on the page of the studio itself. */
      readonly games?: 'all' | { readonly gameId: GameId };
    }
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
  const known = PAGES.get(pathname);
  if (known) return known;
  const invite = /^\/join\/([\w.-]+)\/?$/.exec(pathname)?.[1];
  if (invite !== undefined) return { name: 'join', invite };
  const game = /^\/play\/([^/]+)\/?$/.exec(pathname)?.[1];
  const slug = studioSlugSchema.safeParse(/^\/studio\/([^/]+)\/?$/.exec(pathname)?.[1]);
  if (slug.success) return { name: 'studio', slug: slug.data };
  const games = studioGamesRoute(pathname);
  if (games) return games;
  const page = gameIdSchema.safeParse(/^\/games\/([^/]+)\/?$/.exec(pathname)?.[1]);
  if (page.success) return { name: 'game', gameId: page.data };
  const gameId = gameIdSchema.safeParse(game);
  return gameId.success ? { name: 'play', gameId: gameId.data } : { name: 'not-found' };
}

/** Below the address of a studio. */
function studioGamesRoute(pathname: string): Route | undefined {
  const [, slug, game] = /^\/studio\/([^/]+)\/games(?:\/([^/]+))?\/?$/.exec(pathname) ?? [];
  const studio = studioSlugSchema.safeParse(slug);
  if (!studio.success) return undefined;
  if (game === undefined) return { name: 'studio', slug: studio.data, games: 'all' };
  const gameId = gameIdSchema.safeParse(game);
  if (!gameId.success) return undefined;
  return { name: 'studio', slug: studio.data, games: { gameId: gameId.data } };
}

/** Where the games of a studio are, or one of them. */
export function studioGamesPath(slug: string, gameId?: GameId): string {
  return gameId === undefined ? `/studio/${slug}/games` : `/studio/${slug}/games/${gameId}`;
}

/** The deep link that starts a game. */
export function playPath(gameId: GameId): string {
  return `/play/${gameId}`;
}

/** What there is to know of a game. */
export function gamePath(gameId: GameId): string {
  return `/games/${gameId}`;
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Request, Router } from 'express';
import { RockpoolError } from '../protocol/errors.ts';
import { type GameId, gameIdSchema } from '../protocol/ids.ts';
import type { PagePicture, PublicGame } from '../protocol/public-game.ts';
import type { GamePages } from './game-pages.ts';
import { type PageHead, withHead } from './page-head.ts';

export interface GamePageRoutesOptions {
  readonly pages: GamePages;
  /** Folder of the built pages. */
  readonly clientFolder: string;
  /** Origin under which people reach the pages, where it is configured. */
  readonly publicUrl: string | undefined;
}

/** What there is to play, and the page of each game: as JSON, and as the page that a link leads to. */
export function gamePageRoutes({ pages, clientFolder, publicUrl }: GamePageRoutesOptions): Router {
  const routes = Router();
  routes.get('/api/games', async (_request, response) => {
    response.set('Cache-Control', 'no-store').json({ games: await pages.library() });
  });
  routes.get('/api/games/:gameId', async ({ params }, response) => {
    const gameId = gameIdSchema.safeParse(params.gameId);
    const found = gameId.success ? await pages.find(gameId.data) : undefined;
    if (!found) throw noSuchGame();
    response.set('Cache-Control', 'no-store').json(found);
  });
  routes.get('/games/:gameId', async (request, response, next) => {
    const gameId = gameIdSchema.safeParse(request.params.gameId);
    if (!gameId.success) {
      next();
      return;
    }
    const html = await readFile(join(clientFolder, 'index.html'), 'utf8');
    const found = await pages.find(gameId.data);
    const origin = publicUrl ?? originOf(request);
    response
      // The page says what to do, and search engines forget the address.
      .status(found ? 200 : 404)
      .set('Cache-Control', 'no-cache')
      .type('html')
      .send(found ? withHead(html, headOf(gameId.data, found, origin)) : html);
  });
  return routes;
}

function noSuchGame(): RockpoolError {
  return new RockpoolError(
    'not-found',
    'There is no such game here now. Its machines may be away: the library lists what can be played.',
  );
}

/** Where a browser reached us; only what looks like a host is repeated. */
function originOf({ protocol, headers }: Request): string {
  const host = headers.host ?? '';
  return `${protocol}://${/^[\w.\-[\]:]+$/.test(host) ? host : 'localhost'}`;
}

/** Previews are some 1200 pixels wide, and few programs that make them know AVIF. */
const PREVIEW_WIDTH = 1280;
const PREVIEW_FORMATS: readonly PagePicture['format'][] = ['jpeg', 'png', 'webp'];

function headOf(gameId: GameId, { game, studio, media }: PublicGame, origin: string): PageHead {
  const misfit = ({ width, format }: PagePicture) =>
    Math.abs(width - PREVIEW_WIDTH) + PREVIEW_FORMATS.indexOf(format) * 1000;
  const picture = media.cover
    .filter(({ format }) => PREVIEW_FORMATS.includes(format))
    .sort((a, b) => misfit(a) - misfit(b))[0];
  const summary = game.summary || `Play ${game.title} in your browser.`;
  return {
    title: game.title,
    description: studio === null ? summary : `${summary} By ${studio}.`,
    url: `${origin}/games/${gameId}`,
    image: picture && {
      url: `${origin}${picture.url}`,
      width: picture.width,
      height: picture.height,
    },
  };
}

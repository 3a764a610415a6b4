import { describe, expect, it } from 'vitest';
import { gamePath, parseRoute, playPath, studioGamesPath } from '../../../client/pages/route.ts';
import { gameIdSchema } from '../../../protocol/ids.ts';

describe('parseRoute', () => {
  it('knows the library', () => {
    expect(parseRoute('/')).toEqual({ name: 'library' });
  });

  it('knows the console of a provider', () => {
    expect(parseRoute('/console')).toEqual({ name: 'console' });
  });

  it('knows the pages of the pool and of what was played', () => {
    expect(parseRoute('/pool')).toEqual({ name: 'pool' });
    expect(parseRoute('/history')).toEqual({ name: 'history' });
  });

  it('knows the games of a studio, and which one', () => {
    const studio = { name: 'studio', slug: 'tidal-games' };
    expect(parseRoute('/studio/tidal-games/games')).toEqual({ ...studio, games: 'all' });
    const tide = { ...studio, games: { gameId: 'tide' } };
    expect(parseRoute('/studio/tidal-games/games/tide')).toEqual(tide);
    expect(studioGamesPath('tidal-games', 'tide')).toBe('/studio/tidal-games/games/tide');
    expect(studioGamesPath('tidal-games')).toBe('/studio/tidal-games/games');
    for (const path of [
      '/studio/tidal-games/games/No',
      '/studio/tidal-games/other',
      '/studio/A/games',
    ]) {
      expect(parseRoute(path)).toEqual({ name: 'not-found' });
    }
  });

  it('knows the studios, and which one', () => {
    expect(parseRoute('/studio')).toEqual({ name: 'studio', slug: undefined });
    expect(parseRoute('/studio/tidal-games')).toEqual({ name: 'studio', slug: 'tidal-games' });
    expect(parseRoute('/studio/Tidal%20Games')).toEqual({ name: 'not-found' });
  });

  it('finds the game of a deep link', () => {
    const gameId = gameIdSchema.parse('calibration-gpu');
    expect(parseRoute(playPath(gameId))).toEqual({ name: 'play', gameId });
    expect(parseRoute(`${playPath(gameId)}/`)).toEqual({ name: 'play', gameId });
  });

  it('finds the game of its page', () => {
    const gameId = gameIdSchema.parse('skimmer');
    expect(parseRoute(gamePath(gameId))).toEqual({ name: 'game', gameId });
    expect(parseRoute('/games/Skimmer')).toEqual({ name: 'not-found' });
  });

  it.each(['/play', '/play/', '/play/Skimmer', '/play/a/b', '/play/..%2F', '/elsewhere'])(
    'finds nothing at %s',
    (path) => {
      expect(parseRoute(path)).toEqual({ name: 'not-found' });
    },
  );
});

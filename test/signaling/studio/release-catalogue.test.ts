import { pino } from 'pino';
import { expect, it } from 'vitest';
import { MemoryStore } from '../../../signaling/store/memory-store.ts';
import { ReleaseCatalogue } from '../../../signaling/studio/releases/release-catalogue.ts';
import { readyBuild } from '../../support/game-records.ts';
import { ManualTimers } from '../../support/manual-timers.ts';
import { StudioGames } from '../../support/studio-games.ts';

it('shows what a try-out has seen of a build, though the build was known before', async () => {
  const { studio } = new MemoryStore();
  const games = new StudioGames(studio);
  const gameId = await games.game('tide');
  const { tryOut } = readyBuild(gameId);
  const build = await games.build(gameId, { state: 'trying', tryOut: undefined });
  const catalogue = new ReleaseCatalogue({
    games: studio.games,
    timers: new ManualTimers(),
    log: pino({ level: 'silent' }),
    handleChange: () => {},
  });
  // A container that tries it out is told of it.
  expect((await catalogue.find(build.buildId))?.pictures).toEqual([]);
  await studio.transact((records) =>
    records.games.updateBuild(build.buildId, ['trying'], { state: 'ready', tryOut }),
  );
  await games.release(build);
  await catalogue.refresh();
  expect(tryOut?.screenshots.length).toBeGreaterThan(0);
  expect(catalogue.live(gameId)?.pictures).toEqual(tryOut?.screenshots);
});

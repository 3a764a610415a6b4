import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryStore } from '../../../signaling/store/memory-store.ts';
import { ReleaseCatalogue } from '../../../signaling/studio/releases/release-catalogue.ts';
import { readyBuild, tryOutReport } from '../../support/game-records.ts';
import { ManualTimers } from '../../support/manual-timers.ts';
import { StudioGames } from '../../support/studio-games.ts';

describe('ReleaseCatalogue', () => {
  const { studio } = new MemoryStore();
  const games = new StudioGames(studio);
  let gameId: string;
  let reads: number;
  let changes: number;
  let catalogue: ReleaseCatalogue;
  beforeEach(async () => {
    gameId = await games.game(`tide-${crypto.randomUUID().slice(0, 8)}`);
    reads = 0;
    changes = 0;
    catalogue = new ReleaseCatalogue({
      games: {
        allCurrentReleases: async () =>
          (await studio.games.allCurrentReleases()).filter((one) => one.gameId === gameId),
        build: (buildId) => {
          reads++;
          return studio.games.build(buildId);
        },
      },
      timers: new ManualTimers(),
      log: pino({ level: 'silent' }),
      handleChange: () => changes++,
    });
  });

  it('shows what a try-out has seen of a build, though the build was known before', async () => {
    const { tryOut } = readyBuild(gameId);
    const build = await games.build(gameId, { state: 'trying', tryOut: undefined });
    // A container that tries it out is told of it.
    expect((await catalogue.find(build.buildId))?.pictures).toEqual([]);
    await studio.transact((records) =>
      records.games.updateBuild(build.buildId, ['trying'], { state: 'ready', tryOut }),
    );
    await games.release(build);
    await catalogue.refresh();
    expect(tryOut?.screenshots.length).toBeGreaterThan(0);
    expect(catalogue.live(gameId)?.pictures).toEqual(tryOut?.screenshots);
    expect([...catalogue.builds()]).toEqual([catalogue.live(gameId)]);
    expect(changes).toBe(1);
  });

  it('lets nobody play what is only tried out', async () => {
    const build = await games.build(gameId, { state: 'trying', tryOut: undefined });
    expect((await catalogue.find(build.buildId))?.buildId).toBe(build.buildId);
    await catalogue.refresh();
    expect([...catalogue.builds()]).toEqual([]);
    expect(changes).toBe(0);
  });

  it('reads a build once, whether it has pictures or none', async () => {
    await games.release(await games.build(gameId, { tryOut: tryOutReport({ screenshots: [] }) }));
    for (let round = 0; round < 3; round++) await catalogue.refresh();
    expect(reads).toBe(1);
    expect([...catalogue.builds()]).toHaveLength(1);
    expect(changes).toBe(1);
  });
});

import { describe, expect, it } from 'vitest';
import type { GameRecord } from '../../signaling/store/game-store.ts';
import type { StudioRecord, StudioStore } from '../../signaling/store/studio-store.ts';
import {
  buildRecord,
  gameRecord,
  newBuildId,
  newGameId,
  newSha256,
  readyBuild,
  releaseRecord,
  tryOutReport,
} from '../support/game-records.ts';
import { STUDIO_START_MS, studioRecord } from '../support/studio-records.ts';

/** A studio with a game. */
async function studioWithGame(
  store: StudioStore,
): Promise<{ readonly studio: StudioRecord; readonly game: GameRecord }> {
  const studio = studioRecord();
  const game = gameRecord(studio.studioId);
  await store.transact(async (records) => {
    await records.addStudio(studio);
    await records.games.addGame(game);
  });
  return { studio, game };
}

/** What every {@link StudioStore} promises of games; run on each implementation. One may serve all. */
export function describeGameStoreContract(open: () => StudioStore): void {
  describe('as a store of studios, of games', () => {
    it('gives back a game, and knows no other', async () => {
      const store = open();
      const { game } = await studioWithGame(store);
      expect(await store.games.game(game.gameId)).toStrictEqual(game);
      expect(await store.games.game(newGameId())).toBeUndefined();
    });

    it('gives an id once, also where its game was removed', async () => {
      const store = open();
      const { studio, game } = await studioWithGame(store);
      const again = gameRecord(studio.studioId, { gameId: game.gameId, title: 'Another' });
      const add = () => store.transact((records) => records.games.addGame(again));
      expect(await add()).toBe(false);
      await store.transact((records) =>
        records.games.updateGame(game.gameId, { removedAtMs: STUDIO_START_MS + 1 }),
      );
      expect(await add()).toBe(false);
      expect((await store.games.game(game.gameId))?.title).toBe(game.title);
    });

    it('tells a studio its games by title, without the removed ones and those of others', async () => {
      const store = open();
      const { studio, game } = await studioWithGame(store);
      await studioWithGame(store);
      const [first, gone] = ['alpha', 'Beta'].map((title) =>
        gameRecord(studio.studioId, { title }),
      ) as [GameRecord, GameRecord];
      await store.transact(async ({ games }) => {
        for (const one of [first, gone]) await games.addGame(one);
        await games.updateGame(gone.gameId, { removedAtMs: STUDIO_START_MS });
      });
      expect(await store.games.gamesOf(studio.studioId)).toStrictEqual([first, game]);
    });

    it('changes what it is told of a game and no more, and says where there is none', async () => {
      const store = open();
      const { game } = await studioWithGame(store);
      const page = { description: '# Tide\n\0', summary: 'Waves.', tags: ['calm'] };
      await store.transact(async ({ games }) => {
        expect(await games.updateGame(game.gameId, { page })).toBe(true);
        expect(await games.updateGame(newGameId(), { title: 'None' })).toBe(false);
      });
      expect(await store.games.game(game.gameId)).toStrictEqual({
        ...game,
        page: { ...page, description: '# Tide\n\ufffd' },
      });
    });
  });

  describe('as a store of studios, of builds', () => {
    it('numbers the builds of each game from 1, also where several come at once', async () => {
      const store = open();
      const [{ game }, { game: other }] = [
        await studioWithGame(store),
        await studioWithGame(store),
      ];
      const add = (gameId: string) =>
        store.transact((records) => records.games.addBuild(buildRecord(gameId)));
      const added = await Promise.all([1, 2, 3, 4].map(() => add(game.gameId)));
      expect(added.map(({ number }) => number).sort()).toEqual([1, 2, 3, 4]);
      expect((await add(other.gameId)).number).toBe(1);
    });

    it('gives back a build in each of the ways to find it', async () => {
      const store = open();
      const { game } = await studioWithGame(store);
      const { gameId } = game;
      const added = await store.transact(({ games }) => games.addBuild(readyBuild(gameId)));
      const { games } = store;
      expect(await games.build(added.buildId)).toStrictEqual(added);
      expect(await games.buildByNumber(gameId, 1)).toStrictEqual(added);
      expect(await games.buildByContent(gameId, added.content ?? '')).toStrictEqual(added);
      expect(await games.buildByArchive(gameId, added.archive.sha256)).toStrictEqual(added);
      expect(await games.build(newBuildId())).toBeUndefined();
      expect(await games.buildByNumber(gameId, 2)).toBeUndefined();
      expect(await games.buildByContent(gameId, newSha256())).toBeUndefined();
      expect(await games.buildByArchive(newGameId(), added.archive.sha256)).toBeUndefined();
    });

    it('lists the builds of a game newest first, a page at a time', async () => {
      const store = open();
      const { game } = await studioWithGame(store);
      for (let count = 0; count < 5; count++) {
        await store.transact(({ games }) => games.addBuild(buildRecord(game.gameId)));
      }
      const numbers = async (beforeNumber?: number) =>
        (await store.games.buildsOf(game.gameId, { beforeNumber, limit: 2 })).map(
          ({ number }) => number,
        );
      expect(await numbers()).toEqual([5, 4]);
      expect(await numbers(4)).toEqual([3, 2]);
      expect(await numbers(1)).toEqual([]);
    });

    it('finds the newest of several builds that are the same', async () => {
      const store = open();
      const { game } = await studioWithGame(store);
      const { gameId } = game;
      const content = newSha256();
      const [, second] = [
        await store.transact(({ games }) => games.addBuild(readyBuild(gameId, { content }))),
        await store.transact(({ games }) => games.addBuild(readyBuild(gameId, { content }))),
      ];
      expect(await store.games.buildByContent(gameId, content)).toStrictEqual(second);
    });

    it('lists what is in a state, the oldest first', async () => {
      const store = open();
      const { game } = await studioWithGame(store);
      const add = (createdAtMs: number, state: 'checking' | 'ready') =>
        store.transact(({ games }) =>
          games.addBuild(buildRecord(game.gameId, { createdAtMs, state })),
        );
      const late = await add(STUDIO_START_MS + 9, 'checking');
      const early = await add(STUDIO_START_MS - 9, 'checking');
      await add(STUDIO_START_MS - 10, 'ready');
      const found = await store.games.buildsInState('checking', 1000);
      const ours = found.filter(({ gameId }) => gameId === game.gameId);
      expect(ours).toStrictEqual([early, late]);
      expect(await store.games.buildsInState('checking', 1)).toHaveLength(1);
    });

    it('moves a build on from the states that are named, and lets one of several do so', async () => {
      const store = open();
      const { game } = await studioWithGame(store);
      const build = await store.transact(({ games }) => games.addBuild(buildRecord(game.gameId)));
      const { buildId } = build;
      const refuse = (stateDetail: string) =>
        store.transact(({ games }) =>
          games.updateBuild(buildId, ['checking'], { state: 'refused', stateDetail }),
        );
      const moved = await Promise.all(['One.', 'Another.'].map(refuse));
      expect(moved.filter((one) => one)).toHaveLength(1);
      expect(await store.games.build(buildId)).toStrictEqual({
        ...build,
        state: 'refused',
        stateDetail: moved[0] ? 'One.' : 'Another.',
      });
    });

    it('sets and takes away parts of a build, and leaves the others', async () => {
      const store = open();
      const { game } = await studioWithGame(store);
      const build = await store.transact(({ games }) => games.addBuild(readyBuild(game.gameId)));
      const { buildId } = build;
      const change = (patch: object) =>
        store.transact(({ games }) => games.updateBuild(buildId, ['ready'], patch));
      expect(await change({ tryOut: undefined })).toBe(true);
      expect(await store.games.build(buildId)).toStrictEqual({ ...build, tryOut: undefined });
      const tryOut = tryOutReport({ problem: 'No window.', exitCode: 1 });
      expect(await change({ tryOut })).toBe(true);
      expect(await store.games.build(buildId)).toStrictEqual({ ...build, tryOut });
    });

    it('counts what a studio stores, also of removed games', async () => {
      const store = open();
      const { studio, game } = await studioWithGame(store);
      const { game: foreign } = await studioWithGame(store);
      expect(await store.games.studioBytes(studio.studioId)).toBe(0);
      const storedBytes = 3 * 2 ** 40;
      await store.transact(async ({ games }) => {
        await games.addBuild(buildRecord(game.gameId, { storedBytes }));
        await games.addBuild(buildRecord(game.gameId, { storedBytes: 1 }));
        await games.addBuild(buildRecord(foreign.gameId, { storedBytes: 7 }));
        await games.updateGame(game.gameId, { removedAtMs: STUDIO_START_MS });
      });
      expect(await store.games.studioBytes(studio.studioId)).toBe(storedBytes + 1);
    });
  });

  describe('as a store of studios, of what was deleted', () => {
    it('hides a removed build from every list of those that are there, and numbers on', async () => {
      const store = open();
      const { game } = await studioWithGame(store);
      const { gameId } = game;
      const removedAtMs = STUDIO_START_MS + 5;
      const build = await store.transact(({ games }) =>
        games.addBuild(readyBuild(gameId, { state: 'trying' })),
      );
      const { buildId, archive, content = '' } = build;
      await store.transact(({ games }) => games.updateBuild(buildId, ['trying'], { removedAtMs }));
      const { games } = store;
      const removed = { ...build, removedAtMs };
      expect(await games.buildsOf(gameId, { limit: 9 })).toEqual([]);
      expect(await games.buildByContent(gameId, content)).toBeUndefined();
      expect(await games.buildByArchive(gameId, archive.sha256)).toBeUndefined();
      const trying = await games.buildsInState('trying', 1000);
      expect(trying.filter((one) => one.buildId === buildId)).toEqual([]);
      expect(await games.build(buildId)).toStrictEqual(removed);
      expect(await games.buildByNumber(gameId, 1)).toStrictEqual(removed);
      expect(await games.removedBuilds(gameId)).toStrictEqual([removed]);
      const next = await store.transact((records) => records.games.addBuild(buildRecord(gameId)));
      expect(next.number).toBe(2);
    });

    it('tells what is to be forgotten, what is kept, and what a studio has, once it is gone', async () => {
      const store = open();
      const { studio, game } = await studioWithGame(store);
      const { gameId } = game;
      const { game: foreign } = await studioWithGame(store);
      const add = (createdAtMs: number, of = gameId) =>
        store.transact(({ games }) => games.addBuild(readyBuild(of, { createdAtMs })));
      const late = await add(STUDIO_START_MS + 9);
      const early = await add(STUDIO_START_MS + 1);
      const other = await add(STUDIO_START_MS, foreign.gameId);
      const ours = new Set<string>([late, early, other].map(({ buildId }) => buildId));
      const patch = (buildId: typeof late.buildId, changes: object) =>
        store.transact(({ games }) => games.updateBuild(buildId, ['ready'], changes));
      // Before anything that another test removes.
      await patch(late.buildId, { removedAtMs: 1_000 });
      const { games } = store;
      const toForget = async (beforeMs: number) =>
        (await games.buildsToForget(beforeMs, 1000)).filter(({ buildId }) => ours.has(buildId));
      expect(await toForget(1_000)).toEqual([]);
      expect((await toForget(1_001)).map(({ buildId }) => buildId)).toEqual([late.buildId]);
      const kept = async () => {
        const found: string[] = [];
        for (let after: typeof late.buildId | undefined; ; ) {
          const page = await games.keptBuilds(after, 2);
          found.push(...page.map(({ buildId }) => buildId));
          after = page.at(-1)?.buildId;
          if (!after) return found.filter((one) => ours.has(one));
        }
      };
      expect(new Set(await kept())).toEqual(ours);
      expect(await games.studioBuilds(studio.studioId)).toMatchObject([
        { buildId: early.buildId },
        { buildId: late.buildId },
      ]);
      await patch(late.buildId, { goneAtMs: 2_000, index: undefined });
      expect(await toForget(9_000)).toEqual([]);
      expect(new Set(await kept())).toEqual(new Set([early.buildId, other.buildId]));
      expect(await games.studioBuilds(studio.studioId)).toMatchObject([{ buildId: early.buildId }]);
      expect(await games.removedBuilds(gameId)).toMatchObject([{ number: 1, goneAtMs: 2_000 }]);
    });

    it('gives the id of a game that is gone to its own studio again, and to no other', async () => {
      const store = open();
      const { studio, game } = await studioWithGame(store);
      const { gameId } = game;
      const build = await store.transact(({ games }) => games.addBuild(readyBuild(gameId)));
      await store.transact(({ games }) => games.addRelease(releaseRecord(gameId, build.buildId)));
      const update = (changes: object) =>
        store.transact(({ games }) => games.updateGame(gameId, changes));
      await update({ removedAtMs: 500 });
      const { games } = store;
      expect(await games.removedGames(studio.studioId)).toMatchObject([{ gameId }]);
      const toForget = (await games.gamesToForget(501, 1000)).filter(
        (one) => one.gameId === gameId,
      );
      expect(toForget).toHaveLength(1);
      await store.transact(async (records) => {
        await records.games.updateBuild(build.buildId, ['ready'], { goneAtMs: 600 });
        await records.games.updateGame(gameId, { goneAtMs: 600 });
      });
      expect(await games.removedGames(studio.studioId)).toEqual([]);
      expect((await games.gamesToForget(501, 1000)).map((one) => one.gameId)).not.toContain(gameId);
      const { studio: others } = await studioWithGame(store);
      const again = (studioId: typeof studio.studioId) =>
        store.transact((records) =>
          records.games.addGame(gameRecord(studioId, { gameId, title: 'Anew' })),
        );
      expect(await again(others.studioId)).toBe(false);
      expect(await again(studio.studioId)).toBe(true);
      expect(await again(studio.studioId)).toBe(false);
      expect(await games.game(gameId)).toMatchObject({ title: 'Anew', removedAtMs: undefined });
      // What was released before is nobody's any more.
      expect(await games.currentReleases(gameId)).toEqual([]);
      expect((await games.allCurrentReleases()).map((one) => one.gameId)).not.toContain(gameId);
      expect((await games.releases(gameId, 9)).length).toBe(1);
      const next = await store.transact((records) => records.games.addBuild(buildRecord(gameId)));
      expect(next.number).toBe(2);
    });
  });

  describe('as a store of studios, of releases', () => {
    it('tells what each channel has now and had before', async () => {
      const store = open();
      const { game } = await studioWithGame(store);
      const { gameId } = game;
      const [first, second] = [
        await store.transact(({ games }) => games.addBuild(readyBuild(gameId))),
        await store.transact(({ games }) => games.addBuild(readyBuild(gameId))),
      ];
      // All at the same moment: what was written last counts.
      const releases = [
        releaseRecord(gameId, first.buildId),
        releaseRecord(gameId, second.buildId, { channel: 'beta' }),
        releaseRecord(gameId, second.buildId, { percent: 10, beforeBuildId: first.buildId }),
      ] as const;
      for (const one of releases) {
        await store.transact(({ games }) => games.addRelease(one));
      }
      const [, beta, live] = releases;
      expect(await store.games.releases(gameId, 9)).toStrictEqual([...releases].reverse());
      expect(await store.games.releases(gameId, 1)).toStrictEqual([live]);
      expect(await store.games.currentReleases(gameId)).toStrictEqual([beta, live]);
      expect(await store.games.currentReleases(newGameId())).toEqual([]);
    });

    it('tells what is released of all games that are there', async () => {
      const store = open();
      const [one, gone] = [await studioWithGame(store), await studioWithGame(store)];
      const releases = [];
      for (const { gameId } of [one.game, gone.game]) {
        const build = await store.transact(({ games }) => games.addBuild(readyBuild(gameId)));
        const release = releaseRecord(gameId, build.buildId);
        releases.push(release);
        await store.transact(({ games }) => games.addRelease(release));
      }
      await store.transact(({ games }) =>
        games.updateGame(gone.game.gameId, { removedAtMs: STUDIO_START_MS }),
      );
      const games = new Set([one.game.gameId, gone.game.gameId]);
      const current = await store.games.allCurrentReleases();
      expect(current.filter(({ gameId }) => games.has(gameId))).toStrictEqual([releases[0]]);
    });
  });
}

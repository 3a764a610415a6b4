import { describe, expect, it } from 'vitest';
import { gameMediaPath } from '../../../protocol/game-media.ts';
import { pageMediaSchema } from '../../../protocol/public-game.ts';
import { MemoryStore } from '../../../signaling/store/memory-store.ts';
import { GameMedia } from '../../../signaling/studio/store-page/game-media.ts';
import {
  gameRecord,
  newSha256,
  readyBuild,
  releaseRecord,
  tryOutReport,
} from '../../support/game-records.ts';
import { studioRecord } from '../../support/studio-records.ts';

const COVER = '/covers/tide/1.webp';

/** Pictures of two moments, each in two formats, and a clip. */
function seen() {
  const picture = (atMs: number, format: 'avif' | 'webp') => ({
    sha256: newSha256(),
    bytes: 1_000,
    width: 640,
    height: 360,
    format,
    atMs,
  });
  const [best, other] = [9_000, 4_000];
  return tryOutReport({
    screenshots: [
      picture(best, 'avif'),
      picture(best, 'webp'),
      picture(other, 'avif'),
      picture(other, 'webp'),
    ],
    clip: { sha256: newSha256(), bytes: 9_000 },
    poster: picture(best, 'webp'),
  });
}

async function setUp(tryOut = seen()) {
  const store = new MemoryStore().studio;
  const studio = studioRecord();
  const build = await store.transact(async (records) => {
    await records.addStudio(studio);
    await records.games.addGame(gameRecord(studio.studioId, { gameId: 'tide' }));
    return records.games.addBuild(readyBuild('tide', { tryOut }));
  });
  const release = () =>
    store.transact(({ games }) => games.addRelease(releaseRecord('tide', build.buildId)));
  const rollOut = (seenOfIt: ReturnType<typeof seen>, percent: number) =>
    store.transact(async ({ games }) => {
      const next = await games.addBuild(readyBuild('tide', { tryOut: seenOfIt }));
      const rollout = { percent, beforeBuildId: build.buildId };
      await games.addRelease(releaseRecord('tide', next.buildId, rollout));
    });
  const media = new GameMedia({ games: store.games, coverUrl: () => COVER });
  return { studio, media, release, rollOut, tryOut };
}

describe('what a game looks like', () => {
  it('is the cover of a container until a build of it is live', async () => {
    const { media, release, tryOut } = await setUp();
    expect(await media.public('tide')).toMatchObject({ cover: [{ url: COVER }], clipUrl: null });
    await release();
    const live = pageMediaSchema.parse(await media.public('tide'));
    const urls = tryOut.screenshots.map(({ sha256 }) => gameMediaPath('tide', sha256));
    expect(live.cover.map(({ url }) => url)).toEqual(urls.slice(0, 2));
    expect(live.screenshots.map((pictures) => pictures.map(({ url }) => url))).toEqual([
      urls.slice(2),
    ]);
    expect(live.clipUrl).toBe(gameMediaPath('tide', tryOut.clip?.sha256 ?? ''));
    expect(live.posterUrl).toBe(gameMediaPath('tide', tryOut.poster?.sha256 ?? ''));
  });

  it('is what most players get, while another build is rolled out to a few', async () => {
    const { media, release, rollOut, tryOut } = await setUp();
    await release();
    const next = seen();
    await rollOut(next, 49);
    const shown = async () => (await media.public('tide')).cover[0]?.url;
    expect(await shown()).toBe(gameMediaPath('tide', tryOut.screenshots[0]?.sha256 ?? ''));
    await rollOut(next, 50);
    expect(await shown()).toBe(gameMediaPath('tide', next.screenshots[0]?.sha256 ?? ''));
  });

  it('is seen by its studio before it is released, at addresses for members alone', async () => {
    const { media, studio, tryOut } = await setUp();
    const draft = pageMediaSchema.parse(await media.draft(studio.slug, 'tide'));
    const sha256 = tryOut.screenshots[0]?.sha256;
    expect(draft.cover[0]?.url).toBe(
      `/api/studio/studios/${studio.slug}/games/tide/builds/1/media/${sha256}`,
    );
  });

  it('is the cover of a container where the try-out saw nothing', async () => {
    const { media, studio, release } = await setUp(
      tryOutReport({ screenshots: [], clip: null, poster: null }),
    );
    await release();
    expect((await media.public('tide')).cover[0]?.url).toBe(COVER);
    expect((await media.draft(studio.slug, 'tide')).cover[0]?.url).toBe(COVER);
  });
});

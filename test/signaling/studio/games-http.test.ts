import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type StudioGames, studioGamesSchema } from '../../../protocol/studio-builds.ts';
import { GAMES, StudioUploads } from '../../support/studio-uploads.ts';

let studio: StudioUploads;
beforeEach(async () => {
  studio = await StudioUploads.start();
});
afterEach(() => studio.close());

describe('the games of a studio', () => {
  it('are created by who may, listed by title, renamed, and told apart from those of others', async () => {
    await studio.ada.must('POST', GAMES, { id: 'alga', title: 'alga' });
    await studio.ada.must('PATCH', `${GAMES}/alga`, { title: 'Algae' });
    const { games, storage } = studioGamesSchema.parse(await studio.ada.must('GET', GAMES));
    expect(games).toMatchObject([
      { gameId: 'alga', title: 'Algae', latest: null, liveBuild: null },
      { gameId: 'tide', title: 'Tide' },
    ]);
    expect(storage).toEqual({ usedBytes: 0, quotaBytes: 100e9 });
    const viewer = await studio.invited('Vera', 'viewer');
    expect((await viewer.must<StudioGames>('GET', GAMES)).games).toHaveLength(2);
    expect(await viewer.refused('POST', GAMES, { id: 'ebb', title: 'Ebb' })).toMatchObject({
      status: 403,
    });
    expect(await studio.browser().refused('GET', GAMES)).toMatchObject({ status: 401 });
  });

  it('have a name in addresses that is theirs alone', async () => {
    const again = { id: 'tide', title: 'Another' };
    expect(await studio.ada.refused('POST', GAMES, again)).toMatchObject({
      status: 409,
      code: 'conflict',
      message: expect.stringContaining('"tide" already'),
    });
    await studio.fixture.container();
    const taken = { id: 'skimmer', title: 'Mine' };
    expect(await studio.ada.refused('POST', GAMES, taken)).toMatchObject({ status: 409 });
    const bad = { id: 'No Spaces', title: 'x' };
    expect(await studio.ada.refused('POST', GAMES, bad)).toMatchObject({ status: 400 });
  });
});

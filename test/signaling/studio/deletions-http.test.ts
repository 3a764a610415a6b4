import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  buildListSchema,
  deletedBuildSchema,
  deletedGameSchema,
  KEEP_DELETED_MS,
  type StudioGames as Listed,
  studioGamesSchema,
} from '../../../protocol/studio-builds.ts';
import { channelsSchema } from '../../../protocol/studio-releases.ts';
import { FIRST_ROUND_MS } from '../../../signaling/studio/deletions/clearing.ts';
import { fakeCapacity } from '../../support/fake-container.ts';
import { SignalingFixture } from '../../support/signaling-fixture.ts';
import { logOf, type StudioBrowser } from '../../support/studio-browser.ts';
import { invitedTo, StudioGames, signedInOwner } from '../../support/studio-games.ts';

const GAMES = '/studios/tidal-games/games';
const TIDE = `${GAMES}/tide`;
const LIVE = `${TIDE}/channels/live`;

let fixture: SignalingFixture;
let ada: StudioBrowser;
let games: StudioGames;
beforeEach(async () => {
  fixture = await SignalingFixture.start();
  ada = await signedInOwner(fixture);
  games = new StudioGames(fixture.store.studio);
  await games.game('tide', await fixture.store.studio.studioBySlug('tidal-games'));
});
afterEach(() => fixture.close());

const PLENTY = { ...fakeCapacity(8), pixelsPerSecond: 1e9, cpus: 16, memoryBytes: 2 ** 36 };

/** A container that plays studios' builds. */
async function host(): Promise<void> {
  const container = fixture.newContainer();
  await container.start(
    { slots: 8, capacity: PLENTY, builds: { runtimes: ['linux', 'web'], warm: [] } },
    { state: 'standby', freeSlots: 8, free: PLENTY },
  );
}

/** A build whose index is in no store, and so not needed for what is deleted. */
const build = (label = '') =>
  games.build('tide', { label, index: undefined, storedBytes: 1000, tryOut: undefined });
const list = async () => buildListSchema.parse(await ada.must('GET', `${TIDE}/builds`));
const numbers = async () => (await list()).builds.map(({ number }) => number);
const library = async () => studioGamesSchema.parse(await ada.must('GET', GAMES));
const deeds = async () =>
  (await logOf(ada)).entries
    .filter(({ action }) => /\.(deleted|restored|gone)$/.test(action))
    .map(({ actor, action, target }) => [actor, action, target]);

describe('a build that is deleted', () => {
  it('is hidden, can be taken back for seven days, and is told until when', async () => {
    await build();
    await build('v2');
    const deletedAtMs = fixture.wallClockMs;
    const deleted = deletedBuildSchema.parse(await ada.must('DELETE', `${TIDE}/builds/2`));
    expect(deleted).toEqual({
      number: 2,
      label: 'v2',
      archiveName: 'tide.zip',
      deletedAtMs,
      goneAtMs: deletedAtMs + KEEP_DELETED_MS,
    });
    expect(await list()).toMatchObject({ builds: [{ number: 1 }], deleted: [deleted] });
    expect((await library()).games).toMatchObject([{ latest: { number: 1 } }]);
    for (const [method, path, body] of [
      ['GET', `${TIDE}/builds/2`, undefined],
      ['POST', `${TIDE}/builds/2/try-again`, {}],
      ['POST', LIVE, { buildNumber: 2 }],
    ] as const) {
      expect(await ada.refused(method, path, body)).toMatchObject({
        message: 'Build 2 is deleted: take it back first.',
      });
    }
    // Whoever asks again gets the same answer, and the time goes on.
    fixture.wallClockMs += KEEP_DELETED_MS - 1;
    expect(await ada.must('DELETE', `${TIDE}/builds/2`)).toEqual(deleted);
    expect((await library()).storage.usedBytes).toBe(2000);
    expect(await ada.must('POST', `${TIDE}/builds/2/restore`, {})).toMatchObject({ number: 2 });
    expect(await numbers()).toEqual([2, 1]);
    expect((await list()).deleted).toEqual([]);
    expect(await deeds()).toEqual([
      ['Ada', 'build.restored', 'build 2 of tide'],
      ['Ada', 'build.deleted', 'build 2 of tide'],
    ]);
  });

  it('is gone then: its space is free, its number is not used again', async () => {
    await build();
    await build();
    await ada.must('DELETE', `${TIDE}/builds/2`);
    fixture.timers.advance(FIRST_ROUND_MS);
    fixture.wallClockMs += KEEP_DELETED_MS;
    expect(await ada.refused('POST', `${TIDE}/builds/2/restore`, {})).toMatchObject({
      status: 409,
      message: 'Build 2 was deleted too long ago to be taken back.',
    });
    fixture.wallClockMs += 1;
    await vi.waitFor(async () => {
      fixture.timers.advance(FIRST_ROUND_MS);
      expect((await library()).storage.usedBytes).toBe(1000);
    });
    expect((await list()).deleted).toEqual([]);
    expect(await ada.refused('POST', `${TIDE}/builds/2/restore`, {})).toMatchObject({
      status: 404,
      message: 'Build 2 was deleted, and is gone.',
    });
    expect((await build()).number).toBe(3);
    expect((await deeds())[0]).toEqual(['Rockpool', 'build.gone', 'build 2 of tide']);
  });

  it('is one that no channel gives to anybody', async () => {
    for (let count = 0; count < 3; count++) await games.build('tide');
    await ada.must('POST', LIVE, { buildNumber: 1 });
    await ada.must('POST', LIVE, { buildNumber: 2, percent: 10 });
    await ada.must('POST', `${TIDE}/channels/beta`, { buildNumber: 2 });
    expect(await ada.refused('DELETE', `${TIDE}/builds/2`)).toMatchObject({
      status: 409,
      message: 'Build 2 is live on beta, live: roll it back or release another one first.',
    });
    // The others still get it.
    expect(await ada.refused('DELETE', `${TIDE}/builds/1`)).toMatchObject({
      message: 'Build 1 is live on live: roll it back or release another one first.',
    });
    await ada.must('POST', LIVE, { buildNumber: 2 });
    await ada.must('DELETE', `${TIDE}/builds/1`);
    // Nobody is offered to go back to it, and whoever tries is told why not.
    const { channels } = channelsSchema.parse(await ada.must('GET', `${TIDE}/channels`));
    const live = channels.find(({ channel }) => channel === 'live');
    expect(live?.rollBackTo).toBeNull();
    expect(live?.releases.map(({ isThere }) => isThere)).toEqual([true, false, false]);
    for (const release of live?.releases.slice(1) ?? []) {
      const { releaseId } = release;
      expect(await ada.refused('POST', `${LIVE}/roll-back`, { releaseId })).toMatchObject({
        message: 'Build 1 is deleted: take it back first.',
      });
    }
    expect(await ada.refused('POST', `${LIVE}/roll-back`, {})).toMatchObject({ status: 409 });
    await ada.must('POST', `${TIDE}/builds/1/restore`, {});
    await ada.must('POST', `${LIVE}/roll-back`, {});
  });

  it('is one that nobody plays, and that is not being checked', async () => {
    await games.build('tide');
    await games.build('tide');
    await ada.must('POST', LIVE, { buildNumber: 1 });
    await host();
    const player = await fixture.guest();
    const { sessionId } = await player.mustPlay({ gameId: 'tide' });
    await ada.must('POST', LIVE, { buildNumber: 2 });
    expect(await ada.refused('DELETE', `${TIDE}/builds/1`)).toMatchObject({
      status: 409,
      message: 'Build 1 is being played by a player: delete it when they have finished.',
    });
    await player.request('leave', { sessionId });
    await ada.must('DELETE', `${TIDE}/builds/1`);
    await games.build('tide', { state: 'checking' });
    expect(await ada.refused('DELETE', `${TIDE}/builds/3`)).toMatchObject({
      status: 409,
      message: 'Build 3 is being checked: delete it when that is done.',
    });
    expect(await ada.refused('DELETE', `${TIDE}/builds/9`)).toMatchObject({ status: 404 });
  });

  it('is for owners and developers to delete, and programs of theirs', async () => {
    for (let count = 0; count < 3; count++) await build();
    const vic = await invitedTo(fixture, ada, 'Vic', 'viewer');
    expect(await vic.refused('DELETE', `${TIDE}/builds/1`)).toMatchObject({ status: 403 });
    await ada.must('DELETE', `${TIDE}/builds/1`);
    expect(await vic.refused('POST', `${TIDE}/builds/1/restore`, {})).toMatchObject({
      status: 403,
    });
    const dev = await invitedTo(fixture, ada, 'Dev', 'developer');
    await dev.must('DELETE', `${TIDE}/builds/2`);
    expect(await numbers()).toEqual([3]);
    for (const [scope, status] of [
      ['builds:read', 403],
      ['builds:write', 200],
    ] as const) {
      const { token } = await ada.must<{ token: string }>('POST', '/studios/tidal-games/tokens', {
        name: 'CI',
        scopes: [scope],
        lifetimeDays: 7,
      });
      const headers = { authorization: `Bearer ${token}` };
      expect((await ada.ask('DELETE', `${TIDE}/builds/3`, undefined, headers)).status).toBe(status);
      expect((await ada.ask('DELETE', TIDE, undefined, headers)).status).toBe(403);
    }
  });
});

describe('a game that is deleted', () => {
  it('is hidden with all it has, keeps its name, and can be taken back as it was', async () => {
    await games.build('tide');
    await ada.must('POST', LIVE, { buildNumber: 1 });
    const deleted = deletedGameSchema.parse(await ada.must('DELETE', TIDE));
    expect(deleted).toMatchObject({ gameId: 'tide', title: 'tide' });
    expect(deleted.goneAtMs - deleted.deletedAtMs).toBe(KEEP_DELETED_MS);
    expect(await library()).toMatchObject({ games: [], deleted: [deleted] });
    for (const path of ['', '/builds', '/channels', '/page', '/insight']) {
      expect(await ada.refused('GET', `${TIDE}${path}`)).toMatchObject({
        status: 404,
        message: 'tide is deleted. An owner of the studio can take it back among its games.',
      });
    }
    await host();
    const player = await fixture.guest();
    const play = () => player.play({ gameId: 'tide' });
    expect(await play()).toMatchObject({ ok: false, error: { code: 'unknown-game' } });
    expect(await ada.refused('POST', GAMES, { id: 'tide', title: 'Mine' })).toMatchObject({
      status: 409,
      message: '"tide" is a deleted game of this studio: take it back, or choose another name.',
    });
    expect(await ada.must('POST', `${TIDE}/restore`, {})).toMatchObject({ liveBuild: 1 });
    expect(await library()).toMatchObject({ games: [{ gameId: 'tide' }], deleted: [] });
    expect(await deeds()).toEqual([
      ['Ada', 'game.restored', 'tide'],
      ['Ada', 'game.deleted', 'tide'],
    ]);
  });

  it('is for owners alone to delete and to take back', async () => {
    const dev = await invitedTo(fixture, ada, 'Dev', 'developer');
    expect(await dev.refused('DELETE', TIDE)).toMatchObject({
      status: 403,
      message: 'As developer you may not delete its games. Ask an owner of the studio.',
    });
    await ada.must('DELETE', TIDE);
    expect(await dev.refused('POST', `${TIDE}/restore`, {})).toMatchObject({ status: 403 });
    // Those of others are nobody's business.
    await games.game('wave');
    expect(await ada.refused('DELETE', `${GAMES}/wave`)).toMatchObject({ status: 404 });
  });

  it('is gone then: its space and its name are free, and nothing of it comes back', async () => {
    await build();
    await games.release(await build());
    await ada.must('DELETE', TIDE);
    fixture.wallClockMs += KEEP_DELETED_MS + 1;
    await vi.waitFor(async () => {
      fixture.timers.advance(FIRST_ROUND_MS);
      expect(await library()).toMatchObject({ deleted: [], storage: { usedBytes: 0 } });
    });
    expect(await ada.refused('POST', `${TIDE}/restore`, {})).toMatchObject({ status: 404 });
    expect((await deeds()).slice(0, 3)).toEqual(
      expect.arrayContaining([
        ['Rockpool', 'game.gone', 'tide'],
        ['Rockpool', 'build.gone', 'build 1 of tide'],
        ['Rockpool', 'build.gone', 'build 2 of tide'],
      ]),
    );
    await ada.must('POST', GAMES, { id: 'tide', title: 'Tide anew' });
    const { games: listed } = await ada.must<Listed>('GET', GAMES);
    expect(listed).toMatchObject([{ title: 'Tide anew', latest: null, liveBuild: null }]);
    expect((await build()).number).toBe(3);
  });
});

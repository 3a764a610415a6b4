import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JoinRequest } from '../../protocol/container-messages.ts';
import { gameListSchema } from '../../protocol/game-info.ts';
import { playerIdSchema } from '../../protocol/ids.ts';
import type { PlayGrant } from '../../protocol/player-messages.ts';
import type { BuildRecord } from '../../signaling/store/game-store.ts';
import { REFRESH_MS } from '../../signaling/studio/releases/release-catalogue.ts';
import { buildOf } from '../../signaling/studio/releases/rollout.ts';
import { type FakeContainer, fakeCapacity, fakeGame } from '../support/fake-container.ts';
import type { FakePlayer } from '../support/fake-player.ts';
import { releaseRecord } from '../support/game-records.ts';
import { SignalingFixture } from '../support/signaling-fixture.ts';
import { StudioGames } from '../support/studio-games.ts';

const PLENTY = {
  ...fakeCapacity(8),
  pixelsPerSecond: 1e9,
  cpus: 16,
  memoryBytes: 2 ** 36,
};

let fixture: SignalingFixture;
let games: StudioGames;
beforeEach(async () => {
  fixture = await SignalingFixture.start();
  games = new StudioGames(fixture.store.studio);
  await games.game('tide');
});
afterEach(() => fixture.close());

/** A container that plays studios' builds, and has these on its disk. */
async function host(
  warm: BuildRecord[] = [],
  name = 'a host',
  own: Partial<JoinRequest> = {},
): Promise<FakeContainer> {
  const container = fixture.newContainer({ name });
  const builds = { runtimes: ['linux', 'web'] as const, warm: warm.map(({ buildId }) => buildId) };
  await container.start(
    { slots: 8, capacity: PLENTY, builds: { ...builds, runtimes: [...builds.runtimes] }, ...own },
    { state: 'standby', freeSlots: 8, free: PLENTY },
  );
  return container;
}

async function library() {
  return gameListSchema.parse(await (await fixture.get('/api/games')).json()).games;
}

async function play(player: FakePlayer, container: FakeContainer, request: object = {}) {
  const grant = await player.mustPlay({ gameId: 'tide', ...request });
  return { grant, order: await container.assigned.next() };
}

describe("a studio's game", () => {
  it('is in the library when it is live, as its manifest says', async () => {
    await host();
    const build = await games.build('tide');
    await games.release(build, { channel: 'beta' });
    fixture.timers.advance(REFRESH_MS);
    expect((await library()).map(({ id }) => id)).toEqual(['skimmer']);
    await games.release(build);
    fixture.timers.advance(REFRESH_MS);
    await expect
      .poll(async () => (await library()).find(({ id }) => id === 'tide'))
      .toMatchObject({
        title: 'Tide',
        freeSlots: 8,
        coverUrl: expect.stringMatching(/^\/api\/games\/tide\/media\//),
      });
  });

  it('is started with its build, what that consists of, and a key to its blobs', async () => {
    const container = await host();
    const build = await games.build('tide');
    await games.release(build);
    fixture.timers.advance(REFRESH_MS);
    await expect.poll(async () => (await library()).length).toBe(2);
    const { order } = await play(await fixture.guest(), container);
    expect(order).toMatchObject({
      gameId: 'tide',
      build: {
        buildId: build.buildId,
        index: build.index,
        manifest: { id: 'tide', entry: 'index.html' },
        token: expect.any(String),
      },
    });
  });

  it('goes to machines that can run it, and first to those that have it', async () => {
    const build = await games.build('tide');
    await games.release(build);
    await fixture.container({ slots: 4 });
    fixture.timers.advance(REFRESH_MS);
    await expect.poll(async () => (await library()).length).toBe(2);
    const player = await fixture.guest();
    expect(await player.play({ gameId: 'tide' })).toMatchObject({
      ok: false,
      error: { code: 'unknown-game' },
    });
    const cold = await host([], 'cold');
    const first = (await play(player, cold)).grant;
    expect(first.containerName).toBe('cold');
    await host([build], 'warm');
    const other = await fixture.guest();
    expect((await other.mustPlay({ gameId: 'tide' })).containerName).toBe('warm');
    // The first one has fetched it meanwhile, and nobody plays on it any more.
    await player.request('leave', { sessionId: first.sessionId });
    await cold.request('warm-builds', { warm: [build.buildId] });
    await cold.request('load', { state: 'standby', freeSlots: 8, free: PLENTY });
    const third = await fixture.guest();
    expect((await third.mustPlay({ gameId: 'tide' })).containerName).toBe('cold');
  });

  it('is named to machines that are tried, and to one that keeps a place', async () => {
    const build = await games.build('tide');
    await games.release(build);
    const pool = [await host([], 'attic'), await host([], 'cellar')];
    fixture.timers.advance(REFRESH_MS);
    await expect.poll(async () => (await library()).length).toBe(2);
    const player = await fixture.guest();
    const [near] = await player.mustMeasure({ gameId: 'tide' });
    for (const container of pool) {
      expect((await container.tried.next()).build?.buildId).toBe(build.buildId);
    }
    if (!near) throw new Error('there are two to be tried');
    const grant = await player.mustChoose([{ sessionId: near.sessionId, roundTripMs: 8 }]);
    expect(grant.containerId).toBe(near.containerId);
    // Nothing is free any more: the next one waits, and is offered the place of whoever leaves.
    for (const container of pool) {
      await container.request('load', { state: 'busy', freeSlots: 0, free: PLENTY });
    }
    const second = await fixture.guest();
    const { place } = await second.mustWait({ gameId: 'tide' });
    const [attic] = pool;
    await attic?.request('load', { state: 'standby', freeSlots: 1, free: PLENTY });
    const { ticketId } = await second.offers.next();
    expect(ticketId).toBe(place.ticketId);
    expect((await attic?.reserved.next())?.build?.buildId).toBe(build.buildId);
    await second.request('accept', { ticketId });
    expect((await attic?.assigned.next())?.build?.buildId).toBe(build.buildId);
  });

  it('that a container offers as its own is the studio’s all the same', async () => {
    const build = await games.build('tide');
    await games.release(build);
    fixture.timers.advance(REFRESH_MS);
    const container = await host([], 'a host', { games: [fakeGame('tide', { title: 'My tide' })] });
    await expect.poll(async () => (await library()).map(({ title }) => title)).toEqual(['Tide']);
    const { order } = await play(await fixture.guest(), container);
    expect(order.build?.buildId).toBe(build.buildId);
  });
});

describe('a release', () => {
  let container: FakeContainer;
  let one: BuildRecord;
  let two: BuildRecord;
  beforeEach(async () => {
    container = await host();
    one = await games.build('tide');
    two = await games.build('tide');
    await games.release(one);
    fixture.timers.advance(REFRESH_MS);
    await expect.poll(async () => (await library()).length).toBe(2);
  });

  /** It is what players get. */
  async function nowLive(build: BuildRecord, changes: object = {}): Promise<void> {
    await games.release(build, changes);
    fixture.timers.advance(REFRESH_MS);
    // What is read of the store is in use by the time that a request is answered.
    await library();
  }

  it('changes nothing for who plays, and is what comes next', async () => {
    const player = await fixture.guest();
    const { grant, order } = await play(player, container);
    expect(order.build?.buildId).toBe(one.buildId);
    await nowLive(two);
    // The page is reloaded: the same session, on a new connection.
    const { sessionId, resumeToken } = grant;
    const again = await player.mustPlay({ gameId: 'tide', resume: { sessionId, resumeToken } });
    expect(again).toMatchObject({ resumed: true, sessionId });
    const next = await play(await fixture.guest(), container);
    expect(next.order.build?.buildId).toBe(two.buildId);
  });

  it('is kept by a game that goes on on another machine', async () => {
    const player = await fixture.guest();
    const { grant } = await play(player, container);
    await nowLive(two);
    const ask = async (request: object): Promise<[PlayGrant, string | undefined]> => {
      const { grant: granted, order } = await play(player, container, request);
      return [granted, order.build?.buildId];
    };
    const [moved, build] = await ask({ follows: grant.resumeToken });
    expect(build).toBe(one.buildId);
    // And by the one after it.
    await player.request('leave', { sessionId: grant.sessionId });
    expect((await ask({ follows: moved.resumeToken }))[1]).toBe(one.buildId);
    await player.request('leave', { sessionId: moved.sessionId });
    expect((await ask({}))[1]).toBe(two.buildId);
  });

  it('is not had by showing the proof of another player or game', async () => {
    const { grant } = await play(await fixture.guest(), container);
    await nowLive(two);
    const thief = await fixture.guest();
    const { order } = await play(thief, container, { follows: grant.resumeToken });
    expect(order.build?.buildId).toBe(two.buildId);
  });

  it('on another channel is for who has the link', async () => {
    await nowLive(two, { channel: 'beta' });
    const beta = await play(await fixture.guest(), container, { channel: 'beta' });
    expect(beta.order.build?.buildId).toBe(two.buildId);
    const live = await play(await fixture.guest(), container);
    expect(live.order.build?.buildId).toBe(one.buildId);
    const player = await fixture.guest();
    expect(await player.play({ gameId: 'tide', channel: 'nightly' })).toMatchObject({
      ok: false,
      error: { code: 'unknown-game', message: expect.stringContaining('"nightly"') },
    });
    expect(await player.play({ gameId: 'skimmer', channel: 'beta' })).toMatchObject({
      ok: false,
      error: { code: 'unknown-game' },
    });
  });

  it('to some players goes to those players', async () => {
    const changes = { percent: 50, beforeBuildId: one.buildId };
    await nowLive(two, changes);
    const release = releaseRecord('tide', two.buildId, changes);
    for (let i = 0; i < 6; i++) {
      const player = await fixture.guest();
      const { grant, order } = await play(player, container);
      const expected = buildOf(release, playerIdSchema.parse(player.playerId));
      expect(order.build?.buildId).toBe(expected);
      await player.request('leave', { sessionId: grant.sessionId });
    }
  });

  it('is remembered with each session of it', async () => {
    const { grant } = await play(await fixture.guest(), container);
    await expect
      .poll(async () => (await fixture.store.session(grant.sessionId))?.buildId)
      .toBe(one.buildId);
  });

  it('is known of what runs when signaling starts anew', async () => {
    const player = await fixture.guest();
    const { grant } = await play(player, container);
    await fixture.restart();
    const back = fixture.newContainer({ identity: container.identity });
    await back.start({
      slots: 8,
      capacity: PLENTY,
      builds: { runtimes: ['web'], warm: [] },
      sessions: [
        {
          sessionId: grant.sessionId,
          playerId: playerIdSchema.parse(player.playerId),
          gameId: 'tide',
          state: 'streaming',
          attempt: 0,
          buildId: one.buildId,
        },
      ],
    });
    const same = await fixture.guest(player.token);
    const { sessionId, resumeToken } = grant;
    const resumed = await same.mustPlay({ gameId: 'tide', resume: { sessionId, resumeToken } });
    expect(resumed).toMatchObject({ resumed: true });
  });
});

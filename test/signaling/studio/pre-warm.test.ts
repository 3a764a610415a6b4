import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { playerIdSchema, sessionIdSchema } from '../../../protocol/ids.ts';
import type { BuildRecord } from '../../../signaling/store/game-store.ts';
import { PREWARM_INTERVAL_MS } from '../../../signaling/studio/releases/pre-warm.ts';
import { REFRESH_MS } from '../../../signaling/studio/releases/release-catalogue.ts';
import { type FakeContainer, fakeLoad } from '../../support/fake-container.ts';
import { fakeDecision } from '../../support/fake-decision.ts';
import { SignalingFixture } from '../../support/signaling-fixture.ts';
import { StudioGames } from '../../support/studio-games.ts';

let fixture: SignalingFixture;
let games: StudioGames;
beforeEach(async () => {
  fixture = await SignalingFixture.start({ prewarm: 1 });
  games = new StudioGames(fixture.store.studio);
});
afterEach(() => fixture.close());

async function host(region: string, builds: object = {}): Promise<FakeContainer> {
  const container = fixture.newContainer({ region });
  return container.start({ builds: { runtimes: ['web'], warm: [], ...builds } });
}

/** So many sessions of a build on a container. */
async function played(build: BuildRecord, container: FakeContainer, times: number) {
  for (let i = 0; i < times; i++) {
    await fixture.store.beginSession({
      sessionId: sessionIdSchema.parse(crypto.randomUUID()),
      playerId: playerIdSchema.parse(crypto.randomUUID()),
      containerId: container.containerId,
      gameId: build.gameId,
      startedAtMs: fixture.wallClockMs,
      decision: fakeDecision(),
      buildId: build.buildId,
    });
  }
}

async function liveGame(gameId: string): Promise<BuildRecord> {
  await games.game(gameId);
  const build = await games.build(gameId);
  await games.release(build);
  return build;
}

/** The containers say that they are there, and a round passes. */
async function round({
  idle,
  busy = [],
}: {
  idle: FakeContainer[];
  busy?: FakeContainer[];
}): Promise<void> {
  fixture.timers.advance(REFRESH_MS);
  await expect
    .poll(
      async () => ((await (await fixture.get('/api/games')).json()) as { games: [] }).games.length,
    )
    .toBeGreaterThan(1);
  fixture.timers.advance(PREWARM_INTERVAL_MS - REFRESH_MS - 1);
  for (const one of idle) await one.request('load', fakeLoad(1, 'standby'));
  for (const one of busy) await one.request('load', fakeLoad(0, 'busy'));
  fixture.timers.advance(1);
}

describe('builds that are played most', () => {
  it('are fetched ahead where they are played, by who has them not and can run them', async () => {
    const tide = await liveGame('tide');
    const wave = await liveGame('wave');
    const here = await host('here');
    const neighbour = await host('here', { runtimes: ['linux'] });
    const far = await host('far');
    await played(tide, here, 3);
    await played(wave, here, 1);
    await played(wave, far, 2);
    await round({ idle: [here, neighbour, far] });
    expect(await here.prefetched.next()).toMatchObject({
      buildId: tide.buildId,
      token: expect.any(String),
    });
    expect((await far.prefetched.next()).buildId).toBe(wave.buildId);
    expect(neighbour.prefetched.unread).toEqual([]);
  });

  it('are what is released now, and not what was played', async () => {
    const one = await liveGame('tide');
    const here = await host('here', { warm: [one.buildId] });
    await played(one, here, 3);
    const two = await games.build('tide');
    await games.release(two, { percent: 25, beforeBuildId: one.buildId });
    await round({ idle: [here] });
    expect((await here.prefetched.next()).buildId).toBe(two.buildId);
  });

  it('are not fetched while somebody plays', async () => {
    const tide = await liveGame('tide');
    const here = await host('here');
    const idle = await host('here');
    await played(tide, here, 1);
    await round({ idle: [idle], busy: [here] });
    expect((await idle.prefetched.next()).buildId).toBe(tide.buildId);
    expect(here.prefetched.unread).toEqual([]);
  });
});

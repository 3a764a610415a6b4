import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ContainerLoad } from '../../../protocol/container-messages.ts';
import type { GameListing } from '../../../protocol/game-info.ts';
import type { SessionId } from '../../../protocol/ids.ts';
import type { SessionSignal } from '../../../protocol/session-signal.ts';
import { ContainerIdentity } from '../../../server/agent/container-identity.ts';
import { REJOIN_GRACE_MS } from '../../../signaling/container-registry.ts';
import { IdentityTokens } from '../../../signaling/identity-tokens.ts';
import { REFRESH_MS } from '../../../signaling/studio/releases/release-catalogue.ts';
import type { FakeContainer } from '../../support/fake-container.ts';
import { fakeLoad } from '../../support/fake-container.ts';
import type { SignalingFixture } from '../../support/signaling-fixture.ts';
import { SIGNING_KEY, SignalingPair } from '../../support/signaling-pair.ts';
import { StudioGames } from '../../support/studio-games.ts';

let pair: SignalingPair;
let one: SignalingFixture;
let two: SignalingFixture;

beforeEach(async () => {
  pair = await SignalingPair.start();
  one = pair.one;
  two = pair.two;
});

afterEach(() => pair.close());

/** A container on the first node, known to the second. */
async function containerOnOne(slots = 1): Promise<FakeContainer> {
  const container = await one.container({ slots });
  await pair.until(async () => (await pair.containersKnownTo(two)) === 1);
  return container;
}

function signalOf(sessionId: string, attempt = 0): SessionSignal {
  return {
    sessionId: sessionId as SessionId,
    attempt,
    payload: { kind: 'description', description: { type: 'offer', sdp: 'sdp' } },
  };
}

describe('two nodes', () => {
  it('know one another by name, and say when they cannot hear anybody', async () => {
    await pair.until(async () => (await pair.nodesKnownTo(one)) === '["two"]');
    expect(await one.metric('rockpool_other_nodes')).toBe(1);
    pair.bus.cut = true;
    expect(await pair.nodesKnownTo(one)).toBe('"cut off"');
    expect(await one.metric('rockpool_other_nodes')).toBe(-1);
  });

  it('play a game on the container of one for a player of the other', async () => {
    const container = await containerOnOne();
    const player = await two.guest();
    const { sessionId, containerName, attempt } = await player.mustPlay();
    expect({ containerName, attempt }).toStrictEqual({ containerName: 'a container', attempt: 0 });
    expect((await container.assigned.next()).playerId).toBe(player.playerId);

    await container.request('signal', signalOf(sessionId));
    expect(await player.signals.next()).toStrictEqual(signalOf(sessionId));
    await player.request('signal', signalOf(sessionId));
    expect(await container.signals.next()).toStrictEqual(signalOf(sessionId));

    await container.request('session-ended', { sessionId, reason: 'game-over', detail: 'Bye.' });
    expect(await player.ended.next()).toStrictEqual({
      sessionId,
      reason: 'game-over',
      detail: 'Bye.',
    });
  });

  it("play a studio's build on the container of one for a player of the other, and know who has it", async () => {
    const games = new StudioGames(one.store.studio);
    await games.game('tide');
    const build = await games.build('tide');
    // Both have the same store in truth; here each has its own.
    const record = { ...build };
    await games.release(build);
    await two.store.studio.transact(async (records) => {
      const game = await one.store.studio.games.game('tide');
      if (game) await records.games.addGame(game);
      await records.games.addBuild(record);
      for (const release of await one.store.studio.games.releases('tide', 9)) {
        await records.games.addRelease(release);
      }
    });
    const capacity = { pixelsPerSecond: 1e9, cpus: 8, memoryBytes: 2 ** 34, gpuMemoryBytes: 0 };
    const builds = { runtimes: ['web' as const], warm: [] };
    const load: ContainerLoad = { state: 'standby', freeSlots: 1, free: capacity };
    const start = (name: string) => one.newContainer({ name }).start({ capacity, builds }, load);
    const cold = await start('cold');
    const fetched = await start('fetched');
    one.timers.advance(REFRESH_MS);
    two.timers.advance(REFRESH_MS);
    await pair.until(async () => {
      for (const container of [cold, fetched]) await container.request('load', load);
      const { games } = (await (await two.get('/api/games')).json()) as { games: GameListing[] };
      return games.find(({ id }) => id === 'tide')?.freeSlots === 2;
    });
    await fetched.request('warm-builds', { warm: [build.buildId] });
    const nameOf = async () => {
      const player = await two.guest();
      const { sessionId, containerName } = await player.mustPlay({ gameId: 'tide' });
      await player.request('leave', { sessionId });
      return containerName;
    };
    await pair.until(async () => (await nameOf()) === 'fetched');
    const order = await fetched.assigned.next();
    expect(order.build).toMatchObject({ buildId: build.buildId, token: expect.any(String) });
    // The token that another node made opens blobs here: the container asks the node it is joined to.
    const tokens = await IdentityTokens.open(join(one.folder, 'data'), SIGNING_KEY);
    expect(await tokens.verifyBuild(order.build?.token ?? '')).toEqual({
      containerId: fetched.containerId,
      buildId: build.buildId,
    });
  });

  it('bring what a container says before the player is granted the session after the grant', async () => {
    const container = await containerOnOne();
    container.onAssign = async ({ sessionId }) => {
      await container.request('signal', signalOf(sessionId));
      return { ok: true, value: { attempt: 0 } };
    };
    const player = await two.guest();
    const { sessionId } = await player.mustPlay();
    expect(await player.signals.next()).toStrictEqual(signalOf(sessionId));
  });

  it('end on the container of one what a player of the other leaves', async () => {
    const container = await containerOnOne();
    const player = await two.guest();
    const { sessionId } = await player.mustPlay();
    expect(await player.request('leave', { sessionId })).toMatchObject({ ok: true });
    expect(await container.ended.next()).toStrictEqual({ sessionId });
  });

  it('let a game go on over the other, and tell the tab that had it', async () => {
    const container = await containerOnOne();
    const tab = await one.guest();
    const { sessionId, resumeToken } = await tab.mustPlay();
    await pair.until(async () => (await two.metric('rockpool_sessions{state="connecting"}')) === 1);
    const other = await two.guest(tab.token);
    expect(await other.request('attach', { sessionId, resumeToken })).toMatchObject({ ok: true });
    expect(await tab.ended.next()).toMatchObject({ sessionId, reason: 'player-left' });
    await container.request('signal', signalOf(sessionId));
    expect(await other.signals.next()).toStrictEqual(signalOf(sessionId));
    expect(tab.signals.unread).toStrictEqual([]);
  });

  it('resume on the other what began on one', async () => {
    const container = await containerOnOne();
    const tab = await one.guest();
    const { sessionId, resumeToken } = await tab.mustPlay();
    await pair.until(async () => (await two.metric('rockpool_sessions{state="connecting"}')) === 1);
    const other = await two.guest(tab.token);
    container.onResume = () => {
      void container.request('signal', signalOf(sessionId, 1));
      return { ok: true, value: { attempt: 1 } };
    };
    const grant = await other.mustPlay({ resume: { sessionId, resumeToken } });
    expect(grant).toMatchObject({ sessionId, resumed: true, attempt: 1 });
    expect(await other.signals.next()).toStrictEqual(signalOf(sessionId, 1));
  });

  it('count the games of a player together', async () => {
    await containerOnOne(4);
    const tab = await one.guest();
    const games = [await tab.mustPlay(), await tab.mustPlay()];
    await pair.until(async () => (await two.metric('rockpool_sessions{state="connecting"}')) === 2);
    const other = await two.guest(tab.token);
    expect(games.length).toBe(2);
    expect(await other.play()).toMatchObject({ ok: false, error: { code: 'rate-limited' } });
  });

  it('give a place to who has waited longest, at whichever node', async () => {
    const container = await containerOnOne();
    const first = await one.guest();
    const { sessionId } = await first.mustPlay();
    await container.request('load', fakeLoad(0));
    const second = await two.guest();
    expect((await second.mustWait()).place).toMatchObject({ position: 1, waiting: 1 });
    two.wallClockMs += 1;
    one.wallClockMs += 2;
    await pair.until(
      async () => JSON.parse(await (await one.get('/api/pool')).text()).waiting === 1,
    );
    const third = await one.guest();
    expect((await third.mustWait()).place).toMatchObject({ position: 2, waiting: 2 });

    await container.request('session-ended', { sessionId, reason: 'game-over' });
    await container.request('load', fakeLoad(1));
    const { ticketId } = await second.offers.next();
    expect(third.offers.unread).toStrictEqual([]);
    const granted = await second.request('accept', { ticketId });
    expect(granted).toMatchObject({ ok: true });
    await container.request('load', fakeLoad(0));
    expect(await third.places.next()).toMatchObject({ position: 1, waiting: 1 });
  });

  it('keep the place of a player who comes back to the other', async () => {
    const container = await containerOnOne();
    const { sessionId } = await (await one.guest()).mustPlay();
    await container.request('load', fakeLoad(0));
    const tab = await one.guest();
    const { place, placeToken } = await tab.mustWait();
    await pair.until(
      async () => JSON.parse(await (await two.get('/api/pool')).text()).waiting === 1,
    );
    one.wallClockMs += 60_000;
    two.wallClockMs += 60_000;
    const other = await two.guest(tab.token);
    const back = await other.mustWait({ placeToken });
    expect(back.place).toMatchObject({ ticketId: place.ticketId, position: 1, waiting: 1 });
    expect(await tab.offersOver.next()).toStrictEqual({ ticketId: place.ticketId });
    await container.request('session-ended', { sessionId, reason: 'game-over' });
    await container.request('load', fakeLoad(1));
    expect(await other.offers.next()).toMatchObject({ ticketId: place.ticketId });
  });

  it('go on to another container when the node of the best is silent', async () => {
    const lost = await containerOnOne();
    lost.onAssign = () => 'no answer';
    const left = await two.container({ pricePerHour: 100 });
    const player = await two.guest();
    const granted = player.mustPlay();
    await lost.assigned.next();
    pair.bus.cut = true;
    for (let beat = 0; beat < 6; beat++) pair.beat();
    expect((await granted).containerId).toBe(left.containerId);
  });

  it('ask a container anew that has come over from a node that answers nothing any more', async () => {
    const identity = ContainerIdentity.create();
    const lost = await one.container({ slots: 1 }, { identity });
    await pair.until(async () => (await pair.containersKnownTo(two)) === 1);
    lost.onAssign = () => 'no answer';
    const player = await two.guest();
    const granted = player.mustPlay();
    await lost.assigned.next();
    pair.bus.cut = true;
    // As long as nobody has noticed that the other node is gone.
    const back = await two.container({ slots: 1 }, { identity });
    expect((await back.assigned.next()).playerId).toBe(player.playerId);
    expect((await granted).containerId).toBe(back.containerId);
  });

  it('go on alone while they hear nobody, give nothing up, and find one another again', async () => {
    const container = await containerOnOne(2);
    const player = await two.guest();
    const { sessionId } = await player.mustPlay();
    pair.bus.cut = true;
    for (let beat = 0; beat < 6; beat++) pair.beat();
    expect(await pair.containersKnownTo(two)).toBe(0);
    const alone = await one.guest();
    expect((await alone.mustPlay()).containerId).toBe(container.containerId);
    for (let ms = 0; ms < 3 * REJOIN_GRACE_MS; ms += 1_000) {
      await container.request('load', fakeLoad(0));
      one.timers.advance(1_000);
      two.timers.advance(1_000);
    }
    expect(player.ended.unread).toStrictEqual([]);

    pair.bus.cut = false;
    await pair.until(async () => (await pair.nodesKnownTo(two)) === '["one"]');
    await pair.until(async () => (await two.metric('rockpool_sessions{state="connecting"}')) === 2);
    await player.request('signal', signalOf(sessionId));
    expect(await container.signals.next()).toStrictEqual(signalOf(sessionId));
    await container.request('session-ended', { sessionId, reason: 'game-over' });
    expect(await player.ended.next()).toStrictEqual({ sessionId, reason: 'game-over' });
  });

  it('take a container that comes back to the other, with its games', async () => {
    const container = await containerOnOne();
    const player = await one.guest();
    const { sessionId, resumeToken } = await player.mustPlay();
    await pair.until(async () => (await two.metric('rockpool_sessions{state="connecting"}')) === 1);
    const { identity } = container;
    const running = {
      sessionId: sessionId as SessionId,
      playerId: player.playerId as never,
      gameId: 'skimmer',
      state: 'streaming' as const,
      attempt: 0,
    };
    const back = await two.newContainer({ identity }).start({ sessions: [running] });
    expect(await container.refused.next()).toMatchObject({ code: 'unauthorised' });
    await back.request('signal', signalOf(sessionId));
    expect(await player.signals.next()).toStrictEqual(signalOf(sessionId));
    const other = await two.guest(player.token);
    expect(await other.request('attach', { sessionId, resumeToken })).toMatchObject({ ok: true });
  });

  it('wait for the save of what is just left on the container of one', async () => {
    const left = await containerOnOne();
    const player = await two.guest();
    const { sessionId } = await player.mustPlay();
    let bring = () => {};
    const brought = new Promise<void>((resolve) => {
      bring = resolve;
    });
    left.onEnd = () => brought;
    expect(await player.request('leave', { sessionId })).toMatchObject({ ok: true });
    await left.ended.next();
    await left.request('load', fakeLoad(0));
    const next = await two.container();
    const granted = player.mustPlay();
    const isBeginning = async () =>
      (await two.metric('rockpool_sessions{state="connecting"}')) === 1;
    await pair.until(isBeginning);
    // Had it been told to begin, it would have heard that before these answers.
    for (let answers = 0; answers < 3; answers++) await next.request('load', fakeLoad(0));
    expect(next.assigned.unread).toStrictEqual([]);
    bring();
    expect((await granted).containerId).toBe(next.containerId);
  });

  it('show the picture of a game whose container is on one', async () => {
    const container = await containerOnOne();
    const webp = Buffer.concat([Buffer.from('RIFF\0\0\0\0WEBPVP8 '), Buffer.alloc(20)]);
    await container.request('cover', { gameId: 'skimmer', webp });
    const coverUrl = async () => {
      const { games } = (await (await two.get('/api/games')).json()) as {
        games: { coverUrl: string | null }[];
      };
      return games[0]?.coverUrl ?? null;
    };
    await pair.until(async () => (await coverUrl()) !== null);
    const answer = await two.get((await coverUrl()) ?? '');
    expect(Buffer.from(await answer.arrayBuffer())).toStrictEqual(webp);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RockpoolError } from '../../protocol/errors.ts';
import { playerIdSchema, sessionIdSchema } from '../../protocol/ids.ts';
import type { PlayedSession } from '../../protocol/player-messages.ts';
import type { QualityReport } from '../../protocol/quality-report.ts';
import { fakeLoad } from '../support/fake-container.ts';
import type { FakePlayer } from '../support/fake-player.ts';
import { SignalingFixture } from '../support/signaling-fixture.ts';

let fixture: SignalingFixture;
beforeEach(async () => {
  fixture = await SignalingFixture.start();
});
afterEach(() => fixture.close());

const IDS = { gameId: 'skimmer', state: 'streaming' } as const;

const QUALITY: QualityReport = {
  clickToPhotonP50Ms: 21,
  clickToPhotonP95Ms: 34,
  frames: 3600,
  freezes: 1,
  frozenMs: 180,
  playedMs: 60_000,
  bitrateBps: 8e6,
  width: 1280,
  height: 720,
  frameRate: 60,
};

async function historyOf(player: FakePlayer): Promise<PlayedSession[]> {
  const answer = await player.request('history', {});
  if (!answer.ok) throw new Error(answer.error.message);
  return (answer.value as unknown as { sessions: PlayedSession[] }).sessions;
}

describe('what is remembered of a session', () => {
  it('is where, how long, how it ended and how it was', async () => {
    await fixture.container({}, { name: 'attic', region: 'north' });
    const player = await fixture.guest();
    const { sessionId } = await player.mustPlay();
    expect(await historyOf(player)).toMatchObject([{ sessionId, endedAtMs: null, quality: null }]);
    await player.request('quality', { sessionId, report: QUALITY });
    fixture.wallClockMs += 60_000;
    await player.request('leave', { sessionId });
    expect(await historyOf(player)).toEqual([
      {
        sessionId,
        gameId: 'skimmer',
        containerName: 'attic',
        region: 'north',
        startedAtMs: fixture.wallClockMs - 60_000,
        endedAtMs: fixture.wallClockMs,
        reason: 'player-left',
        quality: QUALITY,
      },
    ]);
  });

  it('is its player’s alone', async () => {
    await fixture.container();
    const player = await fixture.guest();
    const { sessionId } = await player.mustPlay();
    const stranger = await fixture.guest();
    expect(await historyOf(stranger)).toEqual([]);
    expect(await stranger.request('why', { sessionId })).toMatchObject({
      ok: false,
      error: { code: 'unknown-session' },
    });
    await stranger.request('quality', { sessionId, report: QUALITY });
    expect(await historyOf(player)).toMatchObject([{ quality: null }]);
  });

  it('is why it was placed where it was', async () => {
    const near = await fixture.container({}, { name: 'near' });
    await fixture.container({ pricePerHour: 2 }, { name: 'dear' });
    const player = await fixture.guest();
    const { sessionId } = await player.mustPlay();
    expect(await player.request('why', { sessionId })).toMatchObject({
      ok: true,
      value: {
        considered: 2,
        rejected: {},
        ranked: [
          { containerId: near.containerId, name: 'near', terms: { price: 0 } },
          { name: 'dear', terms: { price: 30 } },
        ],
      },
    });
  });

  it('does not stay open where its end was not heard', async () => {
    const before = await fixture.container();
    const player = await fixture.guest();
    const grant = await player.mustPlay();
    const { identity, containerId } = before;
    // As a signaling server that was killed leaves it to the next.
    const forgotten = sessionIdSchema.parse('99999999-9999-4999-8999-999999999999');
    const { decision } = (await fixture.store.session(grant.sessionId)) ?? {};
    if (!decision) throw new Error('The session was not remembered.');
    await fixture.store.beginSession({
      sessionId: forgotten,
      playerId: playerIdSchema.parse(player.playerId),
      containerId,
      gameId: 'skimmer',
      startedAtMs: fixture.wallClockMs - 1000,
      decision,
    });
    const running = { ...grant, ...IDS, playerId: player.playerId };
    const { sessionId, playerId, gameId, state, attempt } = running;
    const sessions = [
      { sessionId, playerId: playerIdSchema.parse(playerId), gameId, state, attempt },
    ];
    await fixture.newContainer({ identity }).start({ sessions });
    await expect
      .poll(() => historyOf(player))
      .toMatchObject([
        { sessionId: grant.sessionId, reason: null },
        { sessionId: forgotten, reason: 'container-lost' },
      ]);
  });

  it('keeps no container waiting', async () => {
    let answer = () => {};
    const slow = new Promise<void>((resolve) => {
      answer = resolve;
    });
    fixture.store.sessionsOfContainer = async () => {
      await slow;
      return [];
    };
    await fixture.container();
    await (await fixture.guest()).mustPlay();
    answer();
  });

  it('lets nobody speak for the session of another', async () => {
    const container = await fixture.container({}, { name: 'attic' });
    const player = await fixture.guest();
    const { sessionId } = await player.mustPlay();
    const stranger = await fixture.guest();
    const slow = { ...QUALITY, clickToPhotonP50Ms: 5000, clickToPhotonP95Ms: 5000 };
    await stranger.request('quality', { sessionId, report: slow });
    await player.request('leave', { sessionId });
    await container.request('load', fakeLoad(1));
    const next = await player.mustPlay();
    const why = await player.request('why', { sessionId: next.sessionId });
    expect(why).toMatchObject({ ok: true, value: { ranked: [{ terms: { quality: 0 } }] } });
  });

  it('costs nobody a game while the database is away', async () => {
    const container = await fixture.container();
    fixture.store.failure = new RockpoolError('internal', 'The database is away.');
    const player = await fixture.guest();
    const { sessionId } = await player.mustPlay();
    await player.request('leave', { sessionId });
    expect(await container.ended.next()).toEqual({ sessionId });
    await container.request('load', fakeLoad(1));
    await player.mustPlay();
    expect(await player.request('history', {})).toMatchObject({
      ok: false,
      error: { code: 'internal' },
    });
  });
});

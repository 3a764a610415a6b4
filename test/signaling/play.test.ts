import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AssignAnswer, ContainerGame } from '../../protocol/container-messages.ts';
import type { Ack } from '../../protocol/player-messages.ts';
import type { SessionSignal } from '../../protocol/session-signal.ts';
import { MAX_SESSIONS_PER_PLAYER } from '../../signaling/session-broker.ts';
import { fakeGame, fakeLoad } from '../support/fake-container.ts';
import { fakePlayRequest } from '../support/fake-player.ts';
import { SignalingFixture } from '../support/signaling-fixture.ts';

let fixture: SignalingFixture;
beforeEach(async () => {
  fixture = await SignalingFixture.start({ iceServers: [{ urls: ['stun:stun.example.org'] }] });
});
afterEach(() => fixture.close());

/** Asked after every other. */
const DEARER = { pricePerHour: 1 };

const fails = (code: string) => ({ ok: false, error: { code } });

function offer(sessionId: SessionSignal['sessionId'], attempt = 0): SessionSignal {
  return {
    sessionId,
    attempt,
    payload: { kind: 'description', description: { type: 'offer', sdp: 'v=0' } },
  };
}

describe('play', () => {
  it('has a container start the game and grants the session', async () => {
    const container = await fixture.container();
    const player = await fixture.guest();
    const grant = await player.mustPlay();
    expect(grant).toMatchObject({
      containerId: container.containerId,
      containerName: 'a container',
      resumed: false,
      attempt: 0,
    });
    expect(await container.assigned.next()).toMatchObject({
      sessionId: grant.sessionId,
      playerId: player.playerId,
      gameId: 'skimmer',
      codecs: ['h264', 'vp8'],
      iceServers: [{ urls: ['stun:stun.example.org'] }],
    });
    expect(await fixture.metric('rockpool_pairing_seconds_count')).toBe(1);
    expect(await fixture.metric('rockpool_sessions{state="connecting"}')).toBe(1);
  });

  it('goes to the container with the lowest measured round trip', async () => {
    const far = fixture.newContainer();
    far.onEcho = async () => fixture.timers.advance(30);
    await far.start({ slots: 8 });
    const near = fixture.newContainer();
    near.onEcho = async () => fixture.timers.advance(5);
    await near.start();
    const player = await fixture.guest();
    expect((await player.mustPlay()).containerId).toBe(near.containerId);
  });

  it('assigns nothing to a container that has not said it is on standby', async () => {
    const container = fixture.newContainer();
    await container.start({}, fakeLoad(1, 'draining'));
    const player = await fixture.guest();
    await player.mustWait();
  });

  it('says what is wrong with the game or the codecs, and lets wait for the rest', async () => {
    await (await fixture.guest()).mustWait({ gameId: 'other' });
    const container = await fixture.container();
    const player = await fixture.guest();
    expect(await player.play({ gameId: 'tetris' })).toMatchObject(fails('unknown-game'));
    expect(await player.play({ codecs: ['vp8'] })).toMatchObject(fails('no-common-codec'));
    await player.mustPlay();
    await container.request('load', fakeLoad(0, 'busy'));
    await (await fixture.guest()).mustWait();
  });

  it('never gives the last slot to two players who ask at once', async () => {
    const container = await fixture.container();
    const players = await Promise.all([fixture.guest(), fixture.guest(), fixture.guest()]);
    const answers = await Promise.all(players.map((player) => player.play()));
    const kinds = answers.map((answer) => (answer.ok ? answer.value.kind : answer.error.code));
    expect(kinds.toSorted()).toEqual(['granted', 'waiting', 'waiting']);
    expect(container.assigned.unread).toHaveLength(1);
  });

  it('gives a player the place of the game they left behind, and nobody elses', async () => {
    const container = await fixture.container();
    container.onEnd = async ({ sessionId }) => {
      await container.request('session-ended', { sessionId, reason: 'player-left' });
      await container.request('load', fakeLoad(1, 'standby'));
    };
    const player = await fixture.guest();
    const { sessionId } = await player.mustPlay();
    await container.request('load', fakeLoad(0, 'busy'));
    await container.request('session-state', { sessionId, state: 'interrupted' });
    fixture.wallClockMs += 1_000;
    const other = await fixture.guest();
    await other.mustWait();
    expect(container.ended.unread).toEqual([]);
    fixture.wallClockMs += 1_000;
    const { place } = await player.mustWait();
    expect(place.position).toBe(1);
    expect(await container.ended.next()).toEqual({ sessionId });
    const { ticketId } = await player.offers.next();
    expect(await player.request('accept', { ticketId })).toMatchObject({ ok: true });
    expect(other.offers.unread).toEqual([]);
  });

  it('ends the game a player left behind where nobody else waits for its place', async () => {
    const container = await fixture.container();
    container.onEnd = async () => void (await container.request('load', fakeLoad(1)));
    const player = await fixture.guest();
    const { sessionId } = await player.mustPlay();
    await container.request('load', fakeLoad(0));
    await container.request('session-state', { sessionId, state: 'interrupted' });
    expect((await player.mustPlay()).sessionId).not.toBe(sessionId);
    expect(await container.ended.next()).toEqual({ sessionId });
  });

  it('believes a container that sustains fewer sessions than it has slots', async () => {
    const container = fixture.newContainer();
    await container.start({ slots: 4 }, fakeLoad(1, 'standby'));
    const first = await fixture.guest();
    const second = await fixture.guest();
    await first.mustPlay();
    await second.mustWait();
  });

  it('counts a session once that the container tells before it answers', async () => {
    const container = fixture.newContainer();
    container.onAssign = async () => {
      await container.request('load', fakeLoad(1, 'standby'));
      return { ok: true, value: { attempt: 0 } };
    };
    await container.start({ slots: 2 });
    await (await fixture.guest()).mustPlay();
    await (await fixture.guest()).mustPlay();
    expect(container.assigned.unread).toHaveLength(2);
  });

  it('gives the slot back when the session ends', async () => {
    const container = await fixture.container();
    const first = await fixture.guest();
    const { sessionId } = await first.mustPlay();
    expect(await first.request('leave', { sessionId })).toEqual({ ok: true, value: {} });
    expect(await container.ended.next()).toEqual({ sessionId });
    await container.request('load', fakeLoad(1, 'standby'));
    const second = await fixture.guest();
    await second.mustPlay();
  });

  it('tries the next container when one fails, and tells the failure when all do', async () => {
    const failing = fixture.newContainer();
    failing.onAssign = () => ({ ok: false, error: { code: 'game-failed', message: 'no luck' } });
    await failing.start({ slots: 2 });
    const player = await fixture.guest();
    expect(await player.play()).toEqual({
      ok: false,
      error: { code: 'game-failed', message: 'no luck' },
    });
    const working = await fixture.container(DEARER);
    const grant = await player.mustPlay();
    expect(grant.containerId).toBe(working.containerId);
    // Whether or not it had begun, the failed one is told to end it, under an id of its own.
    const tried = await failing.assigned.next();
    expect(await failing.ended.next()).toEqual({ sessionId: tried.sessionId });
    expect(tried.sessionId).not.toBe(grant.sessionId);
    await failing.request('load', fakeLoad(2, 'standby'));
    expect(await (await fixture.guest()).play()).toMatchObject(fails('game-failed'));
  });

  it('tries the next container when one does not answer in time', async () => {
    const silent = fixture.newContainer();
    silent.onAssign = () => 'no answer';
    await silent.start({ slots: 2 });
    const working = await fixture.container(DEARER);
    const player = await fixture.guest();
    const granted = player.mustPlay();
    const { sessionId } = await silent.assigned.next();
    fixture.timers.advance(10_000);
    expect((await granted).containerId).toBe(working.containerId);
    expect(await silent.ended.next()).toEqual({ sessionId });
  });

  it('tries the next container when one is lost, or answers nonsense', async () => {
    const nonsense = fixture.newContainer();
    nonsense.onAssign = () => ({ ok: true, value: { attempt: 'zero' } }) as unknown as 'no answer';
    await nonsense.start({ slots: 9 });
    const dying = fixture.newContainer();
    dying.onAssign = () => {
      dying.close();
      return 'no answer';
    };
    await dying.start({ slots: 5 });
    const working = await fixture.container(DEARER);
    const player = await fixture.guest();
    expect((await player.mustPlay()).containerId).toBe(working.containerId);
    expect(nonsense.assigned.unread).toHaveLength(1);
    expect(dying.assigned.unread).toHaveLength(1);
  });

  it('ends the session of a player who left before it began', async () => {
    const container = fixture.newContainer();
    let answer: (ack: Ack<AssignAnswer>) => void = () => {};
    container.onAssign = () => new Promise((resolve) => (answer = resolve));
    await container.start();
    const player = await fixture.guest();
    player.socket.emit('play', fakePlayRequest(), () => {});
    const { sessionId } = await container.assigned.next();
    player.close();
    await fixture.get('/healthz');
    answer({ ok: true, value: { attempt: 0 } });
    expect(await container.ended.next()).toEqual({ sessionId });
  });

  it('delivers the grant before the offer that the container sent first', async () => {
    const container = fixture.newContainer();
    container.onAssign = async ({ sessionId }) => {
      await container.request('signal', offer(sessionId));
      return { ok: true, value: { attempt: 0 } };
    };
    await container.start();
    const player = await fixture.guest();
    const order: string[] = [];
    player.socket.on('signal', () => order.push('signal'));
    // By callback: a promise would run its reactions only after both packets were taken in.
    player.socket.emit('play', fakePlayRequest(), () => order.push('grant'));
    const { sessionId } = await container.assigned.next();
    expect(await player.signals.next()).toEqual(offer(sessionId));
    expect(order).toEqual(['grant', 'signal']);
  });

  it('lets one player hold so many sessions, of which one left behind makes room', async () => {
    const container = await fixture.container({ slots: 8 });
    const player = await fixture.guest();
    const grants = [];
    for (let i = 0; i < MAX_SESSIONS_PER_PLAYER; i++) grants.push(await player.mustPlay());
    expect(await player.play()).toMatchObject(fails('rate-limited'));
    const [left] = grants;
    await container.request('session-state', {
      sessionId: left?.sessionId,
      state: 'interrupted',
    });
    await player.mustPlay();
    expect(await container.ended.next()).toEqual({ sessionId: left?.sessionId });
    expect(await player.ended.next()).toMatchObject({ sessionId: left?.sessionId });
  });
});

describe('the library', () => {
  it('lists the games of all containers once, in order, with their free places', async () => {
    const zebra = fakeGame('zebra', { title: 'A Zebra' });
    const skimmer = fakeGame('skimmer', { title: 'Skimmer' });
    const listed = ({ needs: _, needsGpu: __, ...info }: ContainerGame) => info;
    await fixture.container({ slots: 2, games: [skimmer, zebra] });
    await fixture.container({ slots: 3, games: [skimmer] });
    const draining = fixture.newContainer();
    await draining.start({ slots: 9, games: [skimmer] }, fakeLoad(9, 'draining'));
    expect(await (await fixture.get('/api/games')).json()).toEqual({
      games: [
        { ...listed(zebra), coverUrl: null, tags: [], freeSlots: 2 },
        { ...listed(skimmer), coverUrl: null, tags: [], freeSlots: 5 },
      ],
    });
  });
});

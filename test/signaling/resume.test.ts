import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunningSession } from '../../protocol/container-messages.ts';
import type { PlayGrant } from '../../protocol/player-messages.ts';
import type { SessionSignal } from '../../protocol/session-signal.ts';
import { REJOIN_GRACE_MS } from '../../signaling/container-registry.ts';
import { type FakePlayer, fakePlayRequest } from '../support/fake-player.ts';
import { SignalingFixture } from '../support/signaling-fixture.ts';

let fixture: SignalingFixture;
beforeEach(async () => {
  fixture = await SignalingFixture.start();
});
afterEach(() => fixture.close());

const done = { ok: true, value: {} };
const fails = (code: string) => ({ ok: false, error: { code } });

function signal({ sessionId }: PlayGrant, attempt = 1): SessionSignal {
  return {
    sessionId,
    attempt,
    payload: { kind: 'description', description: { type: 'offer', sdp: 'v=0' } },
  };
}

const proof = ({ sessionId, resumeToken }: PlayGrant) => ({ sessionId, resumeToken });

function running(grant: PlayGrant, playerId: string): RunningSession {
  return {
    sessionId: grant.sessionId,
    playerId: playerId as RunningSession['playerId'],
    gameId: 'skimmer',
    state: 'streaming',
    attempt: 0,
  };
}

describe('resuming', () => {
  it('returns to the running session on a new connection', async () => {
    const container = await fixture.container();
    const before = await fixture.guest();
    const grant = await before.mustPlay();
    before.close();
    const after = await fixture.guest(before.token);
    expect(await after.mustPlay({ resume: proof(grant) })).toEqual({
      ...grant,
      resumed: true,
      attempt: 1,
    });
    expect((await container.resumed.next()).sessionId).toBe(grant.sessionId);
    expect(container.assigned.unread).toHaveLength(1);
    expect(await after.request('signal', signal(grant))).toEqual(done);
    expect(await container.request('signal', signal(grant))).toEqual(done);
    expect(await after.signals.next()).toEqual(signal(grant));
  });

  it('takes the session over from an earlier tab, which is told so', async () => {
    const container = await fixture.container();
    const earlier = await fixture.guest();
    const grant = await earlier.mustPlay();
    const later = await fixture.guest(earlier.token);
    await later.mustPlay({ resume: proof(grant) });
    expect(await earlier.ended.next()).toMatchObject({
      sessionId: grant.sessionId,
      detail: 'This game was opened in another tab.',
    });
    await container.request('signal', signal(grant));
    expect(await later.signals.next()).toEqual(signal(grant));
    expect(earlier.signals.unread).toEqual([]);
    expect(await earlier.request('signal', signal(grant))).toMatchObject(fails('unauthorised'));
    earlier.close();
    expect(await later.request('signal', signal(grant))).toEqual(done);
  });

  it('delivers the new offer after the grant, and not to the earlier tab', async () => {
    const container = await fixture.container();
    const earlier = await fixture.guest();
    const grant = await earlier.mustPlay();
    container.onResume = ({ sessionId }) => {
      container.socket.emit('signal', signal({ ...grant, sessionId }), () => {});
      return { ok: true, value: { attempt: 1 } };
    };
    const later = await fixture.guest(earlier.token);
    const order: string[] = [];
    later.socket.on('signal', () => order.push('signal'));
    const request = fakePlayRequest({ resume: proof(grant) });
    later.socket.emit('play', request, () => order.push('grant'));
    await later.signals.next();
    expect(order).toEqual(['grant', 'signal']);
    expect(earlier.signals.unread).toEqual([]);
  });

  it('starts anew when the session is over, by any account', async () => {
    const container = await fixture.container({ slots: 4 });
    const player = await fixture.guest();
    const grant = await player.mustPlay();
    await player.request('leave', { sessionId: grant.sessionId });
    const anew = await player.mustPlay({ resume: proof(grant) });
    expect(anew).toMatchObject({ resumed: false, attempt: 0 });
    expect(anew.sessionId).not.toBe(grant.sessionId);
    // Signaling believes it is running; the container knows better.
    container.onResume = () => ({ ok: false, error: { code: 'unknown-session', message: '' } });
    fixture.timers.advance(REJOIN_GRACE_MS);
    expect((await player.mustPlay({ resume: proof(anew) })).resumed).toBe(false);
  });

  it('starts anew with a token of a key that is no more', async () => {
    const player = await fixture.guest();
    await fixture.container({ slots: 2 });
    const grant = await player.mustPlay();
    await rm(join(fixture.folder, 'data'), { recursive: true });
    await fixture.restart();
    await fixture.container();
    const later = await fixture.guest(player.token);
    expect(later.playerId).not.toBe(player.playerId);
    expect((await later.mustPlay({ resume: proof(grant) })).resumed).toBe(false);
  });

  it('keeps the session when the container fails for another reason', async () => {
    const container = await fixture.container();
    const player = await fixture.guest();
    const grant = await player.mustPlay();
    container.onResume = () => ({ ok: false, error: { code: 'internal', message: 'hiccup' } });
    expect(await player.play({ resume: proof(grant) })).toMatchObject(fails('internal'));
    container.onResume = () => ({ ok: true, value: { attempt: 2 } });
    expect(await player.mustPlay({ resume: proof(grant) })).toMatchObject({
      resumed: true,
      attempt: 2,
    });
  });

  it("is not for another player's token, nor for a token of another session", async () => {
    await fixture.container({ slots: 4 });
    const player = await fixture.guest();
    const thief = await fixture.guest();
    const grant = await player.mustPlay();
    const other = await player.mustPlay();
    expect(await thief.play({ resume: proof(grant) })).toMatchObject(fails('unauthorised'));
    expect(await thief.request('attach', proof(grant))).toMatchObject(fails('unauthorised'));
    const mixed = { sessionId: other.sessionId, resumeToken: grant.resumeToken };
    expect(await player.play({ resume: mixed })).toMatchObject(fails('unauthorised'));
    expect(await player.request('attach', mixed)).toMatchObject(fails('unauthorised'));
    const forged = { ...proof(grant), resumeToken: `${grant.resumeToken}x` };
    expect(await player.request('attach', forged)).toMatchObject(fails('unauthorised'));
    expect(player.ended.unread).toEqual([]);
  });
});

describe('a lost socket', () => {
  it('of the player ends nothing, and attach relays again', async () => {
    const container = await fixture.container();
    const before = await fixture.guest();
    const grant = await before.mustPlay();
    before.close();
    const after = await fixture.guest(before.token);
    expect(await after.request('signal', signal(grant))).toMatchObject(fails('unauthorised'));
    expect(await container.request('signal', signal(grant))).toEqual(done);
    expect(await after.request('attach', proof(grant))).toEqual(done);
    expect(await container.request('signal', signal(grant, 2))).toEqual(done);
    expect(await after.signals.next()).toEqual(signal(grant, 2));
    expect(container.resumed.unread).toEqual([]);
    expect(container.ended.unread).toEqual([]);
  });

  it('of the container keeps its sessions if it comes back with them in time', async () => {
    const lost = await fixture.container();
    const player = await fixture.guest();
    const grant = await player.mustPlay();
    lost.close();
    await until(async () => (await fixture.get('/healthz')).status === 503);
    expect(await player.request('signal', signal(grant))).toMatchObject(fails('container-lost'));
    fixture.timers.advance(REJOIN_GRACE_MS - 1);
    const back = await fixture.container(
      { sessions: [running(grant, player.playerId)] },
      { identity: lost.identity },
    );
    fixture.timers.advance(REJOIN_GRACE_MS);
    await back.request('signal', signal(grant));
    expect(await player.signals.next()).toEqual(signal(grant));
    expect(await player.request('signal', signal(grant))).toEqual(done);
    expect(player.ended.unread).toEqual([]);
  });

  it('of the container ends its sessions once the grace is over', async () => {
    const container = await fixture.container();
    const player = await fixture.guest();
    const { sessionId } = await player.mustPlay();
    container.close();
    await until(async () => (await fixture.get('/healthz')).status === 503);
    fixture.timers.advance(REJOIN_GRACE_MS);
    expect(await player.ended.next()).toEqual({ sessionId, reason: 'container-lost' });
    expect(await fixture.metric('rockpool_sessions{state="connecting"}')).toBe(0);
  });

  it('of the container ends at once the sessions it comes back without', async () => {
    const lost = await fixture.container();
    const player = await fixture.guest();
    const { sessionId } = await player.mustPlay();
    lost.close();
    await fixture.container({}, { identity: lost.identity });
    expect(await player.ended.next()).toEqual({ sessionId, reason: 'container-lost' });
  });
});

describe('a restart of signaling', () => {
  async function restartWhilePlaying() {
    const container = await fixture.container();
    const before = await fixture.guest();
    const grant = await before.mustPlay();
    await fixture.restart();
    await Promise.all([container.disconnected, before.disconnected]);
    const after = await fixture.guest(before.token);
    expect(after.playerId).toBe(before.playerId);
    const rejoin = () =>
      fixture.container(
        { sessions: [running(grant, before.playerId)] },
        { identity: container.identity },
      );
    return { grant, after, rejoin };
  }

  it('keeps the join token', async () => {
    const { joinToken } = fixture.server;
    await fixture.restart();
    expect(fixture.server.joinToken).toBe(joinToken);
  });

  it('loses no session: the container tells it again and the player attaches', async () => {
    const { grant, after, rejoin } = await restartWhilePlaying();
    const container = await rejoin();
    expect(await after.request('attach', proof(grant))).toEqual(done);
    await container.request('signal', signal(grant));
    expect(await after.signals.next()).toEqual(signal(grant));
    await (await fixture.guest()).mustWait();
  });

  it.each(['attach', 'play'] as const)(
    'lets %s of a player who is back first wait for the container',
    async (event) => {
      const { grant, after, rejoin } = await restartWhilePlaying();
      const answer = event === 'attach' ? attach(after, grant) : resume(after, grant);
      await until(async () => (await serverIsUp()) && fixture.timers.pending > 0);
      await rejoin();
      expect(await answer).toMatchObject({ ok: true });
    },
  );

  it('lets a player wait no longer than the grace', async () => {
    const { grant, after } = await restartWhilePlaying();
    const attached = attach(after, grant);
    await until(async () => (await serverIsUp()) && fixture.timers.pending > 0);
    fixture.timers.advance(REJOIN_GRACE_MS);
    expect(await attached).toMatchObject(fails('unknown-session'));
  });

  it("does not let a container claim another's session", async () => {
    const { grant, after, rejoin } = await restartWhilePlaying();
    const owner = await rejoin();
    await after.request('attach', proof(grant));
    const claimer = await fixture.container({ sessions: [running(grant, after.playerId)] });
    expect(await claimer.request('signal', signal(grant))).toMatchObject(fails('unauthorised'));
    await owner.request('signal', signal(grant, 7));
    expect(await after.signals.next()).toEqual(signal(grant, 7));
  });
});

function attach(player: FakePlayer, grant: PlayGrant) {
  return player.request('attach', proof(grant));
}

function resume(player: FakePlayer, grant: PlayGrant) {
  return player.play({ resume: proof(grant) });
}

async function serverIsUp(): Promise<boolean> {
  return (await fixture.get('/api/games')).ok;
}

/** Asks again until it holds; each round is a request to the server. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds()));
}

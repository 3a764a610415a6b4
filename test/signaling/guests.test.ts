import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GuestAnswer, GuestGrant, GuestOrder } from '../../protocol/guest-messages.ts';
import { guestIdSchema, inviteIdSchema } from '../../protocol/ids.ts';
import type { Ack } from '../../protocol/player-messages.ts';
import type { SessionSignal } from '../../protocol/session-signal.ts';
import { REJOIN_GRACE_MS } from '../../signaling/container-registry.ts';
import type { FakeContainer } from '../support/fake-container.ts';
import type { FakePlayer } from '../support/fake-player.ts';
import { SignalingFixture } from '../support/signaling-fixture.ts';

let fixture: SignalingFixture;
beforeEach(async () => {
  fixture = await SignalingFixture.start();
});
afterEach(() => fixture.close());

const fails = (code: string) => ({ ok: false, error: { code } });
const INVITE = inviteIdSchema.parse(randomUUID());

function payload(text: string): SessionSignal['payload'] {
  return {
    kind: 'candidate',
    candidate: { candidate: text, sdpMid: '0', sdpMLineIndex: 0 },
  };
}

/** Lets in whoever has the link: one guest a player, as a worker does. */
function admitAll(container: FakeContainer) {
  const guestIds = new Map<string, ReturnType<typeof guestIdSchema.parse>>();
  const answer = ({ request }: GuestOrder): GuestAnswer => {
    if (request.kind === 'invite') return { kind: 'invited', inviteId: INVITE };
    if (request.kind === 'look') return { kind: 'open', player: 2, rights: 'pad', full: false };
    if (request.kind !== 'admit') return { kind: 'done' };
    const known = guestIds.get(request.playerId);
    const guestId = known ?? guestIdSchema.parse(randomUUID());
    guestIds.set(request.playerId, guestId);
    return { kind: 'admitted', guestId, attempt: known && !request.attach ? 1 : 0 };
  };
  container.onGuests = (order) => ({ ok: true, value: answer(order) });
}

function value<T>(answer: Ack<unknown>): T {
  if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message}`);
  return answer.value as T;
}

/** A game with a link into it. */
async function shared() {
  const container = await fixture.container();
  admitAll(container);
  const owner = await fixture.guest();
  const { sessionId } = await owner.mustPlay();
  const request = { kind: 'invite', player: 2, rights: 'pad' };
  const { token } = value<{ token: string }>(await owner.request('share', { sessionId, request }));
  return { container, owner, sessionId, token };
}

const join = async (guest: FakePlayer, token: string, attach?: boolean) =>
  guest.request('join-as-guest', { token, codecs: ['h264'], ...(attach ? { attach } : {}) });
const mustJoin = async (guest: FakePlayer, token: string, attach?: boolean) =>
  value<GuestGrant>(await join(guest, token, attach));

describe('guests', () => {
  it('come in by a link, and are relayed under an id of their visit', async () => {
    const { container, sessionId, token } = await shared();
    const guest = await fixture.guest();
    const { guestId, gameId, attempt } = await mustJoin(guest, token);
    expect({ gameId, attempt }).toEqual({ gameId: 'skimmer', attempt: 0 });
    expect(guestId).not.toBe(sessionId);
    const offer = { sessionId, guestId, attempt: 0, payload: payload('candidate:1') };
    await container.request('guest-signal', offer);
    expect(await guest.signals.next()).toEqual({
      ...{ sessionId: guestId, attempt: 0, payload: payload('candidate:1') },
    });
    await guest.request('signal', {
      ...{ sessionId: guestId, attempt: 0, payload: payload('candidate:2') },
    });
    expect(await container.guestSignals.next()).toEqual({
      ...{ sessionId, guestId, attempt: 0, payload: payload('candidate:2') },
    });
  });

  it("learn nothing of the session's player, nor of one another", async () => {
    const { owner, sessionId, token } = await shared();
    const [one, other] = [await fixture.guest(), await fixture.guest()];
    const told = JSON.stringify([await join(one, token), await join(other, token)]);
    for (const secret of [owner.playerId, owner.token, sessionId]) {
      expect(told).not.toContain(secret);
    }
    expect(JSON.stringify(await join(one, token))).not.toContain(other.playerId);
  });

  it('get what the container said before their answer was read', async () => {
    const { container, sessionId, token } = await shared();
    const guestId = guestIdSchema.parse(randomUUID());
    container.onGuests = async () => {
      const early = { sessionId, guestId, attempt: 0, payload: payload('candidate:early') };
      value(await container.request('guest-signal', early));
      return { ok: true, value: { kind: 'admitted', guestId, attempt: 0 } };
    };
    const guest = await fixture.guest();
    await mustJoin(guest, token);
    expect((await guest.signals.next()).payload).toEqual(payload('candidate:early'));
  });

  it('get it in the page that they come in with again, and once', async () => {
    const { container, sessionId, token } = await shared();
    const guest = await fixture.guest();
    const { guestId } = await mustJoin(guest, token);
    let attempt = 0;
    container.onGuests = async () => {
      attempt++;
      const early = { sessionId, guestId, attempt, payload: payload(`candidate:${attempt}`) };
      value(await container.request('guest-signal', early));
      return { ok: true, value: { kind: 'admitted', guestId, attempt } };
    };
    const page = await fixture.guest(guest.token);
    expect(await mustJoin(page, token)).toMatchObject({ guestId, attempt: 1 });
    expect((await page.signals.next()).payload).toEqual(payload('candidate:1'));
    // The same page once more, because its connection was lost.
    expect(await mustJoin(page, token)).toMatchObject({ guestId, attempt: 2 });
    expect((await page.signals.next()).payload).toEqual(payload('candidate:2'));
    expect(page.signals.unread).toEqual([]);
  });

  it('are asked for by the player of the session alone', async () => {
    const { container, sessionId, token } = await shared();
    const stranger = await fixture.guest();
    const request = { kind: 'remove', guestId: randomUUID() };
    await container.guestOrders.next();
    expect(await stranger.request('share', { sessionId, request })).toMatchObject(
      fails('unauthorised'),
    );
    await mustJoin(stranger, token);
    expect(await stranger.request('share', { sessionId, request })).toMatchObject(
      fails('unauthorised'),
    );
    const admitted = await container.guestOrders.next();
    expect(admitted.request.kind).toBe('admit');
    expect(container.guestOrders.unread).toEqual([]);
  });

  it('signal for themselves alone', async () => {
    const { container, sessionId, token } = await shared();
    const [one, other] = [await fixture.guest(), await fixture.guest()];
    const { guestId } = await mustJoin(one, token);
    await mustJoin(other, token);
    const signal = { sessionId: guestId, attempt: 0, payload: payload('candidate:1') };
    expect(await other.request('signal', signal)).toMatchObject(fails('unauthorised'));
    expect(await other.request('leave-as-guest', { guestId })).toMatchObject(fails('unauthorised'));
    expect(await one.request('signal', { ...signal, sessionId })).toMatchObject(
      fails('unauthorised'),
    );
    expect(container.guestSignals.unread).toEqual([]);
  });

  it('cannot make a link, nor use another kind of token for one', async () => {
    const { owner, token } = await shared();
    const guest = await fixture.guest();
    for (const forged of [`${token}x`, guest.token, owner.token]) {
      expect(await join(guest, forged)).toMatchObject(fails('invite-revoked'));
    }
  });

  it('are told why by the container, in its words', async () => {
    const { container, token } = await shared();
    const error = { code: 'invite-full', message: 'Somebody plays as player 2 already.' } as const;
    container.onGuests = () => ({ ok: false, error });
    const guest = await fixture.guest();
    expect(await join(guest, token)).toEqual({ ok: false, error });
    const looked = await fixture.get(`/api/invites/${token}`);
    expect(await looked.json()).toEqual(error);
  });

  it('see what a link leads to before they follow it', async () => {
    const { token } = await shared();
    const looked = await fixture.get(`/api/invites/${token}`);
    expect(looked.status).toBe(200);
    expect(await looked.json()).toEqual({
      ...{ gameId: 'skimmer', player: 2, rights: 'pad', full: false },
    });
    expect((await fixture.get('/api/invites/no-token')).status).toBe(410);
  });

  it('hear of the end of the game they are in, whose links are over with it', async () => {
    const { owner, sessionId, token } = await shared();
    const guest = await fixture.guest();
    const { guestId } = await mustJoin(guest, token);
    await owner.request('leave', { sessionId });
    expect(await guest.ended.next()).toEqual({ sessionId: guestId, reason: 'host-left' });
    expect(await join(guest, token)).toMatchObject(fails('unknown-session'));
    expect((await fixture.get(`/api/invites/${token}`)).status).toBe(410);
  });

  it('hear that the machine of the game is gone', async () => {
    const { container, owner, sessionId, token } = await shared();
    const guest = await fixture.guest();
    const { guestId } = await mustJoin(guest, token);
    container.close();
    await expect.poll(() => owner.containers.unread).toContainEqual({ sessionId, present: false });
    fixture.timers.advance(REJOIN_GRACE_MS);
    expect(await guest.ended.next()).toEqual({ sessionId: guestId, reason: 'container-lost' });
  });

  it('hear that they were removed, and of nothing that another container says of them', async () => {
    const { container, sessionId, token } = await shared();
    const theirs = await fixture.container();
    const guest = await fixture.guest();
    const { guestId } = await mustJoin(guest, token);
    const ended = { sessionId, guestId, reason: 'guest-removed' };
    expect(await theirs.request('guest-ended', ended)).toMatchObject(fails('unauthorised'));
    await container.request('guest-ended', ended);
    expect(await guest.ended.next()).toEqual({ sessionId: guestId, reason: 'guest-removed' });
  });

  it('go on over another socket, and over a restart of signaling', async () => {
    const { container, sessionId, token } = await shared();
    const guest = await fixture.guest();
    const { guestId } = await mustJoin(guest, token);
    const owner = (await container.assigned.next()).playerId;
    await fixture.restart();
    const again = fixture.newContainer({ identity: container.identity });
    admitAll(again);
    again.onGuests = () => ({ ok: true, value: { kind: 'admitted', guestId, attempt: 0 } });
    const running = { sessionId, playerId: owner, gameId: 'skimmer', attempt: 0 };
    await again.start({ sessions: [{ ...running, state: 'streaming' as const }] });
    const back = await fixture.guest(guest.token);
    expect(await mustJoin(back, token, true)).toMatchObject({ guestId, attempt: 0 });
    const news = { sessionId, guestId, attempt: 0, payload: payload('candidate:3') };
    await again.request('guest-signal', news);
    expect((await back.signals.next()).payload).toEqual(payload('candidate:3'));
  });

  it('have one tab: the one before is told', async () => {
    const { token } = await shared();
    const guest = await fixture.guest();
    const { guestId } = await mustJoin(guest, token);
    const tab = await fixture.guest(guest.token);
    expect(await mustJoin(tab, token)).toMatchObject({ guestId, attempt: 1 });
    expect(await guest.ended.next()).toMatchObject({ sessionId: guestId, reason: 'player-left' });
  });

  it('are given another link as often as the player asks', async () => {
    const { owner, sessionId, token } = await shared();
    const request = { kind: 'link', inviteId: INVITE };
    expect(value(await owner.request('share', { sessionId, request }))).toEqual({ token });
  });
});

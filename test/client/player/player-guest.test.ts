import { afterEach, describe, expect, it, vi } from 'vitest';
import { settle } from '../../support/fake-player-environment.ts';
import { setUpPlayer, stateOf } from '../../support/fake-player-page.ts';

const TOKEN = 'a.b.c';
const GUEST_ID = '44444444-4444-4444-8444-444444444444';
const STANDING = {
  type: 'guest',
  player: 2,
  rights: 'pad',
  waiting: false,
  behind: false,
} as const;

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function grant(attempt = 0) {
  return { guestId: GUEST_ID, gameId: 'skimmer', attempt };
}

/** A guest on the way to somebody's game. */
function open() {
  const set = setUpPlayer({}, undefined, TOKEN);
  const { fake, player, connect } = set;
  const join = async () => {
    fake.welcome();
    await settle();
    fake.socket.last('join-as-guest').accept(grant());
    await settle();
  };
  const stream = async () => {
    const started = player.play();
    await join();
    await connect();
    await started;
  };
  return { ...set, join, stream };
}

describe('a guest', () => {
  it('comes in by the link, and asks for no game of their own', async () => {
    const { stream, fake, player, states } = open();
    await stream();
    expect(states).toEqual(['signaling', 'pairing', 'media', 'streaming']);
    expect(fake.socket.last('join-as-guest').payload).toEqual({
      token: TOKEN,
      codecs: ['h264', 'vp8'],
    });
    expect(fake.socket.sent('play')).toEqual([]);
    expect(player.snapshot.containerName).toBeUndefined();
  });

  it('learns what they may do, and sends no more than that', async () => {
    const { stream, fake, player, stage } = open();
    await stream();
    fake.peer.say(STANDING);
    const { type: _, ...standing } = STANDING;
    expect(player.snapshot.guest).toEqual(standing);
    const press = () =>
      stage.dispatchEvent(Object.assign(new Event('keydown'), { code: 'KeyA', key: 'a' }));
    press();
    player.virtualPad.setButton(0, true);
    const types = () => new Set(fake.peer.inputs.map(({ type }) => type));
    expect(types()).toEqual(new Set(['pad-connected', 'pad-button']));
    fake.peer.say({ ...STANDING, rights: 'all' });
    press();
    expect(types()).toContain('key');
  });

  it('comes back by the link as the same guest when the connection is lost', async () => {
    const { stream, fake, player, connect } = open();
    await stream();
    fake.peer.listener.handleLost();
    expect(stateOf(player).name).toBe('interrupted');
    fake.time.advance(500);
    await settle();
    expect(fake.socket.sent('join-as-guest')).toHaveLength(2);
    fake.socket.last('join-as-guest').accept(grant(1));
    await settle();
    await connect();
    expect(stateOf(player).name).toBe('streaming');
    expect(player.snapshot.resumed).toBe(true);
  });

  it('is relayed again over a new socket, and keeps the connection', async () => {
    const { stream, fake, player } = open();
    await stream();
    fake.socket.receive('disconnect', 'transport close');
    fake.welcome();
    await settle();
    expect(fake.socket.last('join-as-guest').payload).toMatchObject({ attach: true });
    fake.socket.last('join-as-guest').accept(grant());
    await settle();
    expect(fake.peers).toHaveLength(1);
    expect(stateOf(player).name).toBe('streaming');
  });

  it.each([
    ['invite-revoked', 'invite-revoked'],
    ['invite-full', 'invite-full'],
    ['unknown-session', 'invite-over'],
    ['container-lost', 'invite-over'],
    ['no-common-codec', 'no-common-codec'],
  ])('who is refused with %s is told so', async (code, problem) => {
    const { fake, player } = open();
    const started = player.play();
    fake.welcome();
    await settle();
    fake.socket.last('join-as-guest').refuse(code, 'Because.');
    await started;
    expect(stateOf(player)).toEqual({ name: 'failed', problem, message: 'Because.' });
    expect(fake.time.pendingTimers).toBe(0);
  });

  it.each([
    ['invite-revoked', 'guest-removed'],
    ['unknown-session', 'host-left'],
  ])('who cannot come back because of %s is told why', async (code, reason) => {
    const { stream, fake, player } = open();
    await stream();
    fake.peer.listener.handleLost();
    fake.time.advance(500);
    await settle();
    fake.socket.last('join-as-guest').refuse(code);
    await settle();
    expect(stateOf(player)).toMatchObject({ name: 'ended', reason });
  });

  it('is told why it is over, from the worker or from signaling', async () => {
    const one = open();
    await one.stream();
    one.fake.peer.say({ type: 'bye', reason: 'guest-removed' });
    expect(stateOf(one.player)).toMatchObject({ name: 'ended', reason: 'guest-removed' });
    const other = open();
    await other.stream();
    other.fake.socket.receive('session-ended', { sessionId: GUEST_ID, reason: 'container-lost' });
    // Another's game is not started anew by those who watch it.
    expect(stateOf(other.player)).toMatchObject({ name: 'ended', reason: 'container-lost' });
  });

  it('leaves by telling worker and signaling, and keeps nothing for a reload', async () => {
    const { stream, fake, player } = open();
    await stream();
    const left = player.leave();
    expect(fake.peer.controls.at(-1)).toEqual({ type: 'bye' });
    expect(fake.socket.last('leave-as-guest').payload).toEqual({ guestId: GUEST_ID });
    fake.socket.last('leave-as-guest').accept({});
    await left;
    expect(fake.socket.connected).toBe(false);
    expect(fake.time.pendingTimers).toBe(0);
    expect(fake.sessionStorage.getItem('rockpool.session.skimmer')).toBeNull();
  });

  it('gives up after a minute', async () => {
    const { stream, fake, player } = open();
    await stream();
    fake.peer.listener.handleLost();
    fake.socket.receive('disconnect', 'transport close');
    fake.time.advance(60_000);
    expect(stateOf(player)).toMatchObject({ name: 'ended', reason: 'abandoned' });
  });
});

describe('a player who shares', () => {
  it('asks signaling for a link, and hears of guests from the worker', async () => {
    const { stream, fake, player } = setUpPlayer();
    await stream();
    const shared = player.share({ kind: 'invite', player: 2, rights: 'pad' });
    await settle();
    const { payload } = fake.socket.last('share');
    expect(payload).toMatchObject({ request: { kind: 'invite', player: 2, rights: 'pad' } });
    fake.socket.last('share').accept({ token: TOKEN });
    expect(await shared).toBe(TOKEN);
    const sharing = { seats: [null, 2] as (2 | null)[], invites: [], guests: [] };
    fake.peer.say({ type: 'sharing', ...sharing });
    expect(player.snapshot.sharing).toEqual(sharing);
  });

  it('is told why that does not work', async () => {
    const { stream, fake, player } = setUpPlayer();
    await expect(player.share({ kind: 'invite', player: null, rights: 'none' })).resolves.toBe(
      undefined,
    );
    await stream();
    const shared = player.share({ kind: 'invite', player: null, rights: 'none' });
    await settle();
    fake.socket.last('share').refuse('invite-full', 'There are 16 links open.');
    await expect(shared).rejects.toThrow('There are 16 links open.');
  });
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import { grant, granted, SESSION_ID, settle } from '../../support/fake-player-environment.ts';
import { setUpPlayer, stateOf } from '../../support/fake-player-page.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const TICKET_ID = '55555555-5555-4555-8555-555555555555';
const PLACE = { ticketId: TICKET_ID, position: 2, waiting: 3, machines: 1, expectedWaitMs: null };
const OFFER = { ticketId: TICKET_ID, holdMs: 20_000, containerName: 'cellar' };
const WAITING = { kind: 'waiting', place: PLACE, placeToken: 'place-token' };

async function wait() {
  const page = setUpPlayer();
  const done = page.player.play();
  page.fake.welcome();
  await settle();
  page.fake.socket.last('play').accept(WAITING);
  await settle();
  return { ...page, done };
}

describe('a player who waits in line', () => {
  it('shows the place, and every change of it', async () => {
    const { player, fake } = await wait();
    expect(stateOf(player)).toEqual({
      name: 'waiting',
      position: 2,
      waiting: 3,
      machines: 1,
      expectedWaitMs: undefined,
      offer: undefined,
    });
    fake.socket.receive('place', { ...PLACE, position: 1, expectedWaitMs: 90_000 });
    expect(stateOf(player)).toMatchObject({ position: 1, expectedWaitMs: 90_000 });
    fake.socket.receive('place', { ...PLACE, ticketId: SESSION_ID });
    expect(stateOf(player)).toMatchObject({ position: 1 });
    fake.time.advance(600_000);
    expect(stateOf(player).name).toBe('waiting');
  });

  it('plays when the offer is accepted', async () => {
    const { player, fake, connect, done, states } = await wait();
    fake.socket.receive('offer', OFFER);
    expect(stateOf(player)).toMatchObject({
      name: 'waiting',
      offer: { untilMs: fake.time.now() + 20_000, containerName: 'cellar' },
    });
    player.acceptOffer();
    expect(fake.socket.last('accept').payload).toEqual({ ticketId: TICKET_ID });
    fake.socket.last('accept').accept(grant());
    await settle();
    await connect();
    await done;
    expect(states).toEqual(['signaling', 'pairing', 'waiting', 'media', 'streaming']);
    expect(player.snapshot.moved).toBeUndefined();
  });

  it('accepts an offer once', async () => {
    const { player, fake } = await wait();
    await player.acceptOffer();
    expect(fake.socket.sent('accept')).toEqual([]);
    fake.socket.receive('offer', OFFER);
    player.acceptOffer();
    player.acceptOffer();
    expect(fake.socket.sent('accept')).toHaveLength(1);
  });

  it('goes on waiting where the machine did not start the game', async () => {
    const { player, fake } = await wait();
    fake.socket.receive('offer', OFFER);
    const accepted = player.acceptOffer();
    fake.socket.last('accept').refuse('container-lost');
    await accepted;
    expect(stateOf(player)).toMatchObject({ name: 'waiting', offer: undefined });
  });

  it.each([
    ['its time is over', 'offer-over'],
    ['it comes too late', 'accept'],
  ])('has missed its turn where %s', async (_, way) => {
    const { player, fake, done } = await wait();
    fake.socket.receive('offer', OFFER);
    if (way === 'offer-over') fake.socket.receive('offer-over', { ticketId: TICKET_ID });
    else {
      player.acceptOffer();
      fake.socket.last('accept').refuse('turn-missed');
    }
    await done;
    expect(stateOf(player)).toMatchObject({ name: 'failed', problem: 'turn-missed' });
  });

  it('takes its place again after a lost connection', async () => {
    const { player, fake } = await wait();
    fake.socket.receive('offer', OFFER);
    fake.loseSocket();
    fake.welcome();
    await settle();
    expect(fake.socket.last('play').payload).toMatchObject({ placeToken: 'place-token' });
    fake.socket.last('play').accept({ ...WAITING, place: { ...PLACE, position: 1 } });
    await settle();
    expect(stateOf(player)).toMatchObject({ name: 'waiting', position: 1, offer: undefined });
  });

  it('asks again where the connection broke while it asked', async () => {
    const { player, fake } = await wait();
    fake.loseSocket();
    fake.welcome();
    await settle();
    fake.socket.last('play').lose();
    await settle();
    expect(stateOf(player).name).toBe('waiting');
    fake.loseSocket();
    fake.welcome();
    await settle();
    fake.socket.last('play').accept(granted());
    await settle();
    expect(stateOf(player)).toMatchObject({ name: 'connecting', step: 'media' });
  });

  it('gives the place up when it leaves', async () => {
    const { player, fake } = await wait();
    const left = player.leave();
    expect(fake.socket.last('leave-line').payload).toEqual({ ticketId: TICKET_ID });
    fake.socket.last('leave-line').accept({});
    await left;
    expect(stateOf(player)).toMatchObject({ name: 'ended', reason: 'player-left' });
    expect(fake.time.pendingTimers).toBe(0);
  });
});

describe('a player whose session ended for no fault of theirs', () => {
  const OTHER = { sessionId: '44444444-4444-4444-8444-444444444444', containerName: 'cellar' };

  it.each(['container-lost', 'worker-crashed', 'shutting-down'])(
    'plays on elsewhere after %s',
    async (reason) => {
      const { player, fake, stream, connect } = setUpPlayer();
      await stream();
      fake.socket.receive('session-ended', { sessionId: SESSION_ID, reason });
      expect(stateOf(player)).toEqual({ name: 'connecting', step: 'pairing', moved: reason });
      await settle();
      expect(fake.socket.last('play').payload).not.toHaveProperty('resume');
      fake.socket.last('play').accept(granted(OTHER));
      await settle();
      await connect();
      expect(stateOf(player).name).toBe('streaming');
      expect(player.snapshot).toMatchObject({ ...OTHER, moved: reason });
    },
  );

  it('waits in line where no other machine has a place', async () => {
    const { player, fake, stream } = setUpPlayer();
    await stream();
    fake.peer.listener.handleLost();
    fake.time.advance(500);
    await settle();
    expect(fake.socket.last('play').payload).toMatchObject({ resume: { silent: true } });
    fake.socket.last('play').accept(WAITING);
    await settle();
    expect(stateOf(player)).toMatchObject({ name: 'waiting', position: 2 });
    fake.time.advance(120_000);
    expect(stateOf(player).name).toBe('waiting');
  });

  it('stops where it happens again and again', async () => {
    const { player, fake, stream, connect } = setUpPlayer();
    await stream();
    for (let move = 0; move < 3; move++) {
      const { sessionId } = player.snapshot;
      fake.socket.receive('session-ended', { sessionId, reason: 'worker-crashed' });
      await settle();
      const next = `44444444-4444-4444-8444-44444444444${move}`;
      fake.socket.last('play').accept(granted({ sessionId: next }));
      await settle();
      await connect();
      expect(stateOf(player).name).toBe('streaming');
    }
    const { sessionId } = player.snapshot;
    fake.socket.receive('session-ended', { sessionId, reason: 'worker-crashed' });
    expect(stateOf(player)).toMatchObject({ name: 'ended', reason: 'worker-crashed' });
  });

  it('takes a silent machine that has lost signaling for gone', async () => {
    const { player, fake, stream } = setUpPlayer();
    await stream();
    fake.socket.receive('container', { sessionId: SESSION_ID, present: false });
    expect(stateOf(player).name).toBe('streaming');
    expect(fake.peer.closed).toBe(false);
    fake.peer.listener.handleSilence();
    expect(stateOf(player).name).toBe('interrupted');
    expect(fake.peer.closed).toBe(true);
    fake.time.advance(500);
    await settle();
    expect(fake.socket.last('play').payload).toMatchObject({
      resume: { sessionId: SESSION_ID, silent: true },
    });
  });

  it('waits for a silent machine that signaling still hears', async () => {
    const { player, fake, stream } = setUpPlayer();
    await stream();
    fake.socket.receive('container', { sessionId: SESSION_ID, present: false });
    fake.socket.receive('container', { sessionId: SESSION_ID, present: true });
    fake.peer.listener.handleSilence();
    expect(stateOf(player).name).toBe('interrupted');
    expect(fake.peer.closed).toBe(false);
  });
});

describe('a player whose session goes well', () => {
  it('tells how it was, now and then and at its end', async () => {
    const { player, fake, stream } = setUpPlayer();
    await stream();
    for (let quarter = 0; quarter < 4 * 16; quarter++) {
      const frames = quarter * 15;
      fake.peer.stats.set('video', {
        type: 'inbound-rtp',
        kind: 'video',
        timestamp: fake.time.now(),
        frameWidth: 1280,
        frameHeight: 720,
        framesDecoded: frames,
        bytesReceived: frames * 1000,
      });
      fake.time.advance(250);
      await settle();
    }
    expect(fake.socket.sent('quality')).toHaveLength(1);
    const { payload } = fake.socket.last('quality');
    expect(payload).toMatchObject({
      sessionId: SESSION_ID,
      report: {
        width: 1280,
        height: 720,
        frameRate: 60,
        bitrateBps: 480_000,
        freezes: 0,
        browser: { family: 'firefox', major: 153 },
      },
    });
    fake.socket.last('quality').accept({});
    player.leave();
    expect(fake.socket.sent('quality')).toHaveLength(2);
  });
});

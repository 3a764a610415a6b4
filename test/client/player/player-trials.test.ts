import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  CONTAINER_ID,
  granted,
  SESSION_ID,
  settle,
} from '../../support/fake-player-environment.ts';
import { FakeTrack, HELLO, setUpPlayer, stateOf } from '../../support/fake-player-page.ts';
import type { FakePlayerPeer } from '../../support/fake-player-peer.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const OTHER_SESSION = '66666666-6666-4666-8666-666666666666';
const OTHER_CONTAINER = '77777777-7777-4777-8777-777777777777';
const MEASURE = {
  kind: 'measure',
  candidates: [
    { sessionId: SESSION_ID, containerId: CONTAINER_ID, name: 'attic', handicapMs: 0 },
    { sessionId: OTHER_SESSION, containerId: OTHER_CONTAINER, name: 'cellar', handicapMs: 0 },
  ],
};
const ANSWER = { kind: 'description', description: { type: 'answer', sdp: 'v=0' } } as const;

/** A player that has been told to measure two machines. */
async function measure() {
  const page = setUpPlayer();
  const done = page.player.play();
  page.fake.welcome();
  await settle();
  page.fake.socket.last('play').accept(MEASURE);
  await settle();
  const [attic, cellar] = page.fake.peers;
  if (!attic || !cellar) throw new Error('two peer connections are to be opened');
  /** The handshake of one is through, and its pings come back. */
  const open = async (peer: FakePlayerPeer) => {
    peer.listener.handleLocalSignal(ANSWER);
    peer.listener.handleTrack(new FakeTrack('video').asTrack());
    peer.open();
    page.fake.time.advance(100);
    await settle();
  };
  const choice = () => page.fake.socket.last('choose');
  return { ...page, done, attic, cellar, open, choice };
}

describe('a player who measures before a machine is chosen', () => {
  it('connects to all at once and goes on with the connection of the one chosen', async () => {
    const { fake, attic, cellar, open, choice, states, player, video, done } = await measure();
    expect(stateOf(player)).toEqual({ name: 'connecting', step: 'measuring' });
    await open(cellar);
    expect(choice().payload).toEqual({ paths: [{ sessionId: OTHER_SESSION, roundTripMs: 0 }] });
    choice().accept(
      granted({
        sessionId: OTHER_SESSION,
        containerId: OTHER_CONTAINER,
        containerName: 'cellar',
      }),
    );
    await settle();
    expect(fake.peers).toHaveLength(2);
    expect([attic.closed, cellar.closed]).toEqual([true, false]);
    cellar.say(HELLO);
    video.dispatchEvent(new Event('loadeddata'));
    await done;
    expect(states).toEqual(['signaling', 'pairing', 'measuring', 'media', 'streaming']);
    expect(player.snapshot).toMatchObject({
      sessionId: OTHER_SESSION,
      containerName: 'cellar',
      game: { id: 'skimmer' },
    });
    expect(cellar.controls).toMatchObject([{ type: 'hello' }]);
  });

  it('pings each path from its opening until the choice is made', async () => {
    const { attic, open, choice, fake } = await measure();
    await open(attic);
    const pings = () => attic.motions.filter(({ type }) => type === 'ping').length;
    expect(pings()).toBe(1 + 100 / 10);
    fake.time.advance(10);
    expect(pings()).toBe(12);
    choice().accept(granted());
    await settle();
    attic.motions.length = 0;
    fake.time.advance(10);
    expect(pings()).toBe(0);
  });

  it('takes the browser’s own check of a path for its first ping', async () => {
    const { cellar, choice, attic, player } = await measure();
    cellar.stats.set('pair', { type: 'candidate-pair', currentRoundTripTime: 0.006 });
    cellar.stats.set('other', { type: 'candidate-pair', state: 'in-progress' });
    cellar.listener.handleLocalSignal(ANSWER);
    cellar.listener.handleReached?.();
    await settle();
    expect(choice().payload).toEqual({ paths: [{ sessionId: OTHER_SESSION, roundTripMs: 6 }] });
    choice().accept(granted({ sessionId: OTHER_SESSION, containerId: OTHER_CONTAINER }));
    await settle();
    expect([attic.closed, cellar.closed]).toEqual([true, false]);
    cellar.open();
    cellar.say(HELLO);
    expect(player.snapshot.game).toMatchObject({ id: 'skimmer' });
  });

  it('looks for the checks by itself where the browser does not say when one was answered', async () => {
    const { fake, cellar, choice } = await measure();
    cellar.listener.handleLocalSignal(ANSWER);
    // Too early: nothing is answered yet.
    cellar.listener.handleReached?.();
    await settle();
    cellar.stats.set('pair', { type: 'candidate-pair', currentRoundTripTime: 0.006 });
    fake.time.advance(50);
    await settle();
    expect(choice().payload).toEqual({ paths: [{ sessionId: OTHER_SESSION, roundTripMs: 6 }] });
  });

  it('gives each machine its own signals', async () => {
    const { fake, attic, cellar } = await measure();
    const candidate = { candidate: 'a', sdpMid: '0', sdpMLineIndex: 0 };
    const payload = { kind: 'candidate', candidate };
    fake.socket.receive('signal', { sessionId: OTHER_SESSION, attempt: 0, payload });
    expect(attic.remoteSignals).toEqual([]);
    expect(cellar.remoteSignals).toEqual([payload]);
    cellar.listener.handleLocalSignal(ANSWER);
    expect(fake.socket.last('signal').payload).toEqual({
      sessionId: OTHER_SESSION,
      attempt: 0,
      payload: ANSWER,
    });
  });

  it('misses nothing that the worker says before the session is granted', async () => {
    const { attic, open, choice, player, fake } = await measure();
    await open(attic);
    attic.say(HELLO);
    expect(player.snapshot.game).toBeUndefined();
    choice().accept(granted());
    await settle();
    expect(player.snapshot.game).toMatchObject({ id: 'skimmer' });
    attic.listener.handleLocalSignal(ANSWER);
    expect(fake.socket.last('signal').payload).toMatchObject({ sessionId: SESSION_ID });
  });

  it('asks for a whole picture where pictures came before it could show them', async () => {
    const { attic, open, choice } = await measure();
    const track = new FakeTrack('video');
    attic.listener.handleTrack(track.asTrack());
    await open(attic);
    track.unmute();
    choice().accept(granted());
    await settle();
    expect(attic.controls).toContainEqual({ type: 'keyframe' });
  });

  it('leaves the choice to signaling where no way opens in time', async () => {
    const { fake, choice, attic, cellar } = await measure();
    fake.time.advance(1_499);
    await settle();
    expect(fake.socket.sent('choose')).toEqual([]);
    fake.time.advance(1);
    await settle();
    expect(choice().payload).toEqual({ paths: [] });
    choice().accept(granted());
    await settle();
    expect([attic.closed, cellar.closed]).toEqual([false, true]);
    expect(fake.peers).toHaveLength(2);
  });

  it('does not wait for a machine that does not take part', async () => {
    const { fake, choice, attic } = await measure();
    fake.socket.receive('session-ended', { sessionId: SESSION_ID, reason: 'container-lost' });
    await settle();
    expect(choice().payload).toEqual({ paths: [] });
    expect(attic.closed).toBe(true);
  });

  it('connects anew where the session is on none of them', async () => {
    const { fake, attic, cellar, open, choice } = await measure();
    await open(attic);
    choice().accept(granted({ sessionId: '88888888-8888-4888-8888-888888888888' }));
    await settle();
    expect([attic.closed, cellar.closed]).toEqual([true, true]);
    expect(fake.peers).toHaveLength(3);
    expect(fake.peer.closed).toBe(false);
  });

  it('asks again where signaling has forgotten what was tried, and measures no more', async () => {
    const { fake, attic, open, choice } = await measure();
    await open(attic);
    choice().refuse('unknown-session');
    await settle();
    expect(fake.socket.sent('play')).toHaveLength(2);
    expect(fake.socket.last('play').payload).toMatchObject({ mayMeasure: false });
    fake.socket.last('play').accept(granted());
    await settle();
    expect(attic.closed).toBe(false);
  });

  it('remembers the ways it measured, and tells them the next time', async () => {
    const { fake, attic, open, choice, player } = await measure();
    await open(attic);
    choice().refuse('rate-limited');
    await settle();
    expect(stateOf(player)).toMatchObject({ name: 'failed' });
    fake.wallClockMs += 2_000;
    player.play();
    fake.welcome();
    await settle();
    expect(fake.socket.last('play').payload).toMatchObject({
      mayMeasure: true,
      knownPaths: [{ containerId: CONTAINER_ID, roundTripMs: 0, ageMs: 2_000 }],
    });
  });

  it('lets go of all of them when the player leaves or the page closes', async () => {
    const left = await measure();
    await left.player.leave();
    expect([left.attic.closed, left.cellar.closed]).toEqual([true, true]);
    const closed = await measure();
    closed.player.close();
    expect([closed.attic.closed, closed.cellar.closed]).toEqual([true, true]);
    closed.fake.time.advance(5_000);
    await settle();
    expect(closed.fake.socket.sent('choose')).toEqual([]);
  });

  it('lets go of all of them when it has to wait in line after all', async () => {
    const { attic, cellar, open, choice, player } = await measure();
    await open(attic);
    const place = {
      ticketId: '55555555-5555-4555-8555-555555555555',
      position: 1,
      waiting: 1,
      machines: 2,
      expectedWaitMs: null,
    };
    choice().accept({ kind: 'waiting', place, placeToken: 'place-token' });
    await settle();
    expect(stateOf(player)).toMatchObject({ name: 'waiting', position: 1 });
    expect([attic.closed, cellar.closed]).toEqual([true, true]);
  });
});

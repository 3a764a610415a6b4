import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  type FakePlayerEnvironment,
  granted,
  SESSION_ID,
  settle,
} from '../../support/fake-player-environment.ts';
import { FakeTrack, RESUME, setUpPlayer, stateOf } from '../../support/fake-player-page.ts';

const OTHER_ID = '44444444-4444-4444-8444-444444444444';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe('a player that loses its signaling connection', () => {
  it('plays on, and attaches the running session afterwards', async () => {
    const { stream, player, fake } = setUpPlayer();
    await stream();
    fake.loseSocket();
    expect(stateOf(player).name).toBe('streaming');
    fake.welcome();
    await settle();
    expect(fake.socket.last('attach').payload).toEqual(RESUME);
    expect(fake.socket.sent('play')).toHaveLength(1);
    fake.socket.last('attach').accept({});
    await settle();
    expect(stateOf(player).name).toBe('streaming');
  });

  it('tries to attach again while a restarted server does not know the session yet', async () => {
    const { stream, player, fake } = setUpPlayer();
    await stream();
    fake.loseSocket();
    fake.welcome();
    await settle();
    for (let i = 0; i < 3; i++) {
      fake.socket.last('attach').refuse('unknown-session');
      await settle();
      fake.time.advance(5000);
      await settle();
    }
    expect(fake.socket.sent('attach')).toHaveLength(4);
    fake.socket.last('attach').accept({});
    await settle();
    fake.time.advance(20_000);
    expect(fake.socket.sent('attach')).toHaveLength(4);
    expect(stateOf(player).name).toBe('streaming');
  });

  it('is not stopped by a refusal while it plays', async () => {
    const { stream, player, fake } = setUpPlayer();
    await stream();
    fake.socket.receive('refused', { code: 'rate-limited', message: 'Too much.' });
    expect(stateOf(player).name).toBe('streaming');
  });
});

describe('a player that loses its peer connection', () => {
  it('is interrupted, resumes on a new connection and streams again', async () => {
    const { stream, player, fake, connect } = setUpPlayer();
    await stream();
    fake.peer.listener.handleLost();
    expect(stateOf(player)).toEqual({
      name: 'interrupted',
      sinceMs: fake.time.now(),
      untilMs: fake.time.now() + 60_000,
    });
    fake.time.advance(500);
    await settle();
    expect(fake.socket.last('play').payload).toMatchObject({ resume: RESUME });
    fake.socket.last('play').accept(granted({ resumed: true, attempt: 1 }));
    await settle();
    expect(stateOf(player).name).toBe('interrupted');
    await connect();
    expect(stateOf(player).name).toBe('streaming');
    expect(player.snapshot.resumed).toBe(true);
    expect(fake.peers).toHaveLength(2);
    fake.time.advance(120_000);
    expect(stateOf(player).name).toBe('streaming');
  });

  it('keeps the last picture until the new stream has one', async () => {
    const { stream, fake, video } = setUpPlayer();
    await stream();
    const before = video.srcObject;
    fake.peer.listener.handleLost();
    fake.time.advance(500);
    await settle();
    fake.socket.last('play').accept(granted({ resumed: true, attempt: 1 }));
    await settle();
    const track = new FakeTrack('video');
    fake.peer.listener.handleTrack(track.asTrack());
    expect(video.srcObject).toBe(before);
    track.unmute();
    expect(video.srcObject).toEqual({ tracks: [track] });
  });

  it('goes on where a silent connection comes back by itself', async () => {
    const { stream, player, fake } = setUpPlayer();
    await stream();
    fake.peer.listener.handleSilence();
    expect(stateOf(player).name).toBe('interrupted');
    fake.peer.listener.handleRecovered();
    expect(stateOf(player).name).toBe('streaming');
    fake.time.advance(120_000);
    await settle();
    expect(stateOf(player).name).toBe('streaming');
    expect(fake.peers).toHaveLength(1);
  });

  it('tries again with longer and longer pauses, and gives up after a minute', async () => {
    const { stream, player, fake } = setUpPlayer();
    await stream();
    fake.peer.listener.handleLost();
    const triedAtMs: number[] = [];
    const startMs = fake.time.now();
    for (let step = 0; step < 600 && stateOf(player).name === 'interrupted'; step++) {
      const before = fake.socket.sent('play').length;
      fake.time.advance(100);
      await settle();
      if (fake.socket.sent('play').length > before) {
        triedAtMs.push(fake.time.now() - startMs);
        fake.socket.last('play').refuse('no-free-slot');
        await settle();
      }
    }
    expect(stateOf(player)).toMatchObject({ name: 'ended', reason: 'abandoned' });
    const pauses = triedAtMs.map((atMs, i) => atMs - (triedAtMs[i - 1] ?? 0));
    expect(pauses.slice(0, 4)).toEqual([400, 800, 1500, 3000]);
    expect(Math.max(...pauses)).toBeLessThan(5000);
    expect(fake.time.now() - startMs).toBe(60_000);
  });

  it('asks nobody while signaling is away too, then resumes at once', async () => {
    const { stream, player, fake, connect } = setUpPlayer();
    await stream();
    fake.loseSocket();
    fake.peer.listener.handleLost();
    fake.time.advance(10_000);
    await settle();
    expect(fake.socket.sent('play')).toHaveLength(1);
    fake.welcome();
    await settle();
    expect(fake.socket.sent('attach')).toEqual([]);
    fake.socket.last('play').accept(granted({ resumed: true, attempt: 1 }));
    await settle();
    await connect();
    expect(stateOf(player).name).toBe('streaming');
  });

  it('tries once more where the new connection fails as well', async () => {
    const { stream, player, fake } = setUpPlayer();
    await stream();
    fake.peer.listener.handleLost();
    fake.time.advance(500);
    await settle();
    fake.socket.last('play').accept(granted({ resumed: true, attempt: 1 }));
    await settle();
    fake.peer.listener.handleLost();
    fake.time.advance(5000);
    await settle();
    expect(fake.socket.sent('play')).toHaveLength(3);
    expect(stateOf(player).name).toBe('interrupted');
  });

  it('goes on in another session where its own is gone, and says so', async () => {
    const { stream, player, fake, connect } = setUpPlayer();
    await stream();
    fake.peer.listener.handleLost();
    fake.time.advance(500);
    await settle();
    fake.socket.last('play').accept(granted({ sessionId: OTHER_ID, containerName: 'cellar' }));
    await settle();
    await connect();
    expect(stateOf(player).name).toBe('streaming');
    expect(player.snapshot).toMatchObject({
      sessionId: OTHER_ID,
      containerName: 'cellar',
      resumed: false,
      moved: 'container-lost',
    });
  });
});

describe('a player whose network changes', () => {
  const attach = async (fake: FakePlayerEnvironment) => {
    fake.welcome();
    await settle();
    fake.socket.last('attach').accept({});
    await settle();
  };

  it('takes a new socket at once, and asks for an ICE restart when it is attached', async () => {
    const { stream, player, fake } = setUpPlayer();
    await stream();
    fake.changeNetwork();
    expect(fake.socket.connects).toBe(2);
    expect(fake.socket.sent('signal')).toEqual([]);
    await attach(fake);
    expect(fake.socket.sent('signal').map(({ payload }) => payload)).toEqual([
      { sessionId: SESSION_ID, attempt: 0, payload: { kind: 'restart-ice' } },
    ]);
    const payload = { kind: 'description', description: { type: 'offer', sdp: 'v=0' } };
    fake.socket.receive('signal', { sessionId: SESSION_ID, attempt: 0, payload });
    expect(fake.peer.remoteSignals).toEqual([payload]);
    fake.time.advance(60_000);
    await settle();
    expect(stateOf(player).name).toBe('streaming');
    expect(fake.peers).toHaveLength(1);
    expect(fake.socket.sent('play')).toHaveLength(1);
  });

  it('keeps its answer until it is attached', async () => {
    const { stream, fake } = setUpPlayer();
    await stream();
    fake.changeNetwork();
    const answer = { kind: 'description', description: { type: 'answer', sdp: 'v=0' } } as const;
    fake.peer.listener.handleLocalSignal(answer);
    fake.welcome();
    await settle();
    expect(fake.socket.sent('signal')).toEqual([]);
    fake.socket.last('attach').accept({});
    await settle();
    expect(fake.socket.sent('signal').map(({ payload }) => payload)).toContainEqual({
      sessionId: SESSION_ID,
      attempt: 0,
      payload: answer,
    });
  });

  it('is interrupted by two seconds of silence, and goes on with a keyframe', async () => {
    const { stream, player, fake } = setUpPlayer();
    await stream();
    fake.peer.answersPings = false;
    fake.time.advance(1750);
    expect(stateOf(player).name).toBe('streaming');
    fake.time.advance(500);
    expect(stateOf(player).name).toBe('interrupted');
    expect(fake.socket.connects).toBe(2);
    await attach(fake);
    expect(fake.socket.last('signal').payload).toMatchObject({ payload: { kind: 'restart-ice' } });
    fake.time.advance(2000);
    fake.peer.answersPings = true;
    fake.time.advance(500);
    expect(stateOf(player).name).toBe('streaming');
    expect(fake.peer.controls.at(-1)).toEqual({ type: 'keyframe' });
    fake.time.advance(120_000);
    await settle();
    expect(stateOf(player).name).toBe('streaming');
    expect(fake.peers).toHaveLength(1);
  });

  it('takes a new connection where the restart brings no packets back', async () => {
    const { stream, player, fake, connect } = setUpPlayer();
    await stream();
    fake.peer.answersPings = false;
    fake.time.advance(2250);
    await attach(fake);
    fake.time.advance(4400);
    await settle();
    expect(fake.peer.closed).toBe(false);
    fake.time.advance(100);
    expect(fake.peer.closed).toBe(true);
    fake.time.advance(500);
    await settle();
    expect(fake.socket.last('play').payload).toMatchObject({ resume: RESUME });
    fake.socket.last('play').accept(granted({ resumed: true, attempt: 1 }));
    await settle();
    await connect();
    expect(stateOf(player).name).toBe('streaming');
  });

  it('keeps a silent connection while signaling is away too', async () => {
    const { stream, player, fake } = setUpPlayer();
    await stream();
    fake.peer.answersPings = false;
    fake.time.advance(30_000);
    await settle();
    expect(stateOf(player).name).toBe('interrupted');
    expect(fake.peer.closed).toBe(false);
    fake.time.advance(40_000);
    expect(stateOf(player)).toMatchObject({ name: 'ended', reason: 'abandoned' });
    expect(fake.time.pendingTimers).toBe(0);
  });

  it('is not silent while pictures arrive, whatever becomes of the messages', async () => {
    const { stream, player, fake } = setUpPlayer();
    await stream();
    fake.peer.answersPings = false;
    for (let i = 0; i < 20; i++) {
      fake.peer.receive({ bytesReceived: i * 1000 });
      fake.time.advance(250);
      await settle();
    }
    expect(stateOf(player).name).toBe('streaming');
    for (let i = 0; i < 9; i++) {
      fake.time.advance(250);
      await settle();
    }
    expect(stateOf(player).name).toBe('interrupted');
  });

  it('leaves a request to play that is under way alone', async () => {
    const { player, fake, connect } = setUpPlayer();
    player.play();
    fake.welcome();
    await settle();
    fake.changeNetwork();
    expect(fake.socket.connects).toBe(1);
    fake.socket.last('play').accept(granted());
    await settle();
    await connect();
    expect(stateOf(player).name).toBe('streaming');
  });

  it('tries again at once where it waits for signaling to begin', () => {
    const { player, fake } = setUpPlayer();
    player.play();
    fake.changeNetwork();
    expect(fake.socket.connects).toBe(2);
  });
});

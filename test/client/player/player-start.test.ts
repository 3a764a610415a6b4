import { afterEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_STREAM_SETTINGS } from '../../../protocol/stream-settings.ts';
import { PROTOCOL_VERSION } from '../../../protocol/version.ts';
import { granted, SESSION_ID, settle } from '../../support/fake-player-environment.ts';
import { HELLO, setUpPlayer, stateOf } from '../../support/fake-player-page.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe('a player that starts', () => {
  it('goes from signaling over pairing and media to streaming', async () => {
    const { stream, states, player, fake } = setUpPlayer();
    await stream();
    expect(states).toEqual(['signaling', 'pairing', 'media', 'streaming']);
    expect(player.snapshot).toMatchObject({
      sessionId: SESSION_ID,
      containerName: 'attic',
      resumed: false,
      game: { id: 'skimmer' },
      stream: { codec: 'h264', encoder: 'libx264', targetBitrateBps: 12_000_000 },
    });
    expect(fake.socket.last('play').payload).toEqual({
      gameId: 'skimmer',
      settings: DEFAULT_STREAM_SETTINGS,
      codecs: ['h264', 'vp8'],
      mayMeasure: true,
    });
    expect(fake.peer.controls).toEqual([{ type: 'hello', protocol: PROTOCOL_VERSION }]);
  });

  it('measures the time to the first frame shown', async () => {
    const { stream, player, fake, video } = setUpPlayer();
    const starting = stream();
    fake.time.stall(310);
    await starting;
    expect(player.snapshot.firstFrameMs).toBeUndefined();
    video.display({ rtpTimestamp: 1, presentationTime: 1290 });
    expect(player.snapshot.firstFrameMs).toBe(310);
    fake.time.stall(100);
    video.display({ rtpTimestamp: 2, presentationTime: 1390 });
    expect(player.snapshot.firstFrameMs).toBe(310);
  });

  it('gives the peer what came before its answer, and nothing of other sessions', async () => {
    const { player, fake } = setUpPlayer();
    player.play();
    fake.welcome();
    await settle();
    const signal = (sessionId: string, attempt: number, candidate: string) => ({
      sessionId,
      attempt,
      payload: { kind: 'candidate', candidate: { candidate, sdpMid: '0', sdpMLineIndex: 0 } },
    });
    fake.socket.receive('signal', signal(SESSION_ID, 3, 'early'));
    fake.socket.receive('signal', signal('44444444-4444-4444-8444-444444444444', 3, 'foreign'));
    fake.socket.receive('signal', signal(SESSION_ID, 2, 'outdated'));
    fake.socket.last('play').accept(granted({ attempt: 3 }));
    await settle();
    fake.socket.receive('signal', signal(SESSION_ID, 3, 'late'));
    const candidates = fake.peer.remoteSignals.map(
      (payload) => payload.kind === 'candidate' && payload.candidate.candidate,
    );
    expect(candidates).toEqual(['early', 'late']);
  });

  it('tags what it sends with session and attempt', async () => {
    const { player, fake, pair } = setUpPlayer();
    player.play();
    await pair({ attempt: 3 });
    const payload = { kind: 'description', description: { type: 'answer', sdp: 'v=0' } } as const;
    fake.peer.listener.handleLocalSignal(payload);
    expect(fake.socket.last('signal').payload).toEqual({
      sessionId: SESSION_ID,
      attempt: 3,
      payload,
    });
  });

  it('streams in a hidden tab, which is sent no frame, and says that it is one', async () => {
    const { player, fake, pair } = setUpPlayer();
    fake.document.visibilityState = 'hidden';
    player.play();
    await pair();
    fake.peer.open();
    expect(stateOf(player).name).toBe('streaming');
    expect(fake.peer.controls).toEqual([
      { type: 'hello', protocol: PROTOCOL_VERSION },
      { type: 'visibility', visible: false },
    ]);
    fake.time.advance(30_000);
    expect(stateOf(player).name).toBe('streaming');
  });

  it('streams where its tab is hidden before the first frame', async () => {
    const { player, fake, pair } = setUpPlayer();
    player.play();
    await pair();
    fake.peer.open();
    expect(stateOf(player).name).toBe('connecting');
    fake.document.setVisible(false);
    expect(stateOf(player).name).toBe('streaming');
  });

  it('offers only what its browser decodes smoothly', async () => {
    const { player, fake, pair } = setUpPlayer({
      codecs: () => ['av1', 'h264', 'vp8'],
      decodingInfo: async ({ video }) => ({ smooth: video?.contentType !== 'video/AV1' }),
    });
    player.play();
    await pair();
    expect(fake.socket.last('play').payload).toMatchObject({ codecs: ['h264', 'vp8'] });
  });

  it.each([
    ['no-webrtc', { openPeer: undefined }],
    ['no-common-codec', { codecs: () => [] }],
  ] as const)('fails with %s before it asks anybody', async (problem, overrides) => {
    const { player, fake } = setUpPlayer(overrides);
    await player.play();
    expect(stateOf(player)).toMatchObject({ name: 'failed', problem });
    expect(fake.sockets).toEqual([]);
  });

  it.each([
    ['turn-missed', 'turn-missed'],
    ['unknown-game', 'unknown-game'],
    ['no-common-codec', 'no-common-codec'],
    ['no-gpu', 'refused'],
    ['rate-limited', 'refused'],
  ])('fails on %s as %s, with the server’s sentence', async (code, problem) => {
    const { player, fake } = setUpPlayer();
    const done = player.play();
    fake.welcome();
    await settle();
    fake.socket.last('play').refuse(code, 'So it is.');
    await done;
    expect(stateOf(player)).toEqual({ name: 'failed', problem, message: 'So it is.' });
  });

  it.each([
    ['protocol-mismatch', 'protocol-mismatch'],
    ['forbidden-origin', 'refused'],
    ['rate-limited', 'refused'],
  ])('fails where the handshake is refused with %s', async (code, problem) => {
    const { player, fake } = setUpPlayer();
    const done = player.play();
    const error = Object.assign(new Error(code), { data: { code, message: 'Go away.' } });
    fake.socket.receive('connect_error', error);
    await done;
    expect(stateOf(player)).toEqual({ name: 'failed', problem, message: 'Go away.' });
  });

  it('fails where signaling stays out of reach for ten seconds', async () => {
    const { player, fake } = setUpPlayer();
    const done = player.play();
    fake.socket.receive('connect_error', new Error('websocket error'));
    fake.time.advance(9999);
    expect(stateOf(player).name).toBe('connecting');
    fake.time.advance(1);
    await done;
    expect(stateOf(player)).toMatchObject({ name: 'failed', problem: 'signaling-unreachable' });
  });

  it('fails where no connection comes about in time, and gives the slot back', async () => {
    const { player, fake, pair } = setUpPlayer();
    const done = player.play();
    await pair();
    fake.time.advance(20_000);
    await done;
    expect(stateOf(player)).toMatchObject({ name: 'failed', problem: 'connection-failed' });
    expect(fake.socket.last('leave').payload).toEqual({ sessionId: SESSION_ID });
    expect(fake.peer.closed).toBe(true);
  });

  it('fails where the worker speaks another version', async () => {
    const { player, fake, pair } = setUpPlayer();
    const done = player.play();
    await pair();
    fake.peer.open();
    fake.peer.say({ ...HELLO, protocol: PROTOCOL_VERSION + 1 });
    await done;
    expect(stateOf(player)).toMatchObject({ name: 'failed', problem: 'protocol-mismatch' });
  });

  it('starts again after an end', async () => {
    const { player, fake, stream, connect, pair, states } = setUpPlayer();
    await stream();
    fake.peer.say({ type: 'bye', reason: 'game-over' });
    const again = player.play();
    await pair({ sessionId: '44444444-4444-4444-8444-444444444444' });
    await connect();
    await again;
    expect(states.slice(-5)).toEqual(['ended', 'signaling', 'pairing', 'media', 'streaming']);
    expect(fake.sockets).toHaveLength(2);
  });

  it('waits as long as the worker says why there is no picture', async () => {
    const { player, fake, pair, video } = setUpPlayer();
    const done = player.play();
    await pair();
    fake.peer.open();
    fake.peer.say(HELLO);
    const progress = { step: 'installing', text: 'Installing pond', fraction: 0.5 } as const;
    for (let second = 0; second < 120; second++) {
      fake.peer.say({ type: 'progress', ...progress });
      fake.time.advance(1000);
    }
    expect(stateOf(player)).toEqual({ name: 'connecting', step: 'media' });
    expect(player.snapshot.progress).toEqual(progress);
    video.dispatchEvent(new Event('loadeddata'));
    await done;
    expect(stateOf(player).name).toBe('streaming');
    expect(player.snapshot.progress).toBeUndefined();
  });

  it('waits no longer than ever for a worker that fell silent', async () => {
    const { player, fake, pair } = setUpPlayer();
    const done = player.play();
    await pair();
    fake.peer.open();
    fake.peer.say(HELLO);
    fake.peer.say({ type: 'progress', step: 'starting', text: 'The game is loading.' });
    fake.time.advance(20_000);
    await done;
    expect(stateOf(player)).toMatchObject({ name: 'failed', problem: 'connection-failed' });
  });

  it('can be left while it waits', async () => {
    const { player, fake, pair } = setUpPlayer();
    const done = player.play();
    await pair();
    fake.peer.open();
    fake.peer.say(HELLO);
    fake.peer.say({ type: 'progress', step: 'installing', text: 'Installing pond' });
    const left = player.leave();
    expect(fake.peer.controls.at(-1)).toEqual({ type: 'bye' });
    fake.socket.last('leave').accept({});
    await Promise.all([left, done]);
    expect(stateOf(player)).toMatchObject({ name: 'ended', reason: 'player-left' });
    expect(fake.time.pendingTimers).toBe(0);
  });
});

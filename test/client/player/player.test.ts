import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Player } from '../../../client/player/player.ts';
import type { PlayerEnvironment } from '../../../client/player/player-environment.ts';
import type { PlayerSnapshot } from '../../../client/player/player-snapshot.ts';
import type { WorkerControl } from '../../../protocol/control-messages.ts';
import { encodeFrameMessage } from '../../../protocol/frame-messages.ts';
import { DEFAULT_STREAM_SETTINGS } from '../../../protocol/stream-settings.ts';
import { PROTOCOL_VERSION } from '../../../protocol/version.ts';
import { FakeElement, FakeVideo, fakeEvent } from '../../support/fake-page.ts';
import {
  FakePlayerEnvironment,
  grant,
  SESSION_ID,
  settle,
} from '../../support/fake-player-environment.ts';

class FakeMediaStream {
  readonly tracks: readonly unknown[];
  constructor(tracks: readonly unknown[]) {
    this.tracks = tracks;
  }
}

class FakeTrack extends EventTarget {
  readonly kind: string;
  muted = true;
  constructor(kind: string) {
    super();
    this.kind = kind;
  }
  unmute(): void {
    this.muted = false;
    this.dispatchEvent(new Event('unmute'));
  }
  asTrack(): MediaStreamTrack {
    return this as unknown as MediaStreamTrack;
  }
}

const HELLO: Extract<WorkerControl, { type: 'hello' }> = {
  type: 'hello',
  protocol: PROTOCOL_VERSION,
  game: {
    id: 'skimmer',
    title: 'Skimmer',
    summary: '',
    inputs: ['keyboard'],
    players: 1,
    diagnostic: false,
    pointerLock: false,
    controls: [],
    touchButtons: [],
  },
  codec: 'h264',
  encoder: 'libx264',
  resolution: { width: 1280, height: 720 },
  frameRate: 60,
  bitrateBps: 12_000_000,
  resumed: false,
};

const RESUME = { sessionId: SESSION_ID, resumeToken: 'resume-token' };

function setUp(overrides: Partial<PlayerEnvironment> = {}, fake = new FakePlayerEnvironment()) {
  const video = new FakeVideo();
  const stage = new FakeElement();
  const player = new Player(
    {
      gameId: 'skimmer',
      settings: DEFAULT_STREAM_SETTINGS,
      video: video.asVideo(),
      inputTarget: stage.asElement(),
    },
    fake.environment(overrides),
  );
  const states: string[] = [];
  player.subscribe(({ state }) => {
    const label = state.name === 'connecting' ? state.step : state.name;
    if (states.at(-1) !== label) states.push(label);
  });
  /** The worker connects and its first frame is shown. */
  const connect = async () => {
    const track = new FakeTrack('video');
    fake.peer.listener.handleTrack(track.asTrack());
    fake.peer.open();
    fake.peer.say(HELLO);
    track.unmute();
    video.dispatchEvent(new Event('loadeddata'));
    await settle();
  };
  const pair = async (fields: object = {}) => {
    fake.welcome();
    await settle();
    fake.socket.last('play').accept(grant(fields));
    await settle();
  };
  const stream = async () => {
    const started = player.play();
    await pair();
    await connect();
    await started;
  };
  return { fake, video, stage, player, states, connect, pair, stream };
}

beforeEach(() => {
  vi.stubGlobal('MediaStream', FakeMediaStream);
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function stateOf(player: Player): PlayerSnapshot['state'] {
  return player.snapshot.state;
}

describe('a player that starts', () => {
  it('goes from signaling over pairing and media to streaming', async () => {
    const { stream, states, player, fake } = setUp();
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
    });
    expect(fake.peer.controls).toEqual([{ type: 'hello', protocol: PROTOCOL_VERSION }]);
  });

  it('measures the time to the first frame shown', async () => {
    const { stream, player, fake, video } = setUp();
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
    const { player, fake } = setUp();
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
    fake.socket.last('play').accept(grant({ attempt: 3 }));
    await settle();
    fake.socket.receive('signal', signal(SESSION_ID, 3, 'late'));
    const candidates = fake.peer.remoteSignals.map(
      (payload) => payload.kind === 'candidate' && payload.candidate.candidate,
    );
    expect(candidates).toEqual(['early', 'late']);
  });

  it('tags what it sends with session and attempt', async () => {
    const { player, fake, pair } = setUp();
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

  it('streams in a hidden tab, which shows no frame', async () => {
    const { stream, player, fake } = setUp();
    fake.document.visibilityState = 'hidden';
    await stream();
    expect(stateOf(player).name).toBe('streaming');
  });

  it.each([
    ['no-webrtc', { openPeer: undefined }],
    ['no-common-codec', { codecs: () => [] }],
  ] as const)('fails with %s before it asks anybody', async (problem, overrides) => {
    const { player, fake } = setUp(overrides);
    await player.play();
    expect(stateOf(player)).toMatchObject({ name: 'failed', problem });
    expect(fake.sockets).toEqual([]);
  });

  it.each([
    ['no-free-slot', 'no-free-slot'],
    ['unknown-game', 'unknown-game'],
    ['no-common-codec', 'no-common-codec'],
    ['no-gpu', 'refused'],
    ['rate-limited', 'refused'],
  ])('fails on %s as %s, with the server’s sentence', async (code, problem) => {
    const { player, fake } = setUp();
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
    const { player, fake } = setUp();
    const done = player.play();
    const error = Object.assign(new Error(code), { data: { code, message: 'Go away.' } });
    fake.socket.receive('connect_error', error);
    await done;
    expect(stateOf(player)).toEqual({ name: 'failed', problem, message: 'Go away.' });
  });

  it('fails where signaling stays out of reach for ten seconds', async () => {
    const { player, fake } = setUp();
    const done = player.play();
    fake.socket.receive('connect_error', new Error('websocket error'));
    fake.time.advance(9999);
    expect(stateOf(player).name).toBe('connecting');
    fake.time.advance(1);
    await done;
    expect(stateOf(player)).toMatchObject({ name: 'failed', problem: 'signaling-unreachable' });
  });

  it('fails where no connection comes about in time, and gives the slot back', async () => {
    const { player, fake, pair } = setUp();
    const done = player.play();
    await pair();
    fake.time.advance(20_000);
    await done;
    expect(stateOf(player)).toMatchObject({ name: 'failed', problem: 'connection-failed' });
    expect(fake.socket.last('leave').payload).toEqual({ sessionId: SESSION_ID });
    expect(fake.peer.closed).toBe(true);
  });

  it('fails where the worker speaks another version', async () => {
    const { player, fake, pair } = setUp();
    const done = player.play();
    await pair();
    fake.peer.open();
    fake.peer.say({ ...HELLO, protocol: PROTOCOL_VERSION + 1 });
    await done;
    expect(stateOf(player)).toMatchObject({ name: 'failed', problem: 'protocol-mismatch' });
  });

  it('starts again after an end', async () => {
    const { player, fake, stream, connect, pair, states } = setUp();
    await stream();
    fake.peer.say({ type: 'bye', reason: 'worker-crashed' });
    const again = player.play();
    await pair({ sessionId: '44444444-4444-4444-8444-444444444444' });
    await connect();
    await again;
    expect(states.slice(-5)).toEqual(['ended', 'signaling', 'pairing', 'media', 'streaming']);
    expect(fake.sockets).toHaveLength(2);
  });
});

describe('a player that loses its signaling connection', () => {
  it('plays on, and attaches the running session afterwards', async () => {
    const { stream, player, fake } = setUp();
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
    const { stream, player, fake } = setUp();
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
    const { stream, player, fake } = setUp();
    await stream();
    fake.socket.receive('refused', { code: 'rate-limited', message: 'Too much.' });
    expect(stateOf(player).name).toBe('streaming');
  });
});

describe('a player that loses its peer connection', () => {
  it('is interrupted, resumes on a new connection and streams again', async () => {
    const { stream, player, fake, connect } = setUp();
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
    fake.socket.last('play').accept(grant({ resumed: true, attempt: 1 }));
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
    const { stream, fake, video } = setUp();
    await stream();
    const before = video.srcObject;
    fake.peer.listener.handleLost();
    fake.time.advance(500);
    await settle();
    fake.socket.last('play').accept(grant({ resumed: true, attempt: 1 }));
    await settle();
    const track = new FakeTrack('video');
    fake.peer.listener.handleTrack(track.asTrack());
    expect(video.srcObject).toBe(before);
    track.unmute();
    expect(video.srcObject).toEqual(new FakeMediaStream([track]));
  });

  it('goes on where a silent connection comes back by itself', async () => {
    const { stream, player, fake } = setUp();
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
    const { stream, player, fake } = setUp();
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

  it('asks nobody while signaling is away too, then attaches before it resumes', async () => {
    const { stream, player, fake, connect } = setUp();
    await stream();
    fake.loseSocket();
    fake.peer.listener.handleLost();
    fake.time.advance(10_000);
    await settle();
    expect(fake.socket.sent('play')).toHaveLength(1);
    fake.welcome();
    await settle();
    expect(fake.socket.sent('play')).toHaveLength(1);
    fake.socket.last('attach').accept({});
    await settle();
    fake.socket.last('play').accept(grant({ resumed: true, attempt: 1 }));
    await settle();
    await connect();
    expect(stateOf(player).name).toBe('streaming');
  });

  it('tries once more where the new connection fails as well', async () => {
    const { stream, player, fake } = setUp();
    await stream();
    fake.peer.listener.handleLost();
    fake.time.advance(500);
    await settle();
    fake.socket.last('play').accept(grant({ resumed: true, attempt: 1 }));
    await settle();
    fake.peer.listener.handleLost();
    fake.time.advance(5000);
    await settle();
    expect(fake.socket.sent('play')).toHaveLength(3);
    expect(stateOf(player).name).toBe('interrupted');
  });

  it('does not begin another game where its own is gone', async () => {
    const { stream, player, fake } = setUp();
    await stream();
    fake.peer.listener.handleLost();
    fake.time.advance(500);
    await settle();
    const other = '44444444-4444-4444-8444-444444444444';
    fake.socket.last('play').accept(grant({ sessionId: other }));
    await settle();
    expect(stateOf(player)).toMatchObject({ name: 'ended', reason: 'abandoned' });
    expect(fake.socket.last('leave').payload).toEqual({ sessionId: other });
  });
});

describe('a player whose session ends', () => {
  it('tells why, from signaling', async () => {
    const { stream, player, fake } = setUp();
    await stream();
    const ended = { sessionId: SESSION_ID, reason: 'worker-crashed', detail: 'Out of memory.' };
    fake.socket.receive('session-ended', { ...ended, sessionId: SESSION_ID.replaceAll('2', '9') });
    expect(stateOf(player).name).toBe('streaming');
    fake.socket.receive('session-ended', ended);
    expect(stateOf(player)).toEqual({
      name: 'ended',
      reason: 'worker-crashed',
      detail: 'Out of memory.',
    });
    expect(fake.peer.closed).toBe(true);
  });

  it('tells why, from the worker', async () => {
    const { stream, player, fake } = setUp();
    await stream();
    fake.peer.say({ type: 'bye', reason: 'shutting-down', detail: 'Back at noon.' });
    expect(stateOf(player)).toEqual({
      name: 'ended',
      reason: 'shutting-down',
      detail: 'Back at noon.',
    });
  });

  it('leaves by telling worker and signaling', async () => {
    const { stream, player, fake } = setUp();
    await stream();
    const left = player.leave();
    expect(stateOf(player)).toMatchObject({ name: 'ended', reason: 'player-left' });
    expect(fake.peer.controls.at(-1)).toEqual({ type: 'bye' });
    fake.socket.last('leave').accept({});
    await left;
    expect(fake.socket.connected).toBe(false);
    expect(fake.time.pendingTimers).toBe(0);
  });
});

describe('a player whose page goes away', () => {
  it('is resumed by the next page, which goes on counting inputs', async () => {
    const first = setUp();
    await first.stream();
    const press = (code: string, stage: FakeElement) =>
      stage.dispatchEvent(fakeEvent('keydown', { code }));
    press('KeyW', first.stage);
    press('KeyA', first.stage);
    first.fake.window.dispatchEvent(new Event('pagehide'));
    expect(first.fake.peer.inputs.map(({ type, seq }) => [type, seq])).toEqual([
      ['key', 1],
      ['key', 2],
      ['release-all', 3],
    ]);
    expect(first.fake.socket.sent('leave')).toEqual([]);

    const fake = new FakePlayerEnvironment();
    const second = setUp({ sessionStorage: first.fake.sessionStorage }, fake);
    second.player.play();
    await second.pair({ resumed: true, attempt: 1 });
    expect(fake.socket.last('play').payload).toMatchObject({ resume: RESUME });
    await second.connect();
    press('KeyW', second.stage);
    expect(fake.peer.inputs.map(({ seq }) => seq)).toEqual([4]);
    expect(second.player.snapshot.resumed).toBe(true);
  });

  it('leaves nothing for a duplicated tab while it plays', async () => {
    const { stream, fake } = setUp();
    await stream();
    expect(fake.sessionStorage.items.size).toBe(0);
    fake.document.setVisible(false);
    expect(fake.sessionStorage.items.size).toBe(1);
    fake.document.setVisible(true);
    expect(fake.sessionStorage.items.size).toBe(0);
  });

  it('begins a new session, counting from one, where the old one is over', async () => {
    const first = setUp();
    await first.stream();
    first.stage.dispatchEvent(fakeEvent('keydown', { code: 'KeyW' }));
    first.player.close();
    const fake = new FakePlayerEnvironment();
    const second = setUp({ sessionStorage: first.fake.sessionStorage }, fake);
    second.player.play();
    await second.pair({ sessionId: '44444444-4444-4444-8444-444444444444' });
    await second.connect();
    second.stage.dispatchEvent(fakeEvent('keydown', { code: 'KeyW' }));
    expect(fake.peer.inputs.map(({ seq }) => seq)).toEqual([1]);
  });

  it('does not fall over a stored session it cannot read', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    const { player, fake, pair } = setUp();
    fake.sessionStorage.setItem('rockpool.session.skimmer', '{"sessionId":1}');
    player.play();
    await pair();
    expect(fake.socket.last('play').payload).not.toHaveProperty('resume');
  });

  it('closes without ending the session, and leaves no timer and no listener behind', async () => {
    const { stream, player, fake, stage, video } = setUp();
    await stream();
    player.close();
    expect(fake.socket.sent('leave')).toEqual([]);
    expect(fake.peer.controls).not.toContainEqual({ type: 'bye' });
    expect(fake.peer.closed).toBe(true);
    expect(fake.time.pendingTimers).toBe(0);
    expect(video.pendingFrameCallbacks).toBe(0);
    const { length } = fake.peer.inputs;
    stage.dispatchEvent(fakeEvent('keydown', { code: 'KeyW' }));
    expect(fake.peer.inputs).toHaveLength(length);
    player.close();
  });

  it('opens no peer where it was closed while it paired', async () => {
    const { player, fake } = setUp();
    const done = player.play();
    fake.welcome();
    await settle();
    player.close();
    fake.socket.last('play').accept(grant());
    await settle();
    await done;
    expect(fake.peers).toEqual([]);
  });

  it('asks for a keyframe when a hidden tab comes back', async () => {
    const { stream, fake } = setUp();
    await stream();
    fake.document.setVisible(false);
    fake.document.setVisible(true);
    expect(fake.peer.controls.at(-1)).toEqual({ type: 'keyframe' });
  });
});

describe('a player that streams', () => {
  it('follows an input to the frame that shows it', async () => {
    const { stream, fake, stage, player, video } = setUp();
    await stream();
    const offsetUs = 9_000_000;
    const arrive = (message: Parameters<typeof encodeFrameMessage>[0]) =>
      fake.peer.listener.handleMessage('frames', encodeFrameMessage(message).buffer);
    const ping = fake.peer.motions.find((motion) => motion.type === 'ping');
    if (ping?.type !== 'ping') throw new Error('no ping was sent');
    fake.time.stall(2);
    arrive({ type: 'pong', clientUs: ping.clientUs, workerUs: ping.clientUs + 1000 + offsetUs });
    stage.dispatchEvent(fakeEvent('keydown', { code: 'KeyW' }, 1001));
    arrive({
      type: 'frame',
      rtpTimestamp: 90_000,
      frameNumber: 60,
      inputSeq: 1,
      inputReceivedUs: 1_003_000 + offsetUs,
      tickUs: 1_004_000 + offsetUs,
      renderUs: 1000,
      encodeUs: 3000,
      sendUs: 100,
      bytes: 1000,
      keyframe: false,
    });
    fake.time.stall(18);
    video.display({
      rtpTimestamp: 90_000,
      receiveTime: 1009,
      presentationTime: 1011,
    });
    expect(player.latencySamples()).toEqual([
      {
        inputSeq: 1,
        inputAtMs: 1001,
        shownAtMs: 1020,
        frameNumber: 60,
        totalMs: 19,
        stages: { uplink: 2, wait: 1, render: 1, encode: 3, network: 1, decode: 2, present: 9 },
      },
    ]);
    fake.time.advance(250);
    await settle();
    expect(player.snapshot.latency).toMatchObject({ total: { count: 1 }, rttMs: 2 });
  });

  it('publishes statistics four times a second', async () => {
    const { stream, fake, player } = setUp();
    await stream();
    const snapshots: PlayerSnapshot[] = [];
    player.subscribe((snapshot) => snapshots.push(snapshot));
    for (let i = 0; i <= 8; i++) {
      fake.peer.stats = new Map([
        [
          'in',
          {
            type: 'inbound-rtp',
            kind: 'video',
            timestamp: i * 250,
            framesDecoded: i * 15,
            bytesReceived: i * 250_000,
            packetsLost: 3,
            freezeCount: 1,
            framesDropped: 2,
          },
        ],
      ]);
      fake.time.advance(250);
      await settle();
    }
    expect(snapshots).toHaveLength(9);
    expect(snapshots.at(-1)?.stream).toMatchObject({
      encoder: 'libx264',
      framesPerSecond: 60,
      bitrateBps: 8_000_000,
      packetsLost: 3,
      freezes: 1,
      droppedFrames: 2,
    });
  });

  it('never changes a snapshot it has given out', async () => {
    const { stream, player, fake } = setUp();
    await stream();
    const before = player.snapshot;
    const copy = structuredClone(before);
    fake.peer.say({ type: 'bye', reason: 'shutting-down' });
    expect(player.snapshot).not.toBe(before);
    expect(before).toEqual(copy);
  });

  it('pings in a quick burst at first and then four times a second', async () => {
    const { stream, fake } = setUp();
    await stream();
    const pings = () => fake.peer.motions.filter(({ type }) => type === 'ping').length;
    fake.time.advance(210);
    expect(pings()).toBe(8);
    fake.time.advance(1000);
    expect(pings()).toBe(12);
  });

  it('sends new settings, and uses them for a later connection', async () => {
    const { stream, fake, player } = setUp();
    await stream();
    const settings = { ...DEFAULT_STREAM_SETTINGS, frameRate: 30 } as const;
    player.changeSettings(settings);
    expect(fake.peer.controls.at(-1)).toEqual({ type: 'settings', settings });
    fake.peer.listener.handleLost();
    fake.time.advance(500);
    await settle();
    expect(fake.socket.last('play').payload).toMatchObject({ settings });
  });

  it('takes garbage from the worker without falling over, and says so once', async () => {
    const error = vi.spyOn(console, 'error').mockReturnValue();
    const { stream, fake, player } = setUp();
    await stream();
    for (let i = 0; i < 3; i++) {
      fake.peer.listener.handleMessage('frames', new Uint8Array([9, 9, 9]).buffer);
      fake.peer.listener.handleMessage('control', '{"type":"dance"}');
      fake.peer.listener.handleMessage('control', 'not JSON');
    }
    expect(stateOf(player).name).toBe('streaming');
    expect(error).toHaveBeenCalledTimes(1);
  });

  it('plays the sound in an element of its own and tells where it may not', async () => {
    const { stream, fake, player, video } = setUp();
    fake.audio.refuse = Object.assign(new Error('no gesture yet'), { name: 'NotAllowedError' });
    await stream();
    fake.peer.listener.handleTrack(new FakeTrack('audio').asTrack());
    await settle();
    expect(player.snapshot.soundBlocked).toBe(true);
    expect(video.muted).toBe(true);
    fake.audio.refuse = undefined;
    fake.window.dispatchEvent(new Event('pointerdown'));
    await settle();
    expect(player.snapshot.soundBlocked).toBe(false);
    expect(fake.audio.paused).toBe(false);
    player.setVolume(2);
    expect(fake.audio.volume).toBe(1);
  });
});

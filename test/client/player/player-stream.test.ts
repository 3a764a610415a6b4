import { afterEach, describe, expect, it, vi } from 'vitest';
import type { PlayerSnapshot } from '../../../client/player/player-snapshot.ts';
import type { WorkerControl } from '../../../protocol/control-messages.ts';
import { encodeFrameMessage } from '../../../protocol/frame-messages.ts';
import { DEFAULT_STREAM_SETTINGS } from '../../../protocol/stream-settings.ts';
import { fakeEvent } from '../../support/fake-page.ts';
import { type FakePlayerEnvironment, settle } from '../../support/fake-player-environment.ts';
import { FakeTrack, HELLO, RESUME, setUpPlayer, stateOf } from '../../support/fake-player-page.ts';

const HEALTH: Extract<WorkerControl, { type: 'health' }> = {
  type: 'health',
  eventLoopDelayP99Ms: 0,
  framesPerSecond: 60,
  bitrateBps: 1_000_000,
  rssBytes: 1,
  cpuFraction: 0,
  droppedFrames: 0,
  retransmittedPackets: 0,
  rejectedMessages: 0,
  network: {
    estimateBps: 0,
    fractionLost: 0,
    rttMs: null,
    pacerQueueMs: 0,
    repairFraction: 0,
    skippedFrames: 0,
  },
};

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe('the input of a player', () => {
  it('is the game’s from the moment it streams, and not before', async () => {
    const { connect, pair, fake, stage, player } = setUpPlayer();
    const press = (code: string) => {
      stage.dispatchEvent(fakeEvent('keydown', { code }));
      stage.dispatchEvent(fakeEvent('keyup', { code }));
    };
    player.subscribe(({ state }) => {
      if (state.name === 'streaming') press('KeyB');
    });
    void player.play();
    await pair();
    fake.peer.open();
    press('KeyA');
    await connect();
    expect(fake.peer.inputs).toMatchObject([
      { type: 'key', code: 'KeyB', down: true },
      { type: 'key', code: 'KeyB', down: false },
    ]);
  });

  it('stays with a menu that has it when the game begins to stream', async () => {
    const { stream, fake, stage, player } = setUpPlayer();
    const press = () => stage.dispatchEvent(fakeEvent('keydown', { code: 'KeyA' }));
    player.setInputEnabled(false);
    await stream();
    press();
    expect(fake.peer.inputs).toEqual([]);
    player.setInputEnabled(true);
    press();
    expect(fake.peer.inputs).toMatchObject([{ type: 'key', code: 'KeyA', down: true }]);
  });
});

describe('a player that streams', () => {
  it('follows an input to the frame that shows it', async () => {
    const { stream, fake, stage, player, video } = setUpPlayer();
    fake.peersAnswerPings = false;
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
    expect(player.snapshot.latency).toMatchObject({
      total: { count: 1 },
      rttMs: 2,
      clockErrorMs: expect.closeTo(1, 1),
    });
  });

  it('counts no latency for the keys that a hidden tab let go of', async () => {
    const { stream, fake, stage, player, video } = setUpPlayer();
    await stream();
    stage.dispatchEvent(fakeEvent('keydown', { code: 'KeyW' }, 1000));
    fake.document.setVisible(false);
    expect(fake.peer.inputs.at(-1)).toMatchObject({ type: 'release-all', seq: 2 });
    fake.time.advance(5000);
    fake.document.setVisible(true);
    const atUs = fake.time.now() * 1000;
    const report = {
      type: 'frame',
      rtpTimestamp: 1,
      frameNumber: 1,
      inputSeq: 2,
      inputReceivedUs: atUs,
      tickUs: atUs,
      renderUs: 0,
      encodeUs: 0,
      sendUs: 0,
      bytes: 1,
      keyframe: true,
    } as const;
    fake.peer.listener.handleMessage('frames', encodeFrameMessage(report).buffer);
    video.display({ rtpTimestamp: 1, presentationTime: fake.time.now() });
    expect(player.latencySamples()).toEqual([]);
  });

  it('publishes statistics four times a second', async () => {
    const { stream, fake, player } = setUpPlayer();
    await stream();
    const snapshots: PlayerSnapshot[] = [];
    player.subscribe((snapshot) => snapshots.push(snapshot));
    for (let i = 0; i <= 8; i++) {
      fake.peer.receive({
        timestamp: i * 250,
        framesDecoded: i * 15,
        bytesReceived: i * 250_000,
        packetsLost: 3,
        freezeCount: 1,
        framesDropped: 2,
        jitterBufferDelay: i * 15 * 0.004,
        jitterBufferEmittedCount: i * 15,
      });
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
      recoveries: 0,
    });
    expect(snapshots.at(-1)?.stream?.jitterBufferMs).toBeCloseTo(4);
  });

  it('shows what is sent and what the worker knows of the network', async () => {
    const { stream, fake, player } = setUpPlayer();
    await stream();
    const { game: _game, protocol: _protocol, resumed: _resumed, ...shape } = HELLO;
    expect(player.snapshot.stream?.network).toBeUndefined();
    const sent = { width: 640, height: 360, frameRate: 30 };
    fake.peer.say({ ...shape, type: 'stream', codec: 'av1', sent });
    const network = {
      estimateBps: 3_000_000,
      fractionLost: 0.01,
      pacerQueueMs: 2,
      repairFraction: 0.02,
      skippedFrames: 7,
    };
    fake.peer.say({ ...HEALTH, eventLoopDelayP99Ms: 12, network: { ...network, rttMs: null } });
    fake.time.advance(250);
    await settle();
    expect(player.snapshot.stream).toMatchObject({
      codec: 'av1',
      resolution: { width: 1280, height: 720 },
      sent,
      network: { ...network, rttMs: undefined },
      workerLoopDelayP99Ms: 12,
    });
  });

  it('tells the worker when nobody sees the picture', async () => {
    const { stream, fake } = setUpPlayer();
    await stream();
    fake.document.setVisible(false);
    fake.document.setVisible(true);
    expect(fake.peer.controls.slice(1)).toEqual([
      { type: 'visibility', visible: false },
      { type: 'visibility', visible: true },
    ]);
  });

  it('never changes a snapshot it has given out', async () => {
    const { stream, player, fake } = setUpPlayer();
    await stream();
    const before = player.snapshot;
    const copy = structuredClone(before);
    fake.peer.say({ type: 'bye', reason: 'shutting-down' });
    expect(player.snapshot).not.toBe(before);
    expect(before).toEqual(copy);
  });

  it('pings in a quick burst at first and then twice a second', async () => {
    const { stream, fake } = setUpPlayer();
    await stream();
    const pings = () => fake.peer.motions.filter(({ type }) => type === 'ping').length;
    fake.time.advance(210);
    expect(pings()).toBe(8);
    fake.time.advance(1000);
    expect(pings()).toBe(10);
  });

  it('sends new settings, and uses them for a later connection', async () => {
    const { stream, fake, player } = setUpPlayer();
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
    const { stream, fake, player } = setUpPlayer();
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
    const { stream, fake, player, video } = setUpPlayer();
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

describe('a player whose picture stops though frames arrive', () => {
  const STALL_MS = 12_000;

  /** Frames arrive for a while; every quarter of a second `show` may display one. */
  async function receive(fake: FakePlayerEnvironment, ms: number, show?: () => void) {
    for (let i = 0; i * 250 < ms; i++) {
      const frames = Math.round((fake.time.now() * 60) / 1000);
      fake.peer.receive({ timestamp: fake.time.now(), framesReceived: frames });
      show?.();
      fake.time.advance(250);
      await settle();
    }
  }

  it('refreshes the stream, shows it anew, and at last takes another connection', async () => {
    const { stream, fake, player, video } = setUpPlayer();
    await stream();
    let shown = 0;
    await receive(fake, 5000, () => video.display({ rtpTimestamp: shown++ }));
    expect(player.snapshot.stream?.recoveries).toBe(0);
    const before = video.srcObject;
    await receive(fake, 1500);
    expect(player.snapshot.stream?.recoveries).toBe(1);
    expect(fake.peer.refreshes).toBe(1);
    expect(fake.peer.controls.at(-1)).toEqual({ type: 'keyframe' });
    expect(video.srcObject).toBe(before);
    await receive(fake, 1500);
    expect(video.srcObject).not.toBe(before);
    expect(video.srcObject).toEqual(before);
    expect(stateOf(player).name).toBe('streaming');
    await receive(fake, 3000);
    expect(stateOf(player).name).toBe('interrupted');
    expect(fake.socket.last('play').payload).toMatchObject({ resume: RESUME });
    expect(player.snapshot.stream?.recoveries).toBe(3);
  });

  it('keeps its connection where signaling could give it no other', async () => {
    const { stream, fake, player } = setUpPlayer();
    await stream();
    fake.loseSocket();
    await receive(fake, STALL_MS);
    expect(stateOf(player).name).toBe('streaming');
    expect(fake.peer.refreshes).toBeGreaterThan(0);
  });

  it('does nothing in a hidden tab', async () => {
    const { stream, fake, player } = setUpPlayer();
    await stream();
    fake.document.setVisible(false);
    await receive(fake, STALL_MS);
    expect(player.snapshot.stream?.recoveries).toBe(0);
  });
});

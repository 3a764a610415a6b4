import { describe, expect, it } from 'vitest';
import { RockpoolError } from '../../../protocol/errors.ts';
import { DEFAULT_STREAM_SETTINGS } from '../../../protocol/stream-settings.ts';
import { connectOrder } from '../../support/worker-orders.ts';
import { open } from './opened-session.ts';

describe('GameSession', () => {
  it('keeps the game waiting until somebody is connected, then asks for a keyframe', async () => {
    const { session, runtime, current, states } = open();
    await session.start();
    expect(runtime.suspended).toBe(true);
    current().listener.handleState('connected');
    expect(runtime.suspended).toBe(false);
    expect(current().keyframeRequests).toBe(1);
    expect(states).toEqual(['streaming']);
  });

  it('starts with the size the machine was measured to sustain', async () => {
    const { stream, runtime, sharedStream } = open();
    await stream();
    expect(runtime.options?.resolution).toEqual({ width: 960, height: 540 });
    expect(sharedStream().shapes[0]).toMatchObject({ resolution: { width: 960, height: 540 } });
  });

  it('asks a game that draws nothing by itself for a picture when one is wanted', async () => {
    const { stream, runtime, sharedStream } = open();
    await stream();
    sharedStream().listener.handlePictureWanted();
    expect(runtime.frameRequests).toBe(1);
  });

  it('lets the game end the orderly way before it is closed', async () => {
    const { stream, session, runtime, saves } = open();
    runtime.saved = Uint8Array.of(6);
    await stream();
    await session.end('player-left');
    expect([runtime.finished, runtime.closed]).toEqual([true, true]);
    expect(saves).toEqual([Uint8Array.of(6)]);
  });

  it('hands frames to the stream, and back at once while nobody watches', async () => {
    const { stream, runtime, current, sharedStream } = open();
    await stream();
    runtime.drawFrame();
    expect(sharedStream().frames).toBe(1);
    current().listener.handleState('disconnected');
    runtime.drawFrame();
    expect(sharedStream().frames).toBe(1);
    expect(runtime.released).toBe(2);
  });

  it('releases everything held and suspends the game when the connection is lost', async () => {
    const { stream, runtime, current, states } = open();
    await stream();
    current().listener.handleInput({ type: 'key', seq: 9, down: true, code: 'KeyA' }, 0);
    current().listener.handleState('failed');
    expect(runtime.inputs.at(-1)).toEqual({ type: 'release-all', seq: 9 });
    expect(runtime.suspended).toBe(true);
    expect(states.at(-1)).toBe('interrupted');
  });

  it('goes on in the same game on a new connection, and says that it does', async () => {
    const { stream, session, runtime, sharedStream, current, states, signals } = open();
    await stream();
    current().listener.handleState('closed');
    session.connect(connectOrder(1));
    expect(sharedStream().connections[0]?.closed).toBe(true);
    current().listener.handleControlOpen();
    expect(current().hellos).toEqual([{ resumed: true }]);
    current().listener.handleState('connected');
    expect(runtime.suspended).toBe(false);
    expect(states.at(-1)).toBe('streaming');
    session.handleSignal(0, {
      kind: 'candidate',
      candidate: { candidate: '', sdpMid: null, sdpMLineIndex: null },
    });
    expect(current().signals).toEqual([]);
    current().listener.handleSignal({
      kind: 'description',
      description: { type: 'offer', sdp: 'x' },
    });
    expect(signals).toEqual([1]);
  });

  it('is not disturbed by what an earlier connection still reports', async () => {
    const { stream, session, sharedStream, states } = open();
    await stream();
    session.connect(connectOrder(1));
    sharedStream().connections[1]?.listener.handleState('connected');
    sharedStream().connections[0]?.listener.handleState('closed');
    expect(states.at(-1)).toBe('streaming');
  });

  it('gives an interrupted game up after the grace period', async () => {
    const { stream, time, current, ends, session, runtime } = open();
    await stream();
    current().listener.handleState('failed');
    time.advance(59_000);
    expect(ends).toEqual([]);
    time.advance(1_000);
    await session.end('abandoned');
    expect(ends).toEqual([{ reason: 'abandoned', detail: undefined }]);
    expect(runtime.closed).toBe(true);
  });

  it('ends when no connection ever comes', async () => {
    const { session, time, ends } = open();
    await session.start();
    time.advance(20_000);
    await session.end('player-left');
    expect(ends).toEqual([{ reason: 'connect-timeout', detail: undefined }]);
  });

  it('ends with the reason when the game does not start', async () => {
    const { session, runtime, ends } = open();
    runtime.startError = new RockpoolError('no-gpu', 'Install a driver.');
    await session.start();
    await session.end('player-left');
    expect(ends).toEqual([{ reason: 'game-failed', detail: 'Install a driver.' }]);
  });

  it('ends as a game does that ended by itself', async () => {
    const { stream, session, runtime, ends, current } = open();
    await stream();
    runtime.output?.handleOver();
    await session.end('player-left');
    expect(ends).toEqual([{ reason: 'game-over', detail: undefined }]);
    expect(current().sent.at(-1)).toEqual({ type: 'bye', reason: 'game-over' });
  });

  it('tells as much of a long failure as fits, and of a missing package as such', async () => {
    const failing = open();
    await failing.stream();
    const message = `It stopped.\n${'printed\n'.repeat(900)}`;
    failing.runtime.output?.handleFailure(new RockpoolError('game-failed', message));
    await failing.session.end('player-left');
    expect(failing.ends[0]?.detail).toMatch(/^It stopped\.\n…/);
    expect(failing.ends[0]?.detail).toHaveLength(2000);
    const missing = open();
    missing.runtime.startError = new RockpoolError('missing-package', 'Install it.');
    await missing.session.start();
    await missing.session.end('player-left');
    expect(missing.ends).toEqual([{ reason: 'missing-package', detail: 'Install it.' }]);
  });

  it('saves every minute and at the end, says good-bye and leaves no timer', async () => {
    const { stream, time, session, runtime, saves, current } = open();
    runtime.saved = Uint8Array.of(5);
    await stream();
    time.advance(60_000);
    await Promise.resolve();
    runtime.saved = Uint8Array.of(6);
    await session.end('player-left');
    expect(saves).toEqual([Uint8Array.of(5), Uint8Array.of(6)]);
    expect(current().sent.at(-1)).toEqual({ type: 'bye', reason: 'player-left' });
    expect(current().closed).toBe(true);
    await Promise.resolve();
    expect(time.pendingTimers).toBe(0);
  });

  it('says that it is ending before the player can know and play again', async () => {
    const { stream, session, endings, current } = open();
    await stream();
    await session.end('game-over');
    expect(endings).toHaveLength(1);
    expect(endings).not.toContain('bye');
    expect(current().sent.at(-1)?.type).toBe('bye');
  });

  it('ends all the same when the game cannot be saved, and reports why', async () => {
    const { stream, session, runtime, saves, saveErrors, ends } = open();
    runtime.saveError = new Error('disk of the game is full');
    await stream();
    await session.end('player-left');
    expect(saveErrors).toEqual([runtime.saveError]);
    expect(saves).toEqual([]);
    expect(ends).toHaveLength(1);
  });

  it('ends at once when the player says good-bye', async () => {
    const { stream, session, current, ends } = open();
    await stream();
    current().listener.handleControl({ type: 'bye' });
    await session.end('abandoned');
    expect(ends).toEqual([{ reason: 'player-left', detail: undefined }]);
  });

  it('applies new settings to the game and the stream', async () => {
    const { stream, runtime, current, sharedStream } = open();
    await stream();
    const resolution = { width: 640, height: 360 };
    current().listener.handleControl({
      type: 'settings',
      settings: { resolution, frameRate: 30, maxBitrateBps: 1_000_000, codec: 'vp8' },
    });
    expect(runtime.shapes).toEqual([{ resolution, frameRate: 30 }]);
    expect(sharedStream().shapes.at(-1)).toEqual({
      resolution,
      frameRate: 30,
      maxBitrateBps: 1_000_000,
      codec: 'vp8',
    });
  });

  it('makes the picture smaller where the machine cannot keep up, and only when it may', async () => {
    const { stream, time, runtime, current } = open();
    await stream();
    current().second = { framesPerSecond: 20, frameCostP95Ms: 45, eventLoopDelayP99Ms: 1 };
    time.advance(2_000);
    expect(runtime.shapes.map((shape) => shape.resolution.width)).toEqual([768]);
    const settings = { ...DEFAULT_STREAM_SETTINGS, resolution: { width: 960, height: 540 } };
    current().listener.handleControl({ type: 'settings', settings });
    time.advance(10_000);
    expect(runtime.shapes.map((shape) => shape.resolution.width)).toEqual([768, 960]);
  });

  it('tells once that the machine cannot keep up, and on every new connection', async () => {
    const { session, stream, time, current } = open();
    await stream();
    const told = () => current().sent.filter(({ type }) => type === 'machine');
    current().second = { framesPerSecond: 20, frameCostP95Ms: 45, eventLoopDelayP99Ms: 1 };
    time.advance(40_000);
    expect(told()).toEqual([{ type: 'machine', keepsUp: false }]);
    session.connect(connectOrder(1));
    current().listener.handleControlOpen();
    expect(told()).toEqual([{ type: 'machine', keepsUp: false }]);
    current().listener.handleState('connected');
    time.advance(20_000);
    expect(told().at(-1)).toEqual({ type: 'machine', keepsUp: true });
  });

  it('follows a game with a display of its own to another size', async () => {
    const resolution = { width: 800, height: 600 };
    const display = { resolution, resizable: false, frameRate: 35 };
    const { stream, runtime, sharedStream } = open({ display });
    await stream();
    expect(runtime.options).toMatchObject({ resolution, frameRate: 35 });
    runtime.drawFrame({ width: 640, height: 480 });
    expect(sharedStream().shapes.at(-1)).toMatchObject({ resolution: { width: 640, height: 480 } });
    expect(sharedStream().frames).toBe(1);
  });

  it('waits for what the game needs, and tells every second what is being done', async () => {
    const { session, runtime, current, time } = open({}, { prepared: false });
    const started = session.start();
    session.handleProgress({ step: 'installing', text: 'Installing pond', fraction: 0.5 });
    const told = { type: 'progress', step: 'installing', text: 'Installing pond', fraction: 0.5 };
    current().sent.length = 0;
    current().listener.handleControlOpen();
    expect(current().sent).toContainEqual(told);
    current().listener.handleState('connected');
    current().sent.length = 0;
    time.advance(120_000);
    expect(current().sent).toEqual(Array(120).fill(told));
    expect(runtime.options).toBeUndefined();
    session.handlePrepared();
    await started;
    expect(runtime.options).toBeDefined();
  });

  it('says that a game loads until its first picture', async () => {
    const display = {
      resolution: { width: 512, height: 288 },
      resizable: false,
      frameRate: 60,
    };
    const { stream, runtime, current, time } = open({ display });
    await stream();
    time.advance(1_000);
    const loading = { type: 'progress', step: 'starting', text: 'The game is loading.' };
    expect(current().sent).toEqual([loading, loading]);
    runtime.drawFrame();
    time.advance(5_000);
    expect(current().sent).toHaveLength(2);
  });

  it('can be left while it waits: nothing starts, and nothing is left', async () => {
    const { session, runtime, current, time, ends } = open({}, { prepared: false });
    const started = session.start();
    current().listener.handleState('connected');
    current().listener.handleControl({ type: 'bye' });
    await Promise.all([started, session.end('abandoned')]);
    expect(ends).toEqual([{ reason: 'player-left', detail: undefined }]);
    expect(runtime.options).toBeUndefined();
    expect(runtime.closed).toBe(true);
    expect(time.pendingTimers).toBe(0);
  });

  it('tells a new connection the cursor that the game chose earlier', async () => {
    const { stream, session, runtime, current } = open();
    await stream();
    runtime.output?.handleCursor({ kind: 'shape', shape: 'none' });
    session.connect(connectOrder(1));
    current().listener.handleControlOpen();
    expect(current().sent).toContainEqual({ type: 'cursor', shape: 'none' });
  });
});

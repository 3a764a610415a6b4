import { describe, expect, it } from 'vitest';
import { parseWorkerControl } from '../../../protocol/control-messages.ts';
import { decodeFrameMessage } from '../../../protocol/frame-messages.ts';
import { encodeInput } from '../../../protocol/input-messages.ts';
import type { VideoCodec } from '../../../protocol/stream-settings.ts';
import type { VideoFrame } from '../../../renderer/game-runtime.ts';
import { VirtualTime } from '../../../renderer/virtual-time.ts';
import { EventLoopDelay } from '../../../server/session/event-loop-delay.ts';
import type { ViewerRole } from '../../../server/session/shared-rate.ts';
import { WebrtcStream } from '../../../server/session/webrtc-stream.ts';
import type { PeerListener } from '../../../server/transport/peer.ts';
import { type FakeEncoderBehaviour, FakeEncoderFactory } from '../../support/fake-encoder.ts';
import { FAKE_STREAMS, FakePeer } from '../../support/fake-peer.ts';
import { ScriptedCongestion } from '../../support/scripted-congestion.ts';

const SIZE = { width: 512, height: 288 };
const SHAPE = { resolution: SIZE, frameRate: 60, maxBitrateBps: 4_000_000, codec: 'vp8' } as const;
const BOTH: readonly VideoCodec[] = ['h264', 'vp8'];

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !condition(); turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(condition()).toBe(true);
}

/** One stream, and those who are connected to it. */
function open(behaviour: { readonly h264?: FakeEncoderBehaviour } = {}) {
  const time = new VirtualTime(1_000_000);
  const vp8 = new FakeEncoderFactory('a-vp8', {}, 'vp8');
  const h264 = new FakeEncoderFactory('an-h264', behaviour.h264, 'h264');
  const able = [vp8, h264];
  let wanted = 0;
  let failed = 0;
  const encodings: number[] = [];
  let next: { peer: FakePeer; network: PeerListener | undefined } | undefined;
  let congestion = new ScriptedCongestion();
  const starts: number[] = [];
  const stream = new WebrtcStream(
    {
      clock: time,
      scheduler: time,
      encoders: able.map(({ name, codec, hardware }) => ({
        ...{ name, codec, hardware, pixelsPerSecond: 1e9 },
      })),
      knownRates: [],
      playoutDelayMs: [0, 0],
      eventLoopDelay: new EventLoopDelay(),
      createEncoders: (names) => able.filter(({ name }) => names.includes(name)),
      createPeer: (_order, _codecs, listener) => {
        if (!next) throw new Error('nobody was expected');
        next.network = listener;
        return next.peer;
      },
      createCongestion: (startBps) => {
        starts.push(startBps);
        congestion = new ScriptedCongestion();
        return congestion;
      },
    },
    SHAPE,
    BOTH,
    {
      handlePictureWanted: () => wanted++,
      handleFailure: () => failed++,
      handleEncodings: (count) => encodings.push(count),
    },
  );
  const join = (
    role: ViewerRole,
    codecs = BOTH,
    peer = new FakePeer(),
    mayEncodeAnother = false,
  ) => {
    next = { peer, network: undefined };
    const failures: string[] = [];
    const connection = stream.connect(
      { role, codecs: [...codecs], iceServers: [], relayOnly: false, mayEncodeAnother },
      {
        handleState: () => undefined,
        handleSignal: () => undefined,
        handleInput: () => undefined,
        handleControl: () => undefined,
        handleControlOpen: () => undefined,
        handleRate: () => undefined,
        handleFailure: (error) => failures.push(error.code),
      },
    );
    const { network } = next;
    if (!network) throw new Error('no peer was made');
    connection.open();
    network.handleState('connected');
    const own = congestion;
    const messages = (label: string) =>
      peer.messages.filter((one) => one.label === label).map(({ data }) => data);
    return {
      ...{ connection, peer, network, failures, congestion: own },
      told: () => messages('control').map((data) => parseWorkerControl(String(data))),
      frames: () =>
        messages('frames')
          .map((data) => decodeFrameMessage(data as Uint8Array))
          .filter((message) => message.type === 'frame'),
    };
  };
  let drawn = 0;
  /** The game draws; resolves when it is encoded, or was not to be. */
  const draw = async (inputSeq = 0) => {
    time.advance(16);
    let released = false;
    const frame: VideoFrame = {
      ...{ format: 'i420', ...SIZE, frameNumber: ++drawn, inputSeq, inputReceivedUs: 7 },
      pixels: new Uint8Array((SIZE.width * SIZE.height * 3) / 2),
      ...{ tickUs: time.nowUs(), renderedUs: time.nowUs() },
      release: () => {
        released = true;
      },
    };
    stream.handleFrame(frame);
    await until(() => released);
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  const keyframes = () => vp8.last.calls.filter(({ keyframe }) => keyframe).length;
  return {
    ...{ time, stream, vp8, h264, starts, encodings, join, draw, keyframes },
    wanted: () => wanted,
    failed: () => failed,
  };
}

describe('a stream that several see', () => {
  it('is encoded once, and sent to each over a connection of their own', async () => {
    const { join, draw, vp8 } = open();
    const owner = join('owner');
    const guest = join('spectator');
    await draw();
    await draw();
    expect(vp8.opened).toHaveLength(1);
    expect(vp8.last.calls).toHaveLength(2);
    expect(owner.frames().map(({ frameNumber }) => frameNumber)).toEqual([1, 2]);
    expect(guest.frames().map(({ frameNumber }) => frameNumber)).toEqual([1, 2]);
  });

  it('begins for a guest who comes late with a keyframe, and goes on for the others', async () => {
    const { join, draw, keyframes, time } = open();
    const owner = join('owner');
    await draw();
    time.advance(1_000);
    await draw();
    expect(keyframes()).toBe(1);
    const guest = join('spectator');
    await draw();
    await draw();
    expect(keyframes()).toBe(2);
    expect(guest.frames()[0]).toMatchObject({ frameNumber: 3, keyframe: true });
    expect(owner.frames().map(({ frameNumber }) => frameNumber)).toEqual([1, 2, 3, 4]);
  });

  it('makes a keyframe in three seconds for guests, and at once for its player', async () => {
    const { join, draw, keyframes, time } = open();
    const owner = join('owner');
    const guest = join('player');
    await draw();
    time.advance(400);
    const before = keyframes();
    for (let n = 0; n < 60; n++) {
      guest.connection.requestKeyframe();
      await draw();
    }
    // 60 frames are one second.
    expect(keyframes()).toBe(before);
    owner.connection.requestKeyframe();
    await draw();
    expect(keyframes()).toBe(before + 1);
  });

  it("follows its player's network, and that of guests who play down to a half", async () => {
    const { join, draw, vp8, starts } = open();
    const owner = join('owner');
    owner.congestion.targetBitrateBps = 3_000_000;
    await draw();
    await draw();
    const rate = () => vp8.last.settings.bitrateBps;
    const alone = rate();
    expect(alone).toBeGreaterThan(2_000_000);
    expect(alone).toBeLessThan(3_000_000);
    join('spectator').congestion.targetBitrateBps = 100_000;
    await draw();
    await draw();
    expect(rate()).toBe(alone);
    const guest = join('player');
    // Whoever comes later begins at what is being sent.
    expect(starts.at(-1)).toBe(Math.max(alone, 4_000_000));
    guest.congestion.targetBitrateBps = 2_000_000;
    await draw();
    await draw();
    expect(rate()).toBeLessThan(2_000_000);
    expect(rate()).toBeGreaterThan(alone / 2);
    guest.congestion.targetBitrateBps = 100_000;
    await draw();
    await draw();
    expect(rate()).toBe(alone / 2);
    await guest.connection.close();
    expect(rate()).toBe(alone);
  });

  it("reports to each the last input of their own, and its player's to its player", async () => {
    const { join, draw, time } = open();
    const owner = join('owner');
    const guest = join('player');
    await draw(4);
    time.advance(1);
    const pressed = encodeInput({ type: 'key', seq: 9, down: true, code: 'KeyA' });
    guest.network.handleMessage('input', pressed);
    const receivedUs = time.nowUs();
    await draw(4);
    expect(guest.frames().map(({ inputSeq }) => inputSeq)).toEqual([0, 9]);
    expect(guest.frames()[1]?.inputReceivedUs).toBe(receivedUs);
    expect(owner.frames().map(({ inputSeq }) => inputSeq)).toEqual([4, 4]);
  });

  it('goes on for guests while its player does not look, and whole for who looks again', async () => {
    const { join, draw, time } = open();
    const owner = join('owner');
    const guest = join('spectator');
    await draw();
    const see = (visible: boolean) =>
      owner.network.handleMessage('control', JSON.stringify({ type: 'visibility', visible }));
    see(false);
    time.advance(400);
    await draw();
    expect(guest.frames()).toHaveLength(2);
    expect(owner.frames()).toHaveLength(1);
    see(true);
    await draw();
    expect(owner.frames().at(-1)).toMatchObject({ frameNumber: 3, keyframe: true });
  });

  it('sends a guest who looks again nothing that changes what they never got', async () => {
    const { join, draw, time } = open();
    join('owner');
    const guest = join('spectator');
    await draw();
    const see = (visible: boolean) =>
      guest.network.handleMessage('control', JSON.stringify({ type: 'visibility', visible }));
    see(false);
    await draw();
    see(true);
    await draw();
    await draw();
    expect(guest.frames()).toHaveLength(1);
    time.advance(3_000);
    await draw();
    await draw();
    expect(guest.frames().map(({ keyframe }) => keyframe)).toEqual([true, true, false]);
  });

  it('sends nobody what they have no path for, nor waits for them', async () => {
    const { join, draw } = open();
    const owner = join('owner');
    const guest = join('spectator');
    guest.congestion.windowBytes = 0;
    guest.congestion.pacingBitrateBps = 50_000;
    guest.congestion.targetBitrateBps = 50_000;
    for (let n = 0; n < 60; n++) await draw();
    expect(owner.frames()).toHaveLength(60);
    expect(guest.frames().length).toBeLessThan(15);
    const second = guest.connection.reportHealth();
    expect(second.made).toBe(60);
    expect(second.sent).toBeLessThan(45);
    expect(owner.connection.reportHealth()).toMatchObject({ made: 60, sent: 60 });
  });

  it('shows a guest a keyframe now and then over a path too slow for more', async () => {
    const { join, draw } = open();
    join('owner');
    const guest = join('spectator');
    // A keyframe of the fake encoder is 8 KB: a second and a quarter at this rate.
    guest.congestion.pacingBitrateBps = 50_000;
    guest.congestion.targetBitrateBps = 50_000;
    for (let n = 0; n < 500; n++) await draw();
    const shown = guest.frames();
    expect(shown.filter(({ keyframe }) => keyframe).length).toBeGreaterThanOrEqual(2);
  });

  it('refuses a guest whose browser does not play what is sent', () => {
    const { join } = open();
    join('owner');
    expect(() => join('spectator', ['h264'])).toThrow(
      expect.objectContaining({ code: 'no-common-codec' }),
    );
  });

  it('is encoded once more for a guest whose browser needs it, where there is room', async () => {
    const { join, draw, vp8, h264, encodings, stream } = open();
    const owner = join('owner');
    const guest = join('spectator', ['h264'], new FakePeer(), true);
    expect(encodings).toEqual([2]);
    const same = join('spectator', ['h264']);
    await draw();
    await draw();
    expect(owner.frames().map(({ frameNumber }) => frameNumber)).toEqual([1, 2]);
    expect(guest.frames().map(({ frameNumber }) => frameNumber)).toEqual([1, 2]);
    expect(same.frames()).toHaveLength(2);
    expect([vp8.opened, h264.opened].map(({ length }) => length)).toEqual([1, 1]);
    await guest.connection.close();
    expect(encodings).toEqual([2]);
    await same.connection.close();
    expect(encodings).toEqual([2, 1]);
    await draw();
    expect(owner.frames()).toHaveLength(3);
    await owner.connection.close();
    await stream.close();
    expect(h264.last.closed).toBe(true);
  });

  it('ends for those alone whose own encoder fails', async () => {
    const { join, draw, h264, encodings, failed } = open({ h264: { failAtCall: 2 } });
    const owner = join('owner');
    const guest = join('spectator', ['h264'], new FakePeer(), true);
    await draw();
    await draw();
    expect(h264.opened).toHaveLength(1);
    expect(guest.failures).toEqual(['encoder-failed']);
    expect(encodings).toEqual([2, 1]);
    expect(failed()).toBe(0);
    await draw();
    expect(owner.frames()).toHaveLength(3);
  });

  it('tells a guest who cannot follow to another codec, and nobody else', async () => {
    const { join, draw, stream, h264, time } = open();
    const owner = join('owner');
    const [vp8Only] = FAKE_STREAMS.video.codecs;
    const video = { ...FAKE_STREAMS.video, codecs: [vp8Only] as const };
    const guest = join('spectator', BOTH, new FakePeer({ ...FAKE_STREAMS, video }));
    await draw();
    stream.reshape({ ...SHAPE, codec: 'h264' });
    for (let n = 0; n < 20 && guest.failures.length === 0; n++) {
      time.advance(16);
      await draw();
    }
    expect(h264.opened).toHaveLength(1);
    expect(guest.failures).toContain('no-common-codec');
    expect(owner.failures).toEqual([]);
  });

  it('goes on for those who stay when one leaves, and leaves no timer at its end', async () => {
    const { join, draw, stream, time } = open();
    const owner = join('owner');
    const guest = join('player');
    await draw();
    await guest.connection.close();
    await draw();
    expect(guest.frames()).toHaveLength(1);
    expect(owner.frames()).toHaveLength(2);
    await owner.connection.close();
    await stream.close();
    expect(time.pendingTimers).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { type BrowserControl, parseWorkerControl } from '../../../protocol/control-messages.ts';
import { RockpoolError } from '../../../protocol/errors.ts';
import { decodeFrameMessage } from '../../../protocol/frame-messages.ts';
import { encodeInput } from '../../../protocol/input-messages.ts';
import { encodeMotion } from '../../../protocol/motion-messages.ts';
import type { VideoCodec } from '../../../protocol/stream-settings.ts';
import { PROTOCOL_VERSION } from '../../../protocol/version.ts';
import type { GameInput, VideoFrame } from '../../../renderer/game-runtime.ts';
import { VirtualTime } from '../../../renderer/virtual-time.ts';
import { EventLoopDelay } from '../../../server/session/event-loop-delay.ts';
import type { StreamShape } from '../../../server/session/stream-connection.ts';
import { WebrtcStream } from '../../../server/session/webrtc-stream.ts';
import type { PeerListener } from '../../../server/transport/peer.ts';
import type { NetworkRate } from '../../../server/worker/worker-messages.ts';
import { FakeEncoderFactory } from '../../support/fake-encoder.ts';
import { FakePeer } from '../../support/fake-peer.ts';
import { ScriptedCongestion } from '../../support/scripted-congestion.ts';

const SHAPE = {
  resolution: { width: 512, height: 288 },
  frameRate: 60,
  maxBitrateBps: 2_000_000,
  codec: 'auto',
} as const;

interface Surroundings {
  readonly factories?: readonly FakeEncoderFactory[];
  readonly knownRates?: readonly NetworkRate[];
  readonly shape?: Partial<StreamShape>;
}

function open({ factories = [], knownRates = [], shape = {} }: Surroundings = {}) {
  const able = factories.length > 0 ? factories : [new FakeEncoderFactory('fake', {}, 'vp8')];
  const time = new VirtualTime(1_000_000);
  const peer = new FakePeer();
  let network: PeerListener | undefined;
  const signals: string[] = [];
  const inputs: { input: GameInput; receivedUs: number }[] = [];
  const controls: BrowserControl[] = [];
  const failures: RockpoolError[] = [];
  const rates: NetworkRate[] = [];
  const startRates: number[] = [];
  let offered: readonly VideoCodec[] = [];
  const states: string[] = [];
  const receivable: VideoCodec[] = ['av1', 'h264', 'vp8'];
  const shared = new WebrtcStream(
    {
      clock: time,
      scheduler: time,
      encoders: able.map(({ name, codec, hardware }) => ({
        name,
        codec,
        hardware,
        pixelsPerSecond: 1e9,
      })),
      knownRates,
      playoutDelayMs: [0, 0],
      eventLoopDelay: new EventLoopDelay(),
      createEncoders: (names) => able.filter(({ name }) => names.includes(name)),
      createPeer: (_order, codecs, listener) => {
        network = listener;
        offered = codecs;
        return peer;
      },
      createCongestion: (startBitrateBps, ceilingBps) => {
        startRates.push(startBitrateBps);
        const congestion = new ScriptedCongestion();
        congestion.targetBitrateBps = ceilingBps;
        return congestion;
      },
    },
    { ...SHAPE, ...shape },
    receivable,
    {
      handlePictureWanted: () => states.push('picture-wanted'),
      handleFailure: (error) => failures.push(error),
      handleEncodings: () => undefined,
    },
  );
  const connection = shared.connect(
    { role: 'owner', codecs: receivable, iceServers: [], relayOnly: false },
    {
      handleState: (state) => states.push(state),
      handleSignal: (payload) => signals.push(payload.kind),
      handleInput: (input, receivedUs) => inputs.push({ input, receivedUs }),
      handleControl: (message) => controls.push(message),
      handleControlOpen: () => states.push('control-open'),
      handleRate: (rate) => rates.push(rate),
      handleFailure: (error) => failures.push(error),
    },
  );
  if (!network) throw new Error('no peer was made');
  const stream = {
    offer: () => connection.offer(),
    open: () => connection.open(),
    handleSignal: connection.handleSignal.bind(connection),
    reportHealth: () => connection.reportHealth(),
    handleFrame: (one: VideoFrame) => shared.handleFrame(one),
    reshape: (other: StreamShape) => shared.reshape(other),
    async close() {
      await connection.close();
      await shared.close();
    },
  };
  const told = () =>
    peer.messages
      .filter((message) => message.label === 'control')
      .map((message) => parseWorkerControl(String(message.data)));
  const reports = () =>
    peer.messages
      .filter((message) => message.label === 'frames')
      .map((message) => decodeFrameMessage(message.data as Uint8Array));
  return {
    time,
    peer,
    network,
    stream,
    signals,
    inputs,
    controls,
    failures,
    rates,
    startRates,
    offered,
    states,
    told,
    reports,
  };
}

/** A frame that says when it was released. */
function frame(frameNumber: number, released: () => void): VideoFrame {
  return {
    format: 'i420',
    ...SHAPE.resolution,
    pixels: new Uint8Array((512 * 288 * 3) / 2),
    frameNumber,
    inputSeq: 4,
    inputReceivedUs: 999_000,
    tickUs: 1_000_000,
    renderedUs: 1_002_000,
    release: released,
  };
}

/** Lets the promises of an encode settle. */
async function settle(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !condition(); turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(condition()).toBe(true);
}

describe('WebrtcStream', () => {
  it('offers at once and opens the encoder behind the offer', async () => {
    const { stream, signals, told } = open();
    stream.open();
    await settle(() => told().length > 0);
    expect(signals).toEqual(['description']);
    expect(told()[0]).toMatchObject({ type: 'stream', encoder: 'fake', bitrateBps: 2_000_000 });
    await stream.close();
  });

  it('reports every frame it sends, with stages that add up', async () => {
    const { stream, network, time, reports, peer } = open();
    stream.open();
    network.handleState('connected');
    time.advance(8);
    let released = 0;
    stream.handleFrame(frame(3, () => released++));
    await settle(() => reports().length === 1);
    expect(released).toBe(1);
    expect(peer.rtp.length).toBeGreaterThan(0);
    expect(reports()[0]).toMatchObject({
      type: 'frame',
      frameNumber: 3,
      inputSeq: 4,
      inputReceivedUs: 999_000,
      tickUs: 1_000_000,
      renderUs: 2_000,
      encodeUs: 6_000,
      keyframe: true,
    });
    await stream.close();
  });

  it('hands input on with the time it arrived, and answers pings on the frames channel', async () => {
    const { stream, network, time, inputs, reports } = open();
    time.advance(5);
    network.handleMessage('input', encodeInput({ type: 'wheel', seq: 1, dx: 0, dy: 3 }));
    network.handleMessage('motion', encodeMotion({ type: 'ping', seq: 1, clientUs: 77 }));
    expect(inputs).toEqual([
      { input: { type: 'wheel', seq: 1, dx: 0, dy: 3 }, receivedUs: 1_005_000 },
    ]);
    expect(reports()).toEqual([{ type: 'pong', clientUs: 77, workerUs: 1_005_000 }]);
    await stream.close();
  });

  it('answers nonsense on any channel with a typed error, a few times a second', async () => {
    const { stream, network, told, inputs, controls } = open();
    network.handleMessage('input', Uint8Array.of(9, 9));
    network.handleMessage('input', 'text');
    network.handleMessage('motion', Uint8Array.of());
    network.handleMessage('frames', Uint8Array.of(1));
    network.handleMessage('control', '{"type":"nothing"}');
    network.handleMessage('control', Uint8Array.of(1));
    expect(told().map((message) => message.type === 'error' && message.error.code)).toEqual(
      Array(6).fill('bad-message'),
    );
    for (let i = 0; i < 100; i++) network.handleMessage('motion', Uint8Array.of());
    expect(told()).toHaveLength(10);
    expect(inputs).toEqual([]);
    expect(controls).toEqual([]);
    stream.reportHealth();
    expect(told().at(-1)).toMatchObject({ type: 'health', rejectedMessages: 106 });
    await stream.close();
  });

  it('tells a page of another version so', async () => {
    const { stream, network, told, controls } = open();
    network.handleMessage('control', JSON.stringify({ type: 'hello', protocol: 999 }));
    expect(told()[0]).toMatchObject({ type: 'error', error: { code: 'protocol-mismatch' } });
    network.handleMessage('control', JSON.stringify({ type: 'hello', protocol: PROTOCOL_VERSION }));
    expect(controls).toHaveLength(1);
    await stream.close();
  });

  it('counts rejected messages and frames in the health it reports', async () => {
    const { stream, network, time, told, reports } = open();
    stream.open();
    network.handleState('connected');
    network.handleMessage('input', 'text');
    stream.handleFrame(frame(1, () => undefined));
    await settle(() => reports().length === 1);
    time.advance(1000);
    const second = stream.reportHealth().cost;
    expect(second?.framesPerSecond).toBeCloseTo(1);
    expect(told().at(-1)).toMatchObject({ type: 'health', rejectedMessages: 1 });
    await stream.close();
  });

  it('changes the ceiling of the running encoder', async () => {
    const factory = new FakeEncoderFactory('fake', {}, 'vp8');
    const { stream, network, reports } = open({ factories: [factory] });
    stream.open();
    network.handleState('connected');
    stream.handleFrame(frame(1, () => undefined));
    await settle(() => reports().length === 1);
    stream.reshape({ ...SHAPE, maxBitrateBps: 900_000 });
    expect(factory.last.bitrates.at(-1)).toBe(900_000);
    await stream.close();
  });

  it('fails when no encoder opens', async () => {
    const { stream, failures } = open({
      factories: [new FakeEncoderFactory('broken', { refuseToOpen: true }, 'vp8')],
    });
    stream.open();
    await settle(() => failures.length > 0);
    expect(failures[0]).toBeInstanceOf(RockpoolError);
    expect(failures[0]?.code).toBe('encoder-failed');
    await stream.close();
  });

  it('is silent after it was closed, and gives frames back', async () => {
    const { stream, network, states, inputs } = open();
    stream.open();
    await stream.close();
    network.handleState('connected');
    network.handleMessage('input', encodeInput({ type: 'release-all', seq: 1 }));
    let released = 0;
    stream.handleFrame(frame(1, () => released++));
    expect({ states, inputs, released }).toEqual({ states: [], inputs: [], released: 1 });
  });

  it('sends a hidden page no picture, and a whole one as soon as it is seen again', async () => {
    const factory = new FakeEncoderFactory('fake', {}, 'vp8');
    const { stream, network, time, reports } = open({ factories: [factory] });
    const say = (visible: boolean) =>
      network.handleMessage('control', JSON.stringify({ type: 'visibility', visible }));
    stream.open();
    network.handleState('connected');
    stream.handleFrame(frame(1, () => undefined));
    await settle(() => reports().length === 1);
    say(false);
    let released = 0;
    stream.handleFrame(frame(2, () => released++));
    expect(released).toBe(1);
    expect(stream.reportHealth().cost).toBeUndefined();
    say(true);
    time.advance(1000);
    stream.handleFrame(frame(3, () => undefined));
    await settle(() => reports().length === 2);
    expect(reports()[1]).toMatchObject({ frameNumber: 3, keyframe: true });
    expect(factory.last.calls).toHaveLength(2);
    await stream.close();
  });

  it('begins at what the network carried last time, and says what it carries now', async () => {
    const { stream, network, peer, time, startRates, rates } = open({
      knownRates: [{ network: '192.0.2.0/24', bitrateBps: 1_000_000 }],
    });
    peer.remoteAddress = '192.0.2.7';
    stream.open();
    network.handleState('connected');
    expect(startRates).toEqual([800_000]);
    stream.reportHealth();
    expect(rates).toEqual([]);
    time.advance(11_000);
    stream.reportHealth();
    expect(rates).toEqual([{ network: '192.0.2.0/24', bitrateBps: expect.any(Number) }]);
    await stream.close();
  });

  it('offers what both sides have, and changes the codec when the player asks', async () => {
    const h264 = new FakeEncoderFactory('an-h264', {}, 'h264');
    const vp8 = new FakeEncoderFactory('a-vp8', {}, 'vp8');
    const { stream, network, time, offered, reports, told } = open({ factories: [vp8, h264] });
    expect(offered).toEqual(['h264', 'vp8']);
    stream.open();
    network.handleState('connected');
    stream.handleFrame(frame(1, () => undefined));
    await settle(() => reports().length === 1);
    stream.reshape({ ...SHAPE, codec: 'vp8' });
    for (let n = 2; vp8.opened.length === 0 || vp8.last.calls.length === 0; n++) {
      time.advance(16);
      stream.handleFrame(frame(n, () => undefined));
      await settle(() => reports().length === n);
    }
    expect(told().at(-1)).toMatchObject({ type: 'stream', codec: 'vp8', encoder: 'a-vp8' });
    await stream.close();
  });

  it('uses another codec where the answer left the best one out', async () => {
    const av1 = new FakeEncoderFactory('an-av1', {}, 'av1');
    const vp8 = new FakeEncoderFactory('a-vp8', {}, 'vp8');
    const { stream, network, offered, reports, told } = open({
      factories: [av1, vp8],
      shape: { codec: 'av1' },
    });
    expect(offered).toEqual(['av1', 'vp8']);
    stream.open();
    stream.handleSignal({ kind: 'description', description: { type: 'answer', sdp: 'v=0\r\n' } });
    await settle(() => told().some((m) => m.type === 'stream' && m.codec === 'vp8'));
    network.handleState('connected');
    stream.handleFrame(frame(1, () => undefined));
    await settle(() => reports().length === 1);
    await stream.close();
  });

  it('offers again when the player changed networks, once for several wishes', async () => {
    const { stream, peer, signals } = open();
    stream.open();
    await settle(() => signals.length === 1);
    stream.handleSignal({ kind: 'restart-ice' });
    stream.handleSignal({ kind: 'restart-ice' });
    await settle(() => signals.length === 2);
    expect(peer.restarts).toBe(1);
    await stream.close();
  });

  it('says nothing of a connection that is only tried, but answers its pings', async () => {
    const { stream, network, states, signals, startRates, reports } = open();
    stream.offer();
    await settle(() => signals.length === 1);
    network.handleChannelOpen('control');
    network.handleState('connected');
    const ping = encodeMotion({ type: 'ping', seq: 1, clientUs: 5 });
    network.handleMessage('motion', ping);
    expect(signals).toEqual(['description']);
    expect(states).toEqual([]);
    expect(startRates).toEqual([]);
    expect(reports()).toMatchObject([{ type: 'pong', clientUs: 5 }]);
    await stream.close();
  });

  it('goes on with the connection that was tried as if it had just come about', async () => {
    const { stream, network, states, signals, startRates } = open();
    stream.offer();
    await settle(() => signals.length === 1);
    network.handleChannelOpen('control');
    network.handleState('connected');
    stream.open();
    expect(states).toEqual([]);
    await settle(() => states.length > 0);
    expect(signals).toEqual(['description']);
    expect(states.slice(0, 1)).toEqual(['control-open']);
    expect(states).toContain('connected');
    expect(startRates).toHaveLength(1);
    await stream.close();
  });
});

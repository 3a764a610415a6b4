import { setTimeout as sleep } from 'node:timers/promises';
import { GCProfiler, type GCProfilerResult, getHeapStatistics } from 'node:v8';
import { createPatternCalibration } from '../../../renderer/calibration/pattern-calibration.ts';
import { systemClock as clock, systemScheduler as scheduler } from '../../../renderer/clock.ts';
import { frameBytes } from '../../../renderer/game-runtime.ts';
import { InputTracker } from '../../../renderer/input-state.ts';
import { encoderFactories } from '../../../server/encode/encoder-ladder.ts';
import type { EncodedVideo } from '../../../server/encode/video-pipeline.ts';
import { GoogleCongestionControl } from '../../../server/transport/congestion/google-congestion-control.ts';
import { MediaSender } from '../../../server/transport/media-sender.ts';
import { WeriftPeer } from '../../../server/transport/werift-peer.ts';
import { allocatedBetween, type MemoryUse } from '../measure/allocation.ts';
import { withFiller } from './filler-frame.ts';
import {
  fromTransportSchema,
  type TransportPhase,
  toTransportSchema,
} from './transport-messages.ts';

/*
 * The transport by itself: the product's sender and peer, fed with frames that were encoded before
 * the measurement and brought to 20 Mbit/s. A browser receives them and reports on them.
 */

const FRAME_RATE = 60;
const BITRATE_BPS = 20e6;
const FRAME_BYTES = Math.round(BITRATE_BPS / 8 / FRAME_RATE);
/** Above the frames' rate: what is measured is the cost of sending them, not of choosing a rate. */
const CEILING_BPS = 1.5 * BITRATE_BPS;
/** Small and still pictures: the browser shares the machine. */
const SIZE = { width: 512, height: 288 };
const PICTURE_BPS = 1e6;
const PICTURES = 120;
/** Code is compiled, congestion control knows the path. */
const WARM_UP_S = 5;
/** Congestion control has come to rest. */
const CALM_S = 2;

async function encodePictures(): Promise<{ data: Uint8Array; keyframe: boolean }[]> {
  const game = createPatternCalibration({ seed: 1 });
  const [factory] = encoderFactories(['libx264']);
  if (!factory) throw new Error('There is no encoder libx264.');
  const settings = { ...SIZE, frameRate: FRAME_RATE, bitrateBps: PICTURE_BPS, threads: 1 };
  const encoder = await factory.open(settings);
  const pixels = new Uint8Array(frameBytes('i420', SIZE));
  const host = { rumble: () => undefined, setCursor: () => undefined };
  const input = new InputTracker();
  const pictures: { data: Uint8Array; keyframe: boolean }[] = [];
  game.resize(SIZE);
  for (let frameNumber = 0; frameNumber < PICTURES; frameNumber++) {
    const timeS = frameNumber / FRAME_RATE;
    game.update({ dtS: 1 / FRAME_RATE, timeS, frameNumber, inputSeq: 0, input }, host);
    game.draw(pixels);
    const isFirst = frameNumber === 0;
    const { data, keyframe } = await encoder.encode(pixels, Math.round(timeS * 90_000), isFirst);
    pictures.push({ data: withFiller(data, FRAME_BYTES), keyframe });
  }
  encoder.close();
  game.close();
  return pictures;
}

const pictures = await encodePictures();
const peer = new WeriftPeer(
  {
    codecs: ['h264'],
    iceServers: [],
    relayOnly: false,
    loopbackOnly: true,
    extraAddresses: [],
    portRange: undefined,
  },
  {
    handleState: (state) => {
      if (state === 'connected') sender.start();
      if (state === 'failed') throw new Error('The connection failed.');
    },
    handleLocalCandidate: () => undefined,
    handleChannelOpen: () => undefined,
    handleMessage: () => undefined,
    handleRtcp: (compound) => sender.handleRtcp(compound),
  },
  clock,
  scheduler,
);
const congestion = new GoogleCongestionControl({
  startBitrateBps: CEILING_BPS,
  ceilingBps: CEILING_BPS,
});
/** Of the next frame among the pictures; they begin with the keyframe. */
let next = 0;
const sender: MediaSender = new MediaSender(
  {
    peer,
    congestion,
    clock,
    scheduler,
    random: Math.random,
    cname: 'bench',
    playoutDelayMs: [0, 0],
    frameRate: FRAME_RATE,
  },
  {
    handleKeyframeRequest: () => {
      next = 0;
    },
    handleVideoBitrate: () => undefined,
    handleFrameSent: () => undefined,
  },
);
sender.setCeiling(CEILING_BPS);

let sending = true;
let frames = 0;
let skippedFrames = 0;
let frameNumber = 0;

function sendFrame(): void {
  const picture = pictures[next];
  if (!sending || !peer.video || !picture) return;
  const nowUs = clock.nowUs();
  frameNumber++;
  if (!sender.acceptsVideo) {
    skippedFrames++;
    return;
  }
  const video: EncodedVideo = {
    ...picture,
    ...SIZE,
    codec: 'h264',
    quantizer: undefined,
    rtpTimestamp: Math.round(nowUs * 0.09) >>> 0,
    frameNumber,
    inputSeq: 0,
    inputReceivedUs: 0,
    tickUs: nowUs,
    renderedUs: nowUs,
    encodedUs: nowUs,
  };
  if (sender.sendVideo(video)) frames++;
  next = (next + 1) % pictures.length;
}

const beganUs = clock.nowUs();
let tick = 0;
function armFrame(): void {
  tick++;
  const dueUs = beganUs + (tick * 1e6) / FRAME_RATE;
  scheduler.after(Math.max(0, dueUs - clock.nowUs()) / 1000, () => {
    armFrame();
    sendFrame();
  });
}

function memoryNow(): MemoryUse {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return { heap, external };
}

type HeapState = GCProfilerResult['statistics'][number]['beforeGC'];

function memoryOf({ heapStatistics }: HeapState): MemoryUse {
  return { heap: heapStatistics.usedHeapSize, external: heapStatistics.externalMemory };
}

async function measure(seconds: number): Promise<TransportPhase> {
  const profiler = new GCProfiler();
  const before = { ...sender.counters, frames, skippedFrames, atUs: clock.nowUs() };
  const memory = memoryNow();
  profiler.start();
  const cpu = process.cpuUsage();
  await sleep(seconds * 1000);
  const { user, system } = process.cpuUsage(cpu);
  const { statistics } = profiler.stop();
  const collections = statistics.map(({ beforeGC, afterGC }) => ({
    before: memoryOf(beforeGC),
    after: memoryOf(afterGC),
  }));
  const after = sender.counters;
  return {
    seconds: (clock.nowUs() - before.atUs) / 1e6,
    cpuMs: (user + system) / 1000,
    frames: frames - before.frames,
    skippedFrames: skippedFrames - before.skippedFrames,
    packets: after.packets - before.packets,
    bytes: after.bytes - before.bytes,
    feedback: after.transportFeedback - before.transportFeedback,
    allocated: allocatedBetween(memory, collections, memoryNow()),
    collections: collections.length,
    collectingMs: statistics.reduce((sum, { cost }) => sum + cost, 0) / 1000,
  };
}

process.once('disconnect', () => process.exit(0));
process.on('message', async (value) => {
  const message = toTransportSchema.parse(value);
  if (message.type === 'answer') {
    await peer.acceptAnswer({ type: 'answer', sdp: message.sdp });
    armFrame();
    return;
  }
  await sleep(WARM_UP_S * 1000);
  const withMedia = await measure(message.seconds);
  sending = false;
  await sleep(CALM_S * 1000);
  const idle = await measure(message.seconds / 2);
  const measured = { type: 'measured', sending: withMedia, idle };
  process.send?.(fromTransportSchema.parse(measured));
});

const { sdp } = await peer.createOffer();
process.send?.(fromTransportSchema.parse({ type: 'offer', sdp }));

import type { Page } from 'puppeteer-core';
import { expect } from 'vitest';
import { withWholeKeyframes } from '../client/player/media/answer-sdp.ts';
import type { Resolution } from '../protocol/stream-settings.ts';
import { systemClock, systemScheduler } from '../renderer/clock.ts';
import { LibavEncoderFactory } from '../server/encode/libav-encoder.ts';
import { X264 } from '../server/encode/software-profiles.ts';
import { VideoStream } from '../server/transport/media-streams.ts';
import { WeriftPeer } from '../server/transport/werift-peer.ts';
import { openPage } from '../test/support/browser.ts';
import { test } from './support/e2e-test.ts';

const LARGE = { width: 640, height: 360 };
const SMALL = { width: 512, height: 288 };
const FRAMES = 3;
const TICKS_A_FRAME = 3000;

declare global {
  interface Window {
    receiver?: { readonly connection: RTCPeerConnection; readonly video: HTMLVideoElement };
  }
}

/** A page that receives, and adds nothing of its own to the answer. */
async function createAnswer(page: Page, offer: string): Promise<string> {
  return page.evaluate(async (sdp) => {
    const connection = new RTCPeerConnection();
    const video = document.createElement('video');
    video.muted = true;
    video.autoplay = true;
    document.body.append(video);
    connection.addEventListener('track', ({ track }) => {
      if (track.kind === 'video') video.srcObject = new MediaStream([track]);
    });
    window.receiver = { connection, video };
    await connection.setRemoteDescription({ type: 'offer', sdp });
    return (await connection.createAnswer()).sdp ?? '';
  }, offer);
}

async function untilReceived(page: Page, packets: number): Promise<void> {
  await page.waitForFunction(
    async (count) => {
      const report = await window.receiver?.connection.getStats();
      for (const stats of report?.values() ?? []) {
        if (stats.type !== 'inbound-rtp' || stats.kind !== 'video') continue;
        return stats.packetsReceived === count;
      }
      return false;
    },
    {},
    packets,
  );
}

async function untilShown(page: Page, width: number): Promise<void> {
  await page.waitForFunction((wanted) => window.receiver?.video.videoWidth === wanted, {}, width);
}

/** A detailed picture several times, by an encoder of its own: the first is a keyframe. */
async function encode(size: Resolution, firstTimestamp: number): Promise<Uint8Array[]> {
  const settings = { ...size, frameRate: 30, bitrateBps: 4_000_000, threads: 2 };
  const encoder = await new LibavEncoderFactory(X264).open(settings);
  const pixels = Uint8Array.from(
    { length: size.width * size.height * 1.5 },
    (_, i) => (i * i) % 251,
  );
  const frames: Uint8Array[] = [];
  for (let i = 0; i < FRAMES; i++) {
    const { data } = await encoder.encode(pixels, firstTimestamp + i * TICKS_A_FRAME, false);
    frames.push(data);
  }
  encoder.close();
  return frames;
}

test('a keyframe of another size is shown whole though its first packet comes last', async ({
  browser,
}) => {
  const { page, errors } = await openPage(browser);
  let handleConnected = (): void => {};
  const connected = new Promise<void>((resolve) => {
    handleConnected = resolve;
  });
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
      handleState: (state) => state === 'connected' && handleConnected(),
      handleLocalCandidate: () => {},
      handleChannelOpen: () => {},
      handleMessage: () => {},
      handleRtcp: () => {},
    },
    systemClock,
    systemScheduler,
  );
  try {
    const offer = await peer.createOffer();
    const sdp = withWholeKeyframes(await createAnswer(page, offer.sdp));
    await page.evaluate(
      (answer) => window.receiver?.connection.setLocalDescription({ type: 'answer', sdp: answer }),
      sdp,
    );
    await peer.acceptAnswer({ type: 'answer', sdp });
    await connected;
    await page.waitForFunction(() => window.receiver?.connection.connectionState === 'connected');

    if (!peer.video) throw new Error('No picture was negotiated.');
    const stream = new VideoStream(peer.video, { random: () => 0.5, playoutDelayMs: [0, 0] });
    const format = stream.formatOf('h264');
    if (!format) throw new Error('H.264 was not negotiated.');
    let timestamp = 0;
    const packetize = (frame: Uint8Array): Buffer[] => {
      timestamp += TICKS_A_FRAME;
      return [...stream.rtp.packetize(format, frame, timestamp, systemClock.nowUs())];
    };
    let sent = 0;
    const send = (packets: readonly Buffer[]): void => {
      sent += packets.length;
      for (const packet of packets) peer.sendRtp(packet);
    };
    for (const frame of await encode(LARGE, timestamp)) send(packetize(frame));
    await untilShown(page, LARGE.width);

    const [keyframe, ...changes] = await encode(SMALL, timestamp);
    if (!keyframe) throw new Error('Nothing was encoded.');
    const [first, ...others] = packetize(keyframe);
    if (!first) throw new Error('The keyframe has no packets.');
    expect(others.length).toBeGreaterThan(2);
    send(others);
    await untilReceived(page, sent);
    send([first]);
    for (const change of changes) send(packetize(change));
    await untilShown(page, SMALL.width);
    expect(errors).toEqual([]);
  } finally {
    await peer.close();
    await page.close();
  }
});

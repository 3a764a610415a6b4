import { beforeEach, describe, expect, it } from 'vitest';
import type { RockpoolError } from '../../../protocol/errors.ts';
import type { Resolution } from '../../../protocol/stream-settings.ts';
import type { VideoFrame } from '../../../renderer/game-runtime.ts';
import { type EncodedVideo, VideoPipeline } from '../../../server/encode/video-pipeline.ts';
import { FakeEncoderFactory } from '../../support/fake-encoder.ts';

const SIZE = { width: 64, height: 32 };

/** Lets every promise that can settle settle. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('VideoPipeline', () => {
  let nowUs = 0;
  let released: number[] = [];
  let videos: EncodedVideo[] = [];
  let failures: RockpoolError[] = [];
  let encoders: string[] = [];

  beforeEach(() => {
    nowUs = 0;
    released = [];
    videos = [];
    failures = [];
    encoders = [];
  });

  function pipelineOf(...factories: FakeEncoderFactory[]): VideoPipeline {
    return new VideoPipeline(
      { factories, resolution: SIZE, frameRate: 60, bitrateBps: 1_000_000, threads: 1 },
      {
        handleVideo: (video) => videos.push(video),
        handleEncoder: (name) => encoders.push(name),
        handleFailure: (error) => failures.push(error),
      },
      { nowUs: () => nowUs },
    );
  }

  function frame(frameNumber: number, over: Partial<VideoFrame> & Partial<Resolution> = {}) {
    const { width, height } = { ...SIZE, ...over };
    return {
      format: 'i420' as const,
      width,
      height,
      pixels: new Uint8Array((width * height * 3) / 2).fill(frameNumber),
      frameNumber,
      inputSeq: frameNumber + 100,
      inputReceivedUs: 5,
      tickUs: frameNumber * 16_667,
      renderedUs: frameNumber * 16_667 + 1000,
      release: () => released.push(frameNumber),
      ...over,
    };
  }

  it('gives each picture with the stamps of its frame and a 90 kHz time', async () => {
    const pipeline = pipelineOf(new FakeEncoderFactory('fake'));
    await pipeline.open();
    nowUs = 40_000;
    pipeline.handleFrame(frame(2));
    await settled();
    expect(videos).toHaveLength(1);
    expect(videos[0]).toMatchObject({
      keyframe: true,
      frameNumber: 2,
      inputSeq: 102,
      inputReceivedUs: 5,
      tickUs: 33_334,
      renderedUs: 34_334,
      encodedUs: 40_000,
      rtpTimestamp: 3000,
    });
    expect(released).toEqual([2]);
    await pipeline.close();
  });

  it('wraps the RTP time at 32 bits and never lets two frames share one', async () => {
    const pipeline = pipelineOf(new FakeEncoderFactory('fake'));
    const tickUs = (2 ** 32 / 90) * 1000;
    for (let i = 0; i < 3; i++) {
      pipeline.handleFrame(frame(i, { tickUs }));
      await settled();
    }
    const times = videos.map(({ rtpTimestamp }) => rtpTimestamp);
    expect(times[0]).toBeLessThan(2);
    expect(times).toEqual([0, 1, 2].map((step) => (times[0] ?? 0) + step));
    await pipeline.close();
  });

  it('keeps the newest frame while one is at work, and releases each exactly once', async () => {
    const factory = new FakeEncoderFactory('fake', { hold: true });
    const pipeline = pipelineOf(factory);
    await pipeline.open();
    for (let i = 0; i < 5; i++) pipeline.handleFrame(frame(i));
    await settled();
    expect(released).toEqual([1, 2, 3]);
    factory.last.finish();
    await settled();
    factory.last.finish();
    await settled();
    expect(videos.map(({ frameNumber }) => frameNumber)).toEqual([0, 4]);
    expect(released).toEqual([1, 2, 3, 0, 4]);
    expect(pipeline.droppedFrames).toBe(3);
    expect(pipeline.encodedFrames).toBe(2);
    await pipeline.close();
  });

  it('gives an RGBA frame back as soon as it is converted', async () => {
    const factory = new FakeEncoderFactory('fake', { hold: true });
    const pipeline = pipelineOf(factory);
    await pipeline.open();
    const pixels = new Uint8Array(SIZE.width * SIZE.height * 4).fill(255);
    await new Promise<void>((resolve) => {
      const release = (): void => {
        released.push(7);
        resolve();
      };
      pipeline.handleFrame(frame(7, { format: 'rgba', pixels, release }));
    });
    expect(videos).toHaveLength(0);
    await settled();
    expect(factory.last.calls[0]?.firstByte).toBe(235);
    factory.last.finish();
    await settled();
    expect(released).toEqual([7]);
    expect(videos).toHaveLength(1);
    await pipeline.close();
  });

  it('makes one keyframe of many requests, at most every 300 ms', async () => {
    const pipeline = pipelineOf(new FakeEncoderFactory('fake'));
    const keyframesAt: number[] = [];
    for (let i = 0; i < 60; i++) {
      nowUs = i * 10_000;
      pipeline.requestKeyframe();
      pipeline.handleFrame(frame(i));
      await settled();
      if (videos.at(-1)?.keyframe) keyframesAt.push(i * 10);
    }
    expect(keyframesAt).toEqual([0, 300]);
    await pipeline.close();
  });

  it('answers a request made within 300 ms of a keyframe once these have passed', async () => {
    const pipeline = pipelineOf(new FakeEncoderFactory('fake'));
    pipeline.handleFrame(frame(0));
    await settled();
    pipeline.requestKeyframe();
    const asked = [];
    for (const atUs of [100_000, 299_000, 300_000, 700_000]) {
      nowUs = atUs;
      pipeline.handleFrame(frame(videos.length));
      await settled();
      asked.push(videos.at(-1)?.keyframe);
    }
    expect(asked).toEqual([false, false, true, false]);
    await pipeline.close();
  });

  it('opens the encoder anew with a keyframe when the picture changes its size', async () => {
    const factory = new FakeEncoderFactory('fake');
    const pipeline = pipelineOf(factory);
    pipeline.handleFrame(frame(0));
    await settled();
    pipeline.handleFrame(frame(1, { width: 128, height: 64 }));
    await settled();
    expect(factory.opened.map(({ settings }) => settings.width)).toEqual([64, 128]);
    expect(factory.opened[0]?.closed).toBe(true);
    expect(videos.map(({ keyframe }) => keyframe)).toEqual([true, true]);
    await pipeline.close();
  });

  it('takes a new frame rate without failing the frame at work', async () => {
    const factory = new FakeEncoderFactory('fake', { hold: true });
    const pipeline = pipelineOf(factory);
    await pipeline.open();
    pipeline.handleFrame(frame(0));
    await settled();
    pipeline.setFrameRate(30);
    pipeline.handleFrame(frame(1));
    factory.last.finish();
    await settled();
    factory.last.finish();
    await settled();
    expect(factory.opened.map(({ settings }) => settings.frameRate)).toEqual([60, 30]);
    expect(videos.map(({ keyframe }) => keyframe)).toEqual([true, true]);
    expect(failures).toEqual([]);
    await pipeline.close();
  });

  it('passes a bitrate on, to the encoder that opens next as well', async () => {
    const factory = new FakeEncoderFactory('fake');
    const pipeline = pipelineOf(factory);
    await pipeline.open();
    pipeline.setBitrate(2_000_000);
    expect(factory.last.settings.bitrateBps).toBe(2_000_000);
    pipeline.handleFrame(frame(0, { width: 128, height: 64 }));
    await settled();
    expect(factory.last.settings).toMatchObject({ width: 128, bitrateBps: 2_000_000 });
    await pipeline.close();
  });

  it('goes on with the next encoder and says so', async () => {
    const failing = new FakeEncoderFactory('failing', { failAtCall: 2 });
    const pipeline = pipelineOf(failing, new FakeEncoderFactory('good'));
    for (let i = 0; i < 3; i++) {
      pipeline.handleFrame(frame(i));
      await settled();
    }
    expect(encoders).toEqual(['failing', 'good']);
    expect(videos.map(({ keyframe }) => keyframe)).toEqual([true, true, false]);
    expect(released).toEqual([0, 1, 2]);
    await pipeline.close();
  });

  it('reports once that no encoder is left, and still releases what comes', async () => {
    const pipeline = pipelineOf(new FakeEncoderFactory('failing', { failAtCall: 1 }));
    await pipeline.open();
    pipeline.handleFrame(frame(0));
    pipeline.handleFrame(frame(1));
    await settled();
    pipeline.handleFrame(frame(2));
    expect(failures.map(({ code }) => code)).toEqual(['encoder-failed']);
    expect(released.sort()).toEqual([0, 1, 2]);
    await pipeline.close();
  });

  it('releases everything when it is closed with frames at work and waiting', async () => {
    const factory = new FakeEncoderFactory('fake', { hold: true });
    const pipeline = pipelineOf(factory);
    await pipeline.open();
    pipeline.handleFrame(frame(0));
    pipeline.handleFrame(frame(1));
    await settled();
    const closing = pipeline.close();
    pipeline.handleFrame(frame(2));
    factory.last.stopHolding();
    await closing;
    await pipeline.close();
    expect(released.sort()).toEqual([0, 1, 2]);
    expect(videos).toEqual([]);
    expect(factory.last.closed).toBe(true);
  });
});

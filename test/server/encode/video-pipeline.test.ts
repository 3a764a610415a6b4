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
  let causes: (RockpoolError | undefined)[] = [];
  let handled = (): void => {};
  let mayEncode = true;

  beforeEach(() => {
    nowUs = 0;
    released = [];
    videos = [];
    failures = [];
    encoders = [];
    causes = [];
    handled = () => {};
    mayEncode = true;
  });

  function pipelineOf(...factories: FakeEncoderFactory[]): VideoPipeline {
    return new VideoPipeline(
      {
        factories,
        resolution: SIZE,
        frameRate: 60,
        bitrateBps: 1_000_000,
        threads: 1,
        mayEncode: () => mayEncode,
      },
      {
        handleVideo: (video) => {
          videos.push(video);
          handled();
        },
        handleEncoder: (name, cause) => {
          encoders.push(name);
          causes.push(cause);
        },
        handleFailure: (error) => failures.push(error),
      },
      { nowUs: () => nowUs },
    );
  }

  /** Scaling runs on other threads: it settles when it does. */
  const nextVideo = (): Promise<void> =>
    new Promise((resolve) => {
      handled = resolve;
    });

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
    const pipeline = pipelineOf(new FakeEncoderFactory('fake', { quantizer: 0.4 }));
    await pipeline.open();
    nowUs = 40_000;
    pipeline.handleFrame(frame(2));
    await settled();
    expect(videos).toHaveLength(1);
    expect(videos[0]).toMatchObject({
      codec: 'h264',
      keyframe: true,
      quantizer: 0.4,
      width: 64,
      height: 32,
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

  it('goes on in the old size until the encoder of the new one has opened', async () => {
    const factory = new FakeEncoderFactory('fake', { holdOpening: true });
    const pipeline = pipelineOf(factory);
    const open = pipeline.open();
    factory.finishOpening();
    await open;
    pipeline.handleFrame(frame(0));
    await settled();
    for (const n of [1, 2]) {
      const scaled = nextVideo();
      pipeline.handleFrame(frame(n, { width: 128, height: 64 }));
      await scaled;
    }
    expect(factory.openings).toBe(1);
    factory.finishOpening();
    await settled();
    pipeline.handleFrame(frame(3, { width: 128, height: 64 }));
    await settled();
    expect(videos.map(({ width }) => width)).toEqual([64, 64, 64, 128]);
    expect(videos.map(({ keyframe }) => keyframe)).toEqual([true, false, false, true]);
    expect(factory.opened.map(({ closed }) => closed)).toEqual([true, false]);
    expect(released).toEqual([0, 1, 2, 3]);
    await pipeline.close();
  });

  it('sends a smaller picture than the game draws, and none that is enlarged', async () => {
    const factory = new FakeEncoderFactory('fake');
    const pipeline = pipelineOf(factory);
    pipeline.setSent({ width: 32, height: 16, frameRate: 60 });
    const small = { width: 16, height: 8 };
    for (const [n, size] of [SIZE, small, SIZE, small].entries()) {
      const scaled = nextVideo();
      pipeline.handleFrame(frame(n, size));
      await scaled;
      await settled();
    }
    expect(factory.opened.map(({ settings }) => settings.width)).toEqual([32, 16, 32, 16]);
    expect(factory.opened.filter(({ closed }) => !closed)).toHaveLength(1);
    expect(videos.map(({ frameNumber }) => frameNumber)).toEqual([0, 1, 2, 3]);
    expect(released).toEqual([0, 1, 2, 3]);
    await pipeline.close();
  });

  it('keeps the shape of a picture of another shape than what is to be sent', async () => {
    const factory = new FakeEncoderFactory('fake');
    const pipeline = pipelineOf(factory);
    pipeline.setSent({ width: 160, height: 90, frameRate: 60 });
    const sizes = [
      { width: 320, height: 240 },
      { width: 320, height: 180 },
      { width: 318, height: 182 },
    ];
    for (const [n, size] of sizes.entries()) {
      const scaled = nextVideo();
      pipeline.handleFrame(frame(n, size));
      await scaled;
      await settled();
    }
    // The last is off by what rounding to even numbers makes: no reason for another encoder.
    expect(factory.opened.map(({ settings: { width, height } }) => [width, height])).toEqual([
      [64, 32],
      [120, 90],
      [160, 90],
    ]);
    await pipeline.close();
  });

  it('drops the encoder of a size that was asked for and taken back at once', async () => {
    const factory = new FakeEncoderFactory('fake', { holdOpening: true });
    const pipeline = pipelineOf(factory);
    const open = pipeline.open();
    factory.finishOpening();
    await open;
    pipeline.setSent({ width: 32, height: 16, frameRate: 60 });
    pipeline.setSent({ width: 64, height: 32, frameRate: 60 });
    factory.finishOpening();
    await settled();
    pipeline.handleFrame(frame(0));
    await settled();
    expect(videos.map(({ width }) => width)).toEqual([64]);
    expect(factory.opened.map(({ closed }) => closed)).toEqual([false, true]);
    await pipeline.close();
  });

  it('sends fewer frames, each of which may have more, with the encoder it has', async () => {
    const factory = new FakeEncoderFactory('fake');
    const pipeline = pipelineOf(factory);
    await pipeline.open();
    pipeline.setSent({ ...SIZE, frameRate: 30 });
    for (let i = 0; i < 6; i++) {
      pipeline.handleFrame(frame(i, { inputSeq: 1 }));
      await settled();
    }
    expect(videos.map(({ frameNumber }) => frameNumber)).toEqual([0, 2, 4]);
    expect(released).toEqual([0, 1, 2, 3, 4, 5]);
    expect(pipeline.skippedFrames).toBe(0);
    expect(factory.opened).toHaveLength(1);
    expect(factory.last.settings.bitrateBps).toBe(2_000_000);
    pipeline.setSent({ ...SIZE, frameRate: 60 });
    expect(factory.last.settings.bitrateBps).toBe(1_000_000);
    await pipeline.close();
  });

  it('skips frames while it may not encode, and sends the input they showed with the next', async () => {
    const pipeline = pipelineOf(new FakeEncoderFactory('fake'));
    pipeline.setSent({ ...SIZE, frameRate: 30 });
    mayEncode = false;
    for (const n of [0, 2]) {
      pipeline.handleFrame(frame(n, { inputSeq: 1 }));
      await settled();
    }
    expect(videos).toEqual([]);
    expect(pipeline.skippedFrames).toBe(2);
    mayEncode = true;
    pipeline.handleFrame(frame(3, { inputSeq: 1 }));
    await settled();
    expect(videos.map(({ frameNumber, keyframe }) => ({ frameNumber, keyframe }))).toEqual([
      { frameNumber: 3, keyframe: true },
    ]);
    expect(released).toEqual([0, 2, 3]);
    await pipeline.close();
  });

  it('changes the codec without a gap, and begins it with a keyframe', async () => {
    const h264 = new FakeEncoderFactory('a', {}, 'h264');
    const vp8 = new FakeEncoderFactory('b', { holdOpening: true }, 'vp8');
    const pipeline = pipelineOf(h264);
    pipeline.handleFrame(frame(0));
    await settled();
    pipeline.setEncoders([vp8]);
    pipeline.handleFrame(frame(1));
    await settled();
    pipeline.setBitrate(2_000_000);
    expect(encoders).toEqual(['a']);
    vp8.finishOpening();
    await settled();
    // Said as soon as it is so, whether or not a frame comes.
    expect(encoders).toEqual(['a', 'b']);
    pipeline.handleFrame(frame(2));
    await settled();
    expect(videos.map(({ codec, keyframe }) => ({ codec, keyframe }))).toEqual([
      { codec: 'h264', keyframe: true },
      { codec: 'h264', keyframe: false },
      { codec: 'vp8', keyframe: true },
    ]);
    expect(vp8.last.settings.bitrateBps).toBe(2_000_000);
    expect(h264.last.closed).toBe(true);
    await pipeline.close();
  });

  it('waits for the frame at work before another encoder takes over', async () => {
    const old = new FakeEncoderFactory('old', { hold: true });
    const pipeline = pipelineOf(old);
    await pipeline.open();
    pipeline.handleFrame(frame(0));
    await settled();
    pipeline.setEncoders([new FakeEncoderFactory('new')]);
    await settled();
    expect(encoders).toEqual(['old']);
    old.last.finish();
    await settled();
    expect(videos).toHaveLength(1);
    expect(encoders).toEqual(['old', 'new']);
    expect(old.last.closed).toBe(true);
    await pipeline.close();
  });

  it('goes on with what it has where the encoder wanted does not open, and tries it once', async () => {
    const good = new FakeEncoderFactory('good');
    const bad = new FakeEncoderFactory('bad', { refuseToOpen: true }, 'vp8');
    const pipeline = pipelineOf(good);
    await pipeline.open();
    pipeline.setEncoders([bad]);
    for (let i = 0; i < 3; i++) {
      pipeline.handleFrame(frame(i));
      await settled();
    }
    expect(encoders).toEqual(['good', 'good']);
    expect(causes[1]).toMatchObject({ code: 'encoder-failed' });
    expect(videos.map(({ codec }) => codec)).toEqual(['h264', 'h264', 'h264']);
    expect(failures).toEqual([]);
    await pipeline.close();
  });

  it('opens another encoder for another rate of the game, beside the frame at work', async () => {
    const factory = new FakeEncoderFactory('fake', { hold: true });
    const pipeline = pipelineOf(factory);
    await pipeline.open();
    pipeline.handleFrame(frame(0));
    await settled();
    pipeline.setFrameRate(30);
    pipeline.handleFrame(frame(1));
    factory.last.finish();
    factory.opened[0]?.finish();
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
    pipeline.setSent({ width: 32, height: 16, frameRate: 60 });
    await settled();
    expect(factory.last.settings).toMatchObject({ width: 32, bitrateBps: 2_000_000 });
    await pipeline.close();
  });

  it('leaves no encoder open when it is closed while one opens', async () => {
    const factory = new FakeEncoderFactory('fake', { holdOpening: true });
    const pipeline = pipelineOf(factory);
    const open = pipeline.open();
    factory.finishOpening();
    await open;
    pipeline.setSent({ width: 32, height: 16, frameRate: 60 });
    await pipeline.close();
    factory.finishOpening();
    await settled();
    expect(factory.opened.map(({ closed }) => closed)).toEqual([true, true]);
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

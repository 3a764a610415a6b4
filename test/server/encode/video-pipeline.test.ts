import { beforeEach, describe, expect, it } from 'vitest';
import { FakeEncoderFactory } from '../../support/fake-encoder.ts';
import { SIZE, settled, VideoPipelineRig } from './video-pipeline-rig.ts';

describe('VideoPipeline', () => {
  let rig = new VideoPipelineRig();
  beforeEach(() => {
    rig = new VideoPipelineRig();
  });

  it('gives each picture with the stamps of its frame and a 90 kHz time', async () => {
    const pipeline = rig.pipelineOf(new FakeEncoderFactory('fake', { quantizer: 0.4 }));
    await pipeline.open();
    rig.nowUs = 40_000;
    pipeline.handleFrame(rig.frame(2));
    await settled();
    expect(rig.videos).toHaveLength(1);
    expect(rig.videos[0]).toMatchObject({
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
    expect(rig.released).toEqual([2]);
    await pipeline.close();
  });

  describe('of a frame that comes early', () => {
    /** Ticks in parts of the interval; the first is a keyframe. */
    async function sharesOf(...ticks: readonly number[]): Promise<number[]> {
      const factory = new FakeEncoderFactory('fake', { quantizer: 0.4 });
      const pipeline = rig.pipelineOf(factory);
      for (const [i, tick] of ticks.entries()) {
        pipeline.handleFrame(rig.frame(i, { tickUs: (tick * 1e6) / 60 }));
        await settled();
      }
      await pipeline.close();
      return factory.last.calls.map(({ share }) => share);
    }

    it('encodes what the time since the one before is worth, and at least half', async () => {
      rig.fillsPath = true;
      const shares = await sharesOf(0, 1, 1.95, 2.75, 3, 4, 5.3);
      expect(shares).toEqual([1, 1, 1, expect.closeTo(0.8), 0.5, 1, 1]);
      // What a frame had to be coarse for says nothing of the rate.
      const quantizers = rig.videos.map(({ quantizer }) => quantizer);
      expect(quantizers).toEqual([0.4, 0.4, 0.4, undefined, undefined, 0.4, 0.4]);
    });

    it('encodes all of it where the path is free by then', async () => {
      expect(await sharesOf(0, 1, 1.3, 2.3)).toEqual([1, 1, 1, 1]);
    });

    it('counts the time from the last frame that was encoded', async () => {
      rig.fillsPath = true;
      const factory = new FakeEncoderFactory('fake');
      const pipeline = rig.pipelineOf(factory);
      for (const [i, tick] of [0, 0.7, 1.3].entries()) {
        rig.mayEncode = i !== 1;
        pipeline.handleFrame(rig.frame(i, { tickUs: (tick * 1e6) / 60 }));
        await settled();
      }
      await pipeline.close();
      expect(factory.last.calls.map(({ share }) => share)).toEqual([1, 1]);
    });

    it('reckons with the frames that are sent, where these are fewer', async () => {
      rig.fillsPath = true;
      const factory = new FakeEncoderFactory('fake');
      const pipeline = rig.pipelineOf(factory);
      pipeline.setSent({ ...SIZE, frameRate: 30 });
      for (const [i, tick] of [0, 2, 3.5].entries()) {
        pipeline.handleFrame(rig.frame(i, { tickUs: (tick * 1e6) / 60 }));
        await settled();
      }
      await pipeline.close();
      expect(factory.last.calls.map(({ share }) => share)).toEqual([1, 1, expect.closeTo(0.75)]);
    });
  });

  it('wraps the RTP time at 32 bits and never lets two frames share one', async () => {
    const pipeline = rig.pipelineOf(new FakeEncoderFactory('fake'));
    const tickUs = (2 ** 32 / 90) * 1000;
    for (let i = 0; i < 3; i++) {
      pipeline.handleFrame(rig.frame(i, { tickUs }));
      await settled();
    }
    const times = rig.videos.map(({ rtpTimestamp }) => rtpTimestamp);
    expect(times[0]).toBeLessThan(2);
    expect(times).toEqual([0, 1, 2].map((step) => (times[0] ?? 0) + step));
    await pipeline.close();
  });

  it('keeps the newest frame while one is at work, and releases each exactly once', async () => {
    const factory = new FakeEncoderFactory('fake', { hold: true });
    const pipeline = rig.pipelineOf(factory);
    await pipeline.open();
    for (let i = 0; i < 5; i++) pipeline.handleFrame(rig.frame(i));
    await settled();
    expect(rig.released).toEqual([1, 2, 3]);
    factory.last.finish();
    await settled();
    factory.last.finish();
    await settled();
    expect(rig.videos.map(({ frameNumber }) => frameNumber)).toEqual([0, 4]);
    expect(rig.released).toEqual([1, 2, 3, 0, 4]);
    expect(pipeline.droppedFrames).toBe(3);
    await pipeline.close();
  });

  it('gives an RGBA frame back as soon as it is converted', async () => {
    const factory = new FakeEncoderFactory('fake', { hold: true });
    const pipeline = rig.pipelineOf(factory);
    await pipeline.open();
    const pixels = new Uint8Array(SIZE.width * SIZE.height * 4).fill(255);
    await new Promise<void>((resolve) => {
      const release = (): void => {
        rig.released.push(7);
        resolve();
      };
      pipeline.handleFrame(rig.frame(7, { format: 'rgba', pixels, release }));
    });
    expect(rig.videos).toHaveLength(0);
    await settled();
    expect(factory.last.calls[0]?.firstByte).toBe(235);
    factory.last.finish();
    await settled();
    expect(rig.released).toEqual([7]);
    expect(rig.videos).toHaveLength(1);
    await pipeline.close();
  });

  it('makes one keyframe of many requests, at most every 300 ms', async () => {
    const pipeline = rig.pipelineOf(new FakeEncoderFactory('fake'));
    const keyframesAt: number[] = [];
    for (let i = 0; i < 60; i++) {
      rig.nowUs = i * 10_000;
      pipeline.requestKeyframe();
      pipeline.handleFrame(rig.frame(i));
      await settled();
      if (rig.videos.at(-1)?.keyframe) keyframesAt.push(i * 10);
    }
    expect(keyframesAt).toEqual([0, 300]);
    await pipeline.close();
  });

  it('answers a request made within 300 ms of a keyframe once these have passed', async () => {
    const pipeline = rig.pipelineOf(new FakeEncoderFactory('fake'));
    pipeline.handleFrame(rig.frame(0));
    await settled();
    pipeline.requestKeyframe();
    const asked = [];
    for (const atUs of [100_000, 299_000, 300_000, 700_000]) {
      rig.nowUs = atUs;
      pipeline.handleFrame(rig.frame(rig.videos.length));
      await settled();
      asked.push(rig.videos.at(-1)?.keyframe);
    }
    expect(asked).toEqual([false, false, true, false]);
    await pipeline.close();
  });

  it('sends a smaller picture than the game draws, and none that is enlarged', async () => {
    const factory = new FakeEncoderFactory('fake');
    const pipeline = rig.pipelineOf(factory);
    pipeline.setSent({ width: 32, height: 16, frameRate: 60 });
    const small = { width: 16, height: 8 };
    for (const [n, size] of [SIZE, small, SIZE, small].entries()) {
      const scaled = rig.nextVideo();
      pipeline.handleFrame(rig.frame(n, size));
      await scaled;
      await settled();
    }
    expect(factory.opened.map(({ settings }) => settings.width)).toEqual([32, 16, 32, 16]);
    expect(factory.opened.filter(({ closed }) => !closed)).toHaveLength(1);
    expect(rig.videos.map(({ frameNumber }) => frameNumber)).toEqual([0, 1, 2, 3]);
    expect(rig.released).toEqual([0, 1, 2, 3]);
    await pipeline.close();
  });

  it('keeps the shape of a picture of another shape than what is to be sent', async () => {
    const factory = new FakeEncoderFactory('fake');
    const pipeline = rig.pipelineOf(factory);
    pipeline.setSent({ width: 160, height: 90, frameRate: 60 });
    const sizes = [
      { width: 320, height: 240 },
      { width: 320, height: 180 },
      { width: 318, height: 182 },
    ];
    for (const [n, size] of sizes.entries()) {
      const scaled = rig.nextVideo();
      pipeline.handleFrame(rig.frame(n, size));
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

  it('sends fewer frames, each of which may have more, with the encoder it has', async () => {
    const factory = new FakeEncoderFactory('fake');
    const pipeline = rig.pipelineOf(factory);
    await pipeline.open();
    pipeline.setSent({ ...SIZE, frameRate: 30 });
    for (let i = 0; i < 6; i++) {
      pipeline.handleFrame(rig.frame(i, { inputSeq: 1 }));
      await settled();
    }
    expect(rig.videos.map(({ frameNumber }) => frameNumber)).toEqual([0, 2, 4]);
    expect(rig.released).toEqual([0, 1, 2, 3, 4, 5]);
    expect(pipeline.skippedFrames).toBe(0);
    expect(factory.opened).toHaveLength(1);
    expect(factory.last.settings.bitrateBps).toBe(2_000_000);
    pipeline.setSent({ ...SIZE, frameRate: 60 });
    expect(factory.last.settings.bitrateBps).toBe(1_000_000);
    await pipeline.close();
  });

  it('skips frames while it may not encode, and sends the input they showed with the next', async () => {
    const pipeline = rig.pipelineOf(new FakeEncoderFactory('fake'));
    pipeline.setSent({ ...SIZE, frameRate: 30 });
    rig.mayEncode = false;
    for (const n of [0, 2]) {
      pipeline.handleFrame(rig.frame(n, { inputSeq: 1 }));
      await settled();
    }
    expect(rig.videos).toEqual([]);
    expect(pipeline.skippedFrames).toBe(2);
    rig.mayEncode = true;
    pipeline.handleFrame(rig.frame(3, { inputSeq: 1 }));
    await settled();
    expect(rig.videos.map(({ frameNumber, keyframe }) => ({ frameNumber, keyframe }))).toEqual([
      { frameNumber: 3, keyframe: true },
    ]);
    expect(rig.released).toEqual([0, 2, 3]);
    await pipeline.close();
  });

  it('releases everything when it is closed with frames at work and waiting', async () => {
    const factory = new FakeEncoderFactory('fake', { hold: true });
    const pipeline = rig.pipelineOf(factory);
    await pipeline.open();
    pipeline.handleFrame(rig.frame(0));
    pipeline.handleFrame(rig.frame(1));
    await settled();
    const closing = pipeline.close();
    pipeline.handleFrame(rig.frame(2));
    factory.last.stopHolding();
    await closing;
    await pipeline.close();
    expect(rig.released.sort()).toEqual([0, 1, 2]);
    expect(rig.videos).toEqual([]);
    expect(factory.last.closed).toBe(true);
  });
});

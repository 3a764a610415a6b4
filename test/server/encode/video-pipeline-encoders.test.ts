import { beforeEach, describe, expect, it } from 'vitest';
import { FakeEncoderFactory } from '../../support/fake-encoder.ts';
import { settled, VideoPipelineRig } from './video-pipeline-rig.ts';

describe('The encoders of a VideoPipeline', () => {
  let rig = new VideoPipelineRig();
  beforeEach(() => {
    rig = new VideoPipelineRig();
  });

  it('goes on in the old size until the encoder of the new one has opened', async () => {
    const factory = new FakeEncoderFactory('fake', { holdOpening: true });
    const pipeline = rig.pipelineOf(factory);
    const open = pipeline.open();
    factory.finishOpening();
    await open;
    pipeline.handleFrame(rig.frame(0));
    await settled();
    for (const n of [1, 2]) {
      const scaled = rig.nextVideo();
      pipeline.handleFrame(rig.frame(n, { width: 128, height: 64 }));
      await scaled;
    }
    expect(factory.openings).toBe(1);
    factory.finishOpening();
    await settled();
    pipeline.handleFrame(rig.frame(3, { width: 128, height: 64 }));
    await settled();
    expect(rig.videos.map(({ width }) => width)).toEqual([64, 64, 64, 128]);
    expect(rig.videos.map(({ keyframe }) => keyframe)).toEqual([true, false, false, true]);
    expect(factory.opened.map(({ closed }) => closed)).toEqual([true, false]);
    expect(rig.released).toEqual([0, 1, 2, 3]);
    await pipeline.close();
  });

  it('drops the encoder of a size that was asked for and taken back at once', async () => {
    const factory = new FakeEncoderFactory('fake', { holdOpening: true });
    const pipeline = rig.pipelineOf(factory);
    const open = pipeline.open();
    factory.finishOpening();
    await open;
    pipeline.setSent({ width: 32, height: 16, frameRate: 60 });
    pipeline.setSent({ width: 64, height: 32, frameRate: 60 });
    factory.finishOpening();
    await settled();
    pipeline.handleFrame(rig.frame(0));
    await settled();
    expect(rig.videos.map(({ width }) => width)).toEqual([64]);
    expect(factory.opened.map(({ closed }) => closed)).toEqual([false, true]);
    await pipeline.close();
  });

  it('changes the codec without a gap, and begins it with a keyframe', async () => {
    const h264 = new FakeEncoderFactory('a', {}, 'h264');
    const vp8 = new FakeEncoderFactory('b', { holdOpening: true }, 'vp8');
    const pipeline = rig.pipelineOf(h264);
    pipeline.handleFrame(rig.frame(0));
    await settled();
    pipeline.setEncoders([vp8]);
    pipeline.handleFrame(rig.frame(1));
    await settled();
    pipeline.setBitrate(2_000_000);
    expect(rig.encoders).toEqual(['a']);
    vp8.finishOpening();
    await settled();
    // Said as soon as it is so, whether or not a frame comes.
    expect(rig.encoders).toEqual(['a', 'b']);
    pipeline.handleFrame(rig.frame(2));
    await settled();
    expect(rig.videos.map(({ codec, keyframe }) => ({ codec, keyframe }))).toEqual([
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
    const pipeline = rig.pipelineOf(old);
    await pipeline.open();
    pipeline.handleFrame(rig.frame(0));
    await settled();
    pipeline.setEncoders([new FakeEncoderFactory('new')]);
    await settled();
    expect(rig.encoders).toEqual(['old']);
    old.last.finish();
    await settled();
    expect(rig.videos).toHaveLength(1);
    expect(rig.encoders).toEqual(['old', 'new']);
    expect(old.last.closed).toBe(true);
    await pipeline.close();
  });

  it('goes on with what it has where the encoder wanted does not open, and tries it once', async () => {
    const good = new FakeEncoderFactory('good');
    const bad = new FakeEncoderFactory('bad', { refuseToOpen: true }, 'vp8');
    const pipeline = rig.pipelineOf(good);
    await pipeline.open();
    pipeline.setEncoders([bad]);
    for (let i = 0; i < 3; i++) {
      pipeline.handleFrame(rig.frame(i));
      await settled();
    }
    expect(rig.encoders).toEqual(['good', 'good']);
    expect(rig.causes[1]).toMatchObject({ code: 'encoder-failed' });
    expect(rig.videos.map(({ codec }) => codec)).toEqual(['h264', 'h264', 'h264']);
    expect(rig.failures).toEqual([]);
    await pipeline.close();
  });

  it('opens another encoder for another rate of the game, beside the frame at work', async () => {
    const factory = new FakeEncoderFactory('fake', { hold: true });
    const pipeline = rig.pipelineOf(factory);
    await pipeline.open();
    pipeline.handleFrame(rig.frame(0));
    await settled();
    pipeline.setFrameRate(30);
    pipeline.handleFrame(rig.frame(1));
    factory.last.finish();
    factory.opened[0]?.finish();
    await settled();
    factory.last.finish();
    await settled();
    expect(factory.opened.map(({ settings }) => settings.frameRate)).toEqual([60, 30]);
    expect(rig.videos.map(({ keyframe }) => keyframe)).toEqual([true, true]);
    expect(rig.failures).toEqual([]);
    await pipeline.close();
  });

  it('passes a bitrate on, to the encoder that opens next as well', async () => {
    const factory = new FakeEncoderFactory('fake');
    const pipeline = rig.pipelineOf(factory);
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
    const pipeline = rig.pipelineOf(factory);
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
    const pipeline = rig.pipelineOf(failing, new FakeEncoderFactory('good'));
    for (let i = 0; i < 3; i++) {
      pipeline.handleFrame(rig.frame(i));
      await settled();
    }
    expect(rig.encoders).toEqual(['failing', 'good']);
    expect(rig.videos.map(({ keyframe }) => keyframe)).toEqual([true, true, false]);
    expect(rig.released).toEqual([0, 1, 2]);
    await pipeline.close();
  });

  it('reports once that no encoder is left, and still releases what comes', async () => {
    const pipeline = rig.pipelineOf(new FakeEncoderFactory('failing', { failAtCall: 1 }));
    await pipeline.open();
    pipeline.handleFrame(rig.frame(0));
    pipeline.handleFrame(rig.frame(1));
    await settled();
    pipeline.handleFrame(rig.frame(2));
    expect(rig.failures.map(({ code }) => code)).toEqual(['encoder-failed']);
    expect(rig.released.sort()).toEqual([0, 1, 2]);
    await pipeline.close();
  });
});

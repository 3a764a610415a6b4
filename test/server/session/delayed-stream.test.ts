import { describe, expect, it } from 'vitest';
import type { VideoFrame } from '../../../renderer/game-runtime.ts';
import { PictureDelay } from '../../../renderer/picture-delay.ts';
import { VirtualTime } from '../../../renderer/virtual-time.ts';
import { DelayedStream } from '../../../server/session/delayed-stream.ts';
import { FakeSharedStream } from '../../support/fake-stream-connection.ts';

const SHAPE = {
  resolution: { width: 512, height: 288 },
  frameRate: 60,
  maxBitrateBps: 2_000_000,
  codec: 'auto',
} as const;

class KeepingStream extends FakeSharedStream {
  readonly kept: VideoFrame[] = [];

  override handleFrame(frame: VideoFrame): void {
    this.kept.push(frame);
    super.handleFrame(frame);
  }
}

function open() {
  const time = new VirtualTime();
  const inner = new KeepingStream(SHAPE, {
    handlePictureWanted: () => undefined,
    handleFailure: () => undefined,
    handleEncodings: () => undefined,
  });
  const stream = new DelayedStream(inner, new PictureDelay(60, time));
  let released = 0;
  const pixels = new Uint8Array([1, 2, 3]);
  const give = (frameNumber: number) =>
    stream.handleFrame({
      format: 'i420',
      ...SHAPE.resolution,
      pixels,
      frameNumber,
      inputSeq: 4,
      inputReceivedUs: 5,
      tickUs: 6,
      renderedUs: 7,
      release: () => released++,
    });
  return { time, inner, stream, give, pixels, released: () => released };
}

describe('DelayedStream', () => {
  it('passes each frame on as it was, after its time', () => {
    const { time, inner, give, pixels } = open();
    give(1);
    pixels.fill(9);
    time.advance(16);
    give(2);
    time.advance(43);
    expect(inner.kept).toEqual([]);
    time.advance(1);
    expect(inner.kept).toMatchObject([
      { frameNumber: 1, inputSeq: 4, inputReceivedUs: 5, tickUs: 6, renderedUs: 7 },
    ]);
    expect([...(inner.kept[0]?.pixels ?? [])]).toEqual([1, 2, 3]);
    time.advance(16);
    expect(inner.kept.map(({ frameNumber }) => frameNumber)).toEqual([1, 2]);
  });

  it('gives lent memory back at once, so that nothing is drawn less often', () => {
    const { give, released } = open();
    for (let frame = 1; frame <= 5; frame++) give(frame);
    expect(released()).toBe(5);
  });

  it('passes sound on without delay', () => {
    const { inner, stream } = open();
    stream.handleSound({ samples: new Float32Array(960), dueUs: 0 });
    expect(inner.sounds).toBe(1);
  });

  it('leaves no timer and passes nothing on once it is closed', async () => {
    const { time, inner, stream, give } = open();
    give(1);
    await stream.close();
    expect(time.pendingTimers).toBe(0);
    time.advance(100);
    expect(inner.frames).toBe(0);
    expect(inner.closed).toBe(true);
  });
});

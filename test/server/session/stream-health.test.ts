import { describe, expect, it } from 'vitest';
import type { EncodedVideo } from '../../../server/encode/video-pipeline.ts';
import { StreamHealth } from '../../../server/session/stream-health.ts';

const NO_COUNTS = {
  video: { drawnFrames: 0, droppedFrames: 0, skippedFrames: 0 },
  sender: undefined,
  rejectedMessages: 0,
};

/** What it costs is all that counts here. */
function frame(costMs: number): EncodedVideo {
  return { tickUs: 0, encodedUs: costMs * 1000 } as EncodedVideo;
}

describe('StreamHealth', () => {
  function started() {
    const calm: boolean[] = [];
    const delay = {
      takeP99Ms: (isCalm: boolean) => {
        calm.push(isCalm);
        return 7;
      },
    };
    return { calm, health: new StreamHealth(0, delay) };
  }

  it('sums up a window, and starts a new one', () => {
    const { health } = started();
    for (let cost = 1; cost <= 100; cost++) health.handleVideo(frame(cost));
    const video = { drawnFrames: 110, droppedFrames: 4, skippedFrames: 6 };
    const first = health.take(2e6, { ...NO_COUNTS, video });
    expect(first.message).toMatchObject({ framesPerSecond: 50, eventLoopDelayP99Ms: 7 });
    expect(first.cost).toEqual({ framesPerSecond: 53, frameCostP95Ms: 96, eventLoopDelayP99Ms: 7 });
    const second = health.take(3e6, { ...NO_COUNTS, video });
    expect(second.cost).toEqual({ framesPerSecond: 0, frameCostP95Ms: 0, eventLoopDelayP99Ms: 7 });
  });

  it('has the event loop watched less closely while the picture stands still', () => {
    const { calm, health } = started();
    for (const [second, frames] of [60, 4, 1, 0, 2].entries()) {
      for (let i = 0; i < frames; i++) health.handleVideo(frame(1));
      health.take((second + 1) * 1e6, NO_COUNTS);
    }
    expect(calm).toEqual([false, false, true, true, false]);
  });
});

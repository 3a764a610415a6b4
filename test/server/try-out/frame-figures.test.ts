import { describe, expect, it } from 'vitest';
import { FrameFigures } from '../../../server/try-out/frame-figures.ts';

describe('FrameFigures', () => {
  it('tells the game’s time between pictures from the stream’s time to encode one', () => {
    const figures = new FrameFigures();
    // 20 ms a picture, and one of twenty that takes 60.
    let tickUs = 0;
    for (let i = 0; i < 20; i++) {
      figures.handleFrame({ tickUs });
      figures.handleVideo({ renderedUs: tickUs + 1_000, encodedUs: tickUs + 1_000 + 3_000 });
      tickUs += i === 10 ? 60_000 : 20_000;
    }
    expect(figures.describe()).toEqual({
      frames: 20,
      frameRate: 45.24,
      frameTimeP50Ms: 20,
      frameTimeP95Ms: 60,
      encodeP50Ms: 3,
      encodeP95Ms: 3,
    });
  });

  it('does not count what is sent again', () => {
    const figures = new FrameFigures();
    figures.handleFrame({ tickUs: 0 });
    figures.handleFrame({ tickUs: 50_000, isRepeat: true });
    figures.handleFrame({ tickUs: 100_000 });
    expect(figures.describe()).toMatchObject({ frames: 2, frameRate: 10, frameTimeP50Ms: 100 });
  });

  it('says nothing of what did not happen', () => {
    const figures = new FrameFigures();
    const none = { frameTimeP50Ms: null, frameTimeP95Ms: null, encodeP50Ms: null };
    expect(figures.describe()).toMatchObject({ frames: 0, frameRate: null, ...none });
    figures.handleFrame({ tickUs: 5 });
    expect(figures.describe()).toMatchObject({ frames: 1, frameRate: null, ...none });
  });
});

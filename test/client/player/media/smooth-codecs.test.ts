import { describe, expect, it } from 'vitest';
import { type DecodingInfo, smoothCodecs } from '../../../../client/player/media/smooth-codecs.ts';
import type { VideoCodec } from '../../../../protocol/stream-settings.ts';
import { BrowserTime } from '../../../support/browser-time.ts';

const RECEIVED: readonly VideoCodec[] = ['av1', 'h264', 'vp8'];

function choose(decodingInfo: DecodingInfo | undefined, time = new BrowserTime()) {
  return smoothCodecs(RECEIVED, decodingInfo, time);
}

describe('smoothCodecs', () => {
  it('leaves out what stutters, having asked about 720p at 60 frames a second', async () => {
    const asked: unknown[] = [];
    const chosen = await choose(async ({ type, video }) => {
      asked.push([type, video?.contentType, video?.width, video?.height, video?.framerate]);
      return { smooth: video?.contentType !== 'video/AV1' };
    });
    expect(chosen).toEqual(['h264', 'vp8']);
    expect(asked[0]).toEqual(['webrtc', 'video/AV1', 1280, 720, 60]);
  });

  it('keeps everything where everything stutters', async () => {
    expect(await choose(async () => ({ smooth: false }))).toEqual(RECEIVED);
  });

  it('keeps what the browser cannot tell about', async () => {
    expect(await choose(undefined)).toEqual(RECEIVED);
    const chosen = await choose(async ({ video }) => {
      if (video?.contentType === 'video/AV1') throw new TypeError('webrtc is no type');
      return { smooth: video?.contentType === 'video/VP8' };
    });
    expect(chosen).toEqual(['av1', 'vp8']);
  });

  it('waits 300 ms for an answer, and leaves no timer behind', async () => {
    const time = new BrowserTime();
    const late = choose(() => new Promise(() => undefined), time);
    time.advance(300);
    expect(await late).toEqual(RECEIVED);
    await choose(async () => ({ smooth: true }), time);
    expect(time.pendingTimers).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { displayedFrame } from '../../../../client/player/media/video-output.ts';

const METADATA = {
  mediaTime: 1.5,
  rtpTimestamp: 90_000,
  receiveTime: 1000,
  presentationTime: 1005,
};

describe('displayedFrame', () => {
  it('is shown when the page can see it', () => {
    expect(displayedFrame(METADATA, 1011, 1_500_000)?.shownMs).toBe(1011);
  });

  it('does without the time of arrival', () => {
    const { receiveTime: _, ...metadata } = METADATA;
    expect(displayedFrame(metadata, 1011, undefined)).toMatchObject({ receivedMs: undefined });
  });

  it('is none where there is no RTP timestamp to join it by', () => {
    const { rtpTimestamp: _, ...metadata } = METADATA;
    expect(displayedFrame(metadata, 1011, undefined)).toBeUndefined();
  });

  it('tells whether the element has gone on to the next frame', () => {
    const ahead = (pictureUs: number | undefined) =>
      displayedFrame(METADATA, 1011, pictureUs)?.successorVisible;
    expect([ahead(1_500_000), ahead(1_502_856), ahead(undefined)]).toEqual([false, true, false]);
  });
});

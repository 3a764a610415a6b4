import { describe, expect, it } from 'vitest';
import { displayedFrame } from '../../../../client/player/media/video-output.ts';

const METADATA = {
  rtpTimestamp: 90_000,
  receiveTime: 1000,
  presentationTime: 1005,
};

describe('displayedFrame', () => {
  it('is shown when the page can see it', () => {
    expect(displayedFrame(METADATA, 1011)?.shownMs).toBe(1011);
  });

  it('does without the time of arrival', () => {
    const { receiveTime: _, ...metadata } = METADATA;
    expect(displayedFrame(metadata, 1011)).toMatchObject({ receivedMs: undefined });
  });

  it('is none where there is no RTP timestamp to join it by', () => {
    const { rtpTimestamp: _, ...metadata } = METADATA;
    expect(displayedFrame(metadata, 1011)).toBeUndefined();
  });
});

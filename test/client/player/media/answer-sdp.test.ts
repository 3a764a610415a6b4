import { describe, expect, it } from 'vitest';
import { withStereo } from '../../../../client/player/media/answer-sdp.ts';

describe('withStereo', () => {
  it('asks for stereo in the format of every Opus payload and in no other', () => {
    const sdp =
      'a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\n' +
      'a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10\r\n';
    expect(withStereo(sdp)).toBe(sdp.replace('minptime=10', 'minptime=10;stereo=1'));
  });

  it('does not ask twice', () => {
    const sdp = 'a=rtpmap:111 opus/48000/2\r\na=fmtp:111 stereo=1;minptime=10\r\n';
    expect(withStereo(sdp)).toBe(sdp);
  });
});

import { describe, expect, it } from 'vitest';
import { withStereo, withWholeKeyframes } from '../../../../client/player/media/answer-sdp.ts';

const SDP =
  'a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\n' +
  'a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n' +
  'a=rtpmap:98 H264/90000\r\na=fmtp:98 profile-level-id=640034\r\n' +
  'a=rtpmap:100 H265/90000\r\na=fmtp:100 profile-id=1\r\n' +
  'a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10\r\n';

describe('withStereo', () => {
  it('asks for stereo in the format of every Opus payload and in no other', () => {
    expect(withStereo(SDP)).toBe(SDP.replace('minptime=10', 'minptime=10;stereo=1'));
  });

  it('does not ask twice', () => {
    const sdp = 'a=rtpmap:111 opus/48000/2\r\na=fmtp:111 stereo=1;minptime=10\r\n';
    expect(withStereo(sdp)).toBe(sdp);
  });
});

describe('withWholeKeyframes', () => {
  it('asks for keyframes with their parameter sets in every format of H.264 and in no other', () => {
    const whole = SDP.replace(
      'packetization-mode=1',
      'packetization-mode=1;sps-pps-idr-in-keyframe=1',
    ).replace('640034', '640034;sps-pps-idr-in-keyframe=1');
    expect(withWholeKeyframes(SDP)).toBe(whole);
  });

  it('does not ask twice', () => {
    const whole = withWholeKeyframes(SDP);
    expect(withWholeKeyframes(whole)).toBe(whole);
  });
});

import { describe, expect, it } from 'vitest';
import { withStereo } from '../../../../client/player/media/answer-sdp.ts';
import { receivableCodecs } from '../../../../client/player/media/receivable-codecs.ts';

describe('receivableCodecs', () => {
  const h264 = (sdpFmtpLine: string) => ({ mimeType: 'video/H264', sdpFmtpLine });
  const vp8 = { mimeType: 'video/VP8' };

  it('prefers H.264 to VP8, in whatever order the browser lists them', () => {
    const baseline = h264('level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f');
    expect(receivableCodecs([{ mimeType: 'video/rtx' }, vp8, baseline])).toEqual(['h264', 'vp8']);
  });

  it('does not take H.264 without fragments, or of a higher profile only', () => {
    expect(receivableCodecs([h264('packetization-mode=0;profile-level-id=42e01f')])).toEqual([]);
    expect(receivableCodecs([h264('profile-level-id=42e01f')])).toEqual([]);
    expect(receivableCodecs([h264('packetization-mode=1;profile-level-id=64001f')])).toEqual([]);
  });

  it('takes VP8 alone, as Firefox has it without its plug-in', () => {
    expect(receivableCodecs([vp8, { mimeType: 'video/AV1' }])).toEqual(['vp8']);
    expect(receivableCodecs([])).toEqual([]);
  });
});

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

import { describe, expect, it } from 'vitest';
import { withBitrates } from '../../bench/baseline/google-bitrates.ts';

const sdp = (...lines: string[]) =>
  ['v=0', 'm=video 9 UDP/TLS/RTP/SAVPF 96 97', ...lines, 'a=rtpmap:97 rtx/90000', ''].join('\r\n');

describe('withBitrates', () => {
  it('adds its parameters to those of the codec in use', () => {
    const answer = sdp('a=rtpmap:96 VP9/90000', 'a=fmtp:96 profile-id=0');
    expect(withBitrates(answer)).toContain(
      'a=fmtp:96 profile-id=0;x-google-start-bitrate=6000;x-google-max-bitrate=12000\r\n',
    );
  });

  it('makes a line of parameters for a codec that has none', () => {
    expect(withBitrates(sdp('a=rtpmap:96 VP8/90000'))).toContain(
      'a=rtpmap:96 VP8/90000\r\na=fmtp:96 x-google-start-bitrate=6000;x-google-max-bitrate=12000\r\n',
    );
  });

  it('leaves an answer without video as it is', () => {
    expect(withBitrates('v=0\r\n')).toBe('v=0\r\n');
  });
});

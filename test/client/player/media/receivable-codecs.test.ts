import { describe, expect, it } from 'vitest';
import { receivableCodecs } from '../../../../client/player/media/receivable-codecs.ts';

const format = (name: string) => (sdpFmtpLine: string) => ({
  mimeType: `video/${name}`,
  sdpFmtpLine,
});
const av1 = format('AV1');
const h264 = format('H264');
const h265 = format('H265');
const vp8 = { mimeType: 'video/VP8' };

describe('receivableCodecs', () => {
  it('lists what needs fewer bits first, in whatever order the browser lists them', () => {
    const listed = [
      { mimeType: 'video/rtx' },
      vp8,
      h264('level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f'),
      h265('level-id=93;profile-id=1;tier-flag=0;tx-mode=SRST'),
      av1('level-idx=5;profile=0;tier=0'),
    ];
    expect(receivableCodecs(listed)).toEqual(['av1', 'h265', 'h264', 'vp8']);
  });

  it('does not take H.264 without fragments, or of a higher profile only', () => {
    expect(receivableCodecs([h264('packetization-mode=0;profile-level-id=42e01f')])).toEqual([]);
    expect(receivableCodecs([h264('profile-level-id=42e01f')])).toEqual([]);
    expect(receivableCodecs([h264('packetization-mode=1;profile-level-id=64001f')])).toEqual([]);
  });

  it('takes AV1 of profile 0 only, which is what is meant where none is named', () => {
    expect(receivableCodecs([av1('level-idx=5;profile=1;tier=0')])).toEqual([]);
    expect(receivableCodecs([av1('profile=1'), av1('profile=0')])).toEqual(['av1']);
    expect(receivableCodecs([{ mimeType: 'video/AV1' }])).toEqual(['av1']);
  });

  it('takes H.265 of the main profile only', () => {
    expect(receivableCodecs([h265('level-id=93;profile-id=2')])).toEqual([]);
    expect(receivableCodecs([h265('level-id=93')])).toEqual(['h265']);
  });

  it('takes VP8 alone, as Firefox has it without its plug-in', () => {
    expect(receivableCodecs([vp8, { mimeType: 'video/VP9' }])).toEqual(['vp8']);
    expect(receivableCodecs([])).toEqual([]);
  });
});

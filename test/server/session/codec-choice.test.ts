import { describe, expect, it } from 'vitest';
import type { EncoderReport } from '../../../protocol/container-messages.ts';
import type { VideoCodec } from '../../../protocol/stream-settings.ts';
import { rankCodecs } from '../../../server/session/codec-choice.ts';

const PIXELS_PER_SECOND = 1280 * 720 * 60;

/** @param times how many times faster than the stream it encodes. */
function encoder(codec: VideoCodec, times: number, hardware = false): EncoderReport {
  return { name: `a-${codec}`, codec, hardware, pixelsPerSecond: PIXELS_PER_SECOND * times };
}

function rank(
  encoders: readonly EncoderReport[],
  receivable: readonly VideoCodec[] = ['av1', 'h265', 'h264', 'vp8'],
  wanted: VideoCodec | 'auto' = 'auto',
) {
  return rankCodecs({ receivable, encoders, wanted, pixelsPerSecond: PIXELS_PER_SECOND });
}

describe('rankCodecs', () => {
  it('prefers the codec that needs the fewest bits among those encoded in time', () => {
    expect(rank([encoder('vp8', 9), encoder('h264', 5), encoder('av1', 3.2, true)])).toEqual([
      'av1',
      'h264',
      'vp8',
    ]);
  });

  it('takes software AV1 only when asked, however fast: it cannot follow a changing network', () => {
    const encoders = [encoder('h264', 3.1), encoder('av1', 50)];
    expect(rank(encoders)).toEqual(['h264', 'av1']);
    expect(rank(encoders, ['av1', 'h264'], 'av1')[0]).toBe('av1');
    expect(rank([encoder('av1', 50)])).toEqual(['av1']);
  });

  it('leaves a thrifty codec behind where encoding it takes too long', () => {
    expect(rank([encoder('h264', 5), encoder('av1', 1.2, true)])).toEqual(['h264', 'av1']);
  });

  it('asks less headroom of hardware, which works beside the game', () => {
    expect(rank([encoder('h264', 5), encoder('av1', 1.6, true)])).toEqual(['av1', 'h264']);
  });

  it('counts the best of several encoders of a codec', () => {
    expect(rank([encoder('av1', 0.5), encoder('av1', 2, true), encoder('h264', 9)])[0]).toBe('av1');
  });

  it('does not let a little speed decide where none is in time', () => {
    expect(rank([encoder('vp8', 1.4), encoder('h264', 1.1)])).toEqual(['h264', 'vp8']);
    expect(rank([encoder('vp8', 1.4), encoder('h264', 0.6)])).toEqual(['vp8', 'h264']);
  });

  it('takes the fastest where none is in time', () => {
    expect(rank([encoder('vp8', 1.4), encoder('h264', 0.4)])).toEqual(['vp8', 'h264']);
  });

  it('does what the player asked for where both sides can', () => {
    const encoders = [encoder('h264', 5), encoder('vp8', 2)];
    expect(rank(encoders, ['h264', 'vp8'], 'vp8')).toEqual(['vp8', 'h264']);
    expect(rank(encoders, ['h264', 'vp8'], 'av1')).toEqual(['h264', 'vp8']);
  });

  it('offers only what the browser decodes, and says so where that is nothing', () => {
    expect(rank([encoder('h264', 5), encoder('vp8', 4)], ['vp8'])).toEqual(['vp8']);
    expect(() => rank([encoder('h264', 5)], ['vp8'])).toThrow(/none of the video codecs/);
  });
});

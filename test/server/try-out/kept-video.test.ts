import { describe, expect, it } from 'vitest';
import type { EncodedVideo } from '../../../server/encode/video-pipeline.ts';
import { KeptVideo } from '../../../server/try-out/kept-video.ts';

function video(atMs: number, data: Uint8Array, keyframe = false): EncodedVideo {
  return {
    data,
    codec: 'h264',
    keyframe,
    quantizer: undefined,
    width: 640,
    height: 360,
    rtpTimestamp: 0,
    frameNumber: 0,
    inputSeq: 0,
    inputReceivedUs: 0,
    tickUs: 7_000_000 + atMs * 1000,
    renderedUs: 0,
    encodedUs: 0,
  };
}

describe('KeptVideo', () => {
  it('is an IVF file with the time of each picture', () => {
    const kept = new KeptVideo(() => {});
    kept.handleVideo(video(0, new Uint8Array([1, 2, 3]), true));
    kept.handleVideo(video(16.7, new Uint8Array([4, 5])));
    // Two in one millisecond still come one after the other.
    kept.handleVideo(video(16.9, new Uint8Array([6])));
    const file = Buffer.from(kept.toIvf() ?? []);
    expect(file.subarray(0, 4).toString()).toBe('DKIF');
    expect(file.subarray(8, 12).toString()).toBe('H264');
    expect([file.readUInt16LE(12), file.readUInt16LE(14)]).toEqual([640, 360]);
    expect([file.readUInt32LE(16), file.readUInt32LE(20)]).toEqual([1000, 1]);
    const pictures: [number, number[]][] = [];
    for (let at = 32; at < file.length; ) {
      const bytes = file.readUInt32LE(at);
      const ms = Number(file.readBigUInt64LE(at + 4));
      pictures.push([ms, [...file.subarray(at + 12, at + 12 + bytes)]]);
      at += 12 + bytes;
    }
    expect(pictures).toEqual([
      [0, [1, 2, 3]],
      [17, [4, 5]],
      [18, [6]],
    ]);
    expect(kept.durationMs).toBeCloseTo(16.9);
  });

  it('starts again at a keyframe that it asks for when it has become too much', () => {
    let asked = 0;
    const kept = new KeptVideo(() => asked++);
    const large = new Uint8Array(40 * 2 ** 20);
    kept.handleVideo(video(0, large, true));
    kept.handleVideo(video(16, large));
    expect(asked).toBe(1);
    kept.handleVideo(video(32, new Uint8Array(9)));
    expect(kept.toIvf()).toBeUndefined();
    kept.handleVideo(video(48, new Uint8Array(9), true));
    expect(kept.pictures).toBe(1);
    expect(asked).toBe(1);
  });
});

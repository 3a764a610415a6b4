import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { IvfStream, type Pictured } from '../../../server/try-out/ivf-stream.ts';

function video(atMs: number, data: Uint8Array): Pictured {
  return { data, codec: 'h264', width: 640, height: 360, tickUs: 7_000_000 + atMs * 1000 };
}

describe('IvfStream', () => {
  it('is an IVF file with the time of each picture', async () => {
    const stream = new IvfStream();
    const read = buffer(stream.readable);
    stream.handleVideo(video(0, new Uint8Array([1, 2, 3])));
    stream.handleVideo(video(16.7, new Uint8Array([4, 5])));
    // Two in one millisecond still come one after the other.
    stream.handleVideo(video(16.9, new Uint8Array([6])));
    stream.end();
    const file = await read;
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
    expect(stream.durationMs).toBeCloseTo(16.9);
    expect(stream.pictures).toBe(3);
  });

  it('is empty where there was no picture', async () => {
    const stream = new IvfStream();
    stream.end();
    expect(await buffer(stream.readable)).toHaveLength(0);
    expect([stream.durationMs, stream.pictures]).toEqual([0, 0]);
  });
});

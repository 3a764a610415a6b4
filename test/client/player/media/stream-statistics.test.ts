import { describe, expect, it } from 'vitest';
import { readCounters } from '../../../../client/player/media/stream-counters.ts';
import { StreamStatistics } from '../../../../client/player/media/stream-statistics.ts';

type Stats = { type: string } & Record<string, unknown>;
const report = (...stats: Stats[]) => stats.map((one, i) => [String(i), one] as const);
const video = (fields: object = {}) => ({ type: 'inbound-rtp', kind: 'video', ...fields });
const audio = (fields: object = {}) => ({ type: 'inbound-rtp', kind: 'audio', ...fields });

describe('readCounters', () => {
  it('finds the picture among the rest, in milliseconds', () => {
    const counters = readCounters(
      report(
        { type: 'codec' },
        audio({ jitter: 9, bytesReceived: 7 }),
        video({ timestamp: 5, jitter: 0.002, totalDecodeTime: 1.5, jitterBufferDelay: 0.25 }),
        { type: 'transport', bytesReceived: 1000 },
      ),
    );
    expect(counters).toMatchObject({
      atMs: 5,
      pathBytes: 1000,
      jitterMs: 2,
      decodeMs: 1500,
      bufferDelayMs: 250,
      framesDecoded: 0,
    });
  });

  it('counts the media where the browser does not count the transport', () => {
    const counters = readCounters(
      report(audio({ bytesReceived: 7 }), video({ bytesReceived: 30 })),
    );
    expect(counters).toMatchObject({ pathBytes: 37, jitterMs: undefined });
  });

  it('knows nothing before there is a picture', () => {
    expect(readCounters(report(audio()))).toBeUndefined();
  });
});

describe('StreamStatistics', () => {
  it('gives rates over the last second', () => {
    const statistics = new StreamStatistics();
    const at = (timestamp: number, framesDecoded: number, jitterBufferDelay: number) => {
      const counters = readCounters(
        report(
          video({
            timestamp,
            framesDecoded,
            jitterBufferDelay,
            jitterBufferEmittedCount: framesDecoded,
            bytesReceived: framesDecoded * 1000,
          }),
        ),
      );
      if (!counters) throw new Error('no picture');
      return statistics.handleCounters(counters);
    };
    expect(at(0, 0, 0)).toMatchObject({ framesPerSecond: 0, bitrateBps: 0, jitterBufferMs: 0 });
    at(500, 30, 0.3);
    at(1000, 60, 0.6);
    // The slow first second is forgotten half a second at a time.
    expect(at(1500, 75, 0.9)).toMatchObject({ framesPerSecond: 45, bitrateBps: 360_000 });
    expect(at(1500, 75, 0.9).jitterBufferMs).toBeCloseTo(600 / 45);
    statistics.reset();
    expect(at(2000, 90, 1)).toMatchObject({ framesPerSecond: 0 });
  });
});

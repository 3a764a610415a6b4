import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  packetsPerFrame,
  usefulTargetBps,
  videoPayloadBps,
} from '../../../server/transport/bitrate-allocation.ts';

const SHAPE = { frameRate: 60, maxPayloadBytes: 1100, overheadBytes: 50 };

describe('videoPayloadBps', () => {
  it('leaves the rest to the picture: all that sound, repair and headers do not take', () => {
    const shares = { targetBps: 5_000_000, audioBps: 170_000, retransmissionBps: 100_000 };
    // 9854 bytes a frame on the wire are 9 packets.
    expect(packetsPerFrame(4_730_000, SHAPE)).toBe(9);
    expect(videoPayloadBps(shares, 0, SHAPE)).toBe(4_730_000 - 9 * 50 * 8 * 60);
    const halved = videoPayloadBps(shares, 1, SHAPE);
    expect(halved).toBe(2_365_000 - 5 * 50 * 8 * 60);
  });

  it('never falls below 100 kbit/s', () => {
    const shares = { targetBps: 50_000, audioBps: 170_000, retransmissionBps: 0 };
    expect(videoPayloadBps(shares, 0.3, SHAPE)).toBe(100_000);
  });

  it('never makes more wire bytes than there are', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000_000, max: 50_000_000 }),
        fc.constantFrom(30, 60, 120),
        fc.double({ min: 0, max: 0.4, noNaN: true }),
        (targetBps, frameRate, ratio) => {
          const shape = { ...SHAPE, frameRate };
          const shares = { targetBps, audioBps: 0, retransmissionBps: 0 };
          const payload = videoPayloadBps(shares, ratio, shape);
          const frameBytes = payload / 8 / frameRate;
          const packets = Math.ceil(frameBytes / shape.maxPayloadBytes - 1e-9);
          const wireBps =
            (frameBytes + packets * shape.overheadBytes) * 8 * frameRate * (1 + ratio);
          expect(wireBps).toBeLessThanOrEqual(targetBps * (1 + 1e-9));
          // And next to nothing is left over.
          expect(wireBps).toBeGreaterThan(targetBps * 0.9);
        },
      ),
    );
  });
});

describe('usefulTargetBps', () => {
  it('is enough for the chosen rate with its repair and a little more, and not much more', () => {
    const costs = { audioBps: 170_000, retransmissionBps: 100_000 };
    for (const videoBps of [300_000, 2_000_000, 12_000_000, 50_000_000]) {
      for (const ratio of [0, 0.2]) {
        const targetBps = usefulTargetBps(videoBps, costs, ratio, SHAPE);
        const payload = videoPayloadBps({ ...costs, targetBps }, ratio, SHAPE);
        expect(payload).toBeGreaterThanOrEqual(videoBps * 1.05);
        expect(payload).toBeLessThan(videoBps * 1.15);
      }
    }
  });
});

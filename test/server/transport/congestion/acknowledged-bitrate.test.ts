import { describe, expect, it } from 'vitest';
import { AcknowledgedBitrate } from '../../../../server/transport/congestion/acknowledged-bitrate.ts';

describe('AcknowledgedBitrate', () => {
  it('is unknown at first, then the rate at which bytes arrive', () => {
    const acknowledged = new AcknowledgedBitrate();
    expect(acknowledged.bitrateBps).toBeUndefined();
    acknowledged.add(1000, 7e9);
    expect(acknowledged.bitrateBps).toBeUndefined();
    for (let i = 1; i < 1000; i++) acknowledged.add(1000, 7e9 + i * 2000);
    expect(acknowledged.bitrateBps).toBeCloseTo(4e6, -5);
    expect(acknowledged.recentBitrateBps).toBeCloseTo(4e6, -5);
  });

  it('shows a drop in the shorter window first', () => {
    const acknowledged = new AcknowledgedBitrate();
    let atUs = 0;
    for (; atUs < 1e6; atUs += 1000) acknowledged.add(1000, atUs);
    for (; atUs < 1.21e6; atUs += 4000) acknowledged.add(1000, atUs);
    expect(acknowledged.recentBitrateBps).toBeLessThan(2.5e6);
    expect(acknowledged.bitrateBps).toBeGreaterThan(4e6);
  });

  it('recovers from a clock that was set back or forward', () => {
    for (const jumpUs of [-50e6, 50e6]) {
      const acknowledged = new AcknowledgedBitrate();
      for (let i = 0; i < 1000; i++) acknowledged.add(1000, 90e6 + i * 1000);
      for (let i = 0; i < 600; i++) acknowledged.add(1000, 91e6 + jumpUs + i * 1000);
      expect(acknowledged.bitrateBps).toBeCloseTo(8e6, -5);
    }
  });
});

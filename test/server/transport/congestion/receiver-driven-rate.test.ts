import { beforeEach, describe, expect, it } from 'vitest';
import { ReceiverDrivenRate } from '../../../../server/transport/congestion/receiver-driven-rate.ts';

describe('ReceiverDrivenRate', () => {
  let rate: ReceiverDrivenRate;
  let atUs: number;
  beforeEach(() => {
    rate = new ReceiverDrivenRate(4e6, 300_000, 20e6);
    atUs = 0;
  });

  /** A report each second while everything that may be sent is. */
  function report(fractionLost: number, times = 1, rttMs?: number, sentBps?: number): void {
    for (let i = 0; i < times; i++) {
      atUs += 1e6;
      rate.handleReport({ atUs, fractionLost, rttMs }, sentBps ?? rate.bitrateBps, 40);
    }
  }

  it('grows by 8 % a second without loss, up to the ceiling', () => {
    report(0, 2);
    expect(rate.bitrateBps).toBeCloseTo(4e6 * 1.08, -3);
    report(0, 60);
    expect(rate.bitrateBps).toBe(20e6);
  });

  it('holds with some loss and gives way to much', () => {
    report(0.05, 10);
    expect(rate.bitrateBps).toBe(4e6);
    report(0.2);
    expect(rate.bitrateBps).toBeCloseTo(3.6e6, -3);
    report(1, 60);
    expect(rate.bitrateBps).toBe(300_000);
  });

  it('gives way when the round trip shows a queue', () => {
    report(0, 3, 250);
    expect(rate.bitrateBps).toBeCloseTo(4e6 * 0.85 ** 3, -3);
  });

  it('does not grow far beyond what was tried', () => {
    report(0, 60, undefined, 1e6);
    expect(rate.bitrateBps).toBe(4e6);
  });

  it('is bounded by REMB until that is too old', () => {
    rate.handleEstimate(1.5e6, 0);
    expect(rate.bitrateBps).toBe(1.5e6);
    rate.tick(9e6);
    expect(rate.bitrateBps).toBe(1.5e6);
    rate.tick(11e6);
    expect(rate.bitrateBps).toBe(4e6);
    for (const nonsense of [0, -5, Number.NaN]) rate.handleEstimate(nonsense, 12e6);
    expect(rate.bitrateBps).toBe(4e6);
    rate.handleEstimate(1, 12e6);
    expect(rate.bitrateBps).toBe(300_000);
  });
});

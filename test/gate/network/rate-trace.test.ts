import { describe, expect, it } from 'vitest';
import { RateTrace } from '../../../gate/network/rate-trace.ts';

/** 1 byte/µs for a second, then a quarter of it for a second. */
const STEPS = [
  { durationMs: 1000, bitrateBps: 8e6 },
  { durationMs: 1000, bitrateBps: 2e6 },
];

describe('RateTrace', () => {
  it('takes each byte its time', () => {
    const trace = new RateTrace(STEPS);
    expect(trace.finishUs(0, 1000)).toBe(1000);
    expect(trace.finishUs(1_000_000, 1000)).toBe(1_004_000);
  });

  it('splits a packet that meets a change of rate', () => {
    const trace = new RateTrace(STEPS);
    expect(trace.finishUs(999_500, 1000)).toBe(1_002_000);
    expect(trace.finishUs(1_999_000, 1000)).toBe(2_000_750);
  });

  it('begins again after its last piece, however often', () => {
    const trace = new RateTrace(STEPS);
    expect(trace.finishUs(2_000_000_000, 500)).toBe(2_000_000_500);
    expect(trace.finishUs(0, 1_250_000 * 3)).toBe(6_000_000);
  });

  it('knows what fits between two times', () => {
    const trace = new RateTrace(STEPS);
    expect(trace.bytesBetween(0, 4_000_000)).toBe(2_500_000);
    expect(trace.bytesBetween(999_000, 1_004_000)).toBe(2000);
    expect(trace.bytesBetween(1_500_000, 2_500_000)).toBe(625_000);
  });
});

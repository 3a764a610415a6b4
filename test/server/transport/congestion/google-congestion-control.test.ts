import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { PacketResult } from '../../../../server/transport/congestion/congestion-control.ts';
import { GoogleCongestionControl } from '../../../../server/transport/congestion/google-congestion-control.ts';

const OPTIONS = { startBitrateBps: 4e6, ceilingBps: 20e6, random: () => 0.5 };

describe('GoogleCongestionControl', () => {
  let control: GoogleCongestionControl;
  let seq: number;
  beforeEach(() => {
    control = new GoogleCongestionControl(OPTIONS);
    seq = 0;
  });

  /** Packets of 1200 bytes on an even path of 20 ms, reported on every 50 ms. */
  function stream(fromMs: number, toMs: number, bitrateBps = 4e6): void {
    const stepUs = (1200 * 8e6) / bitrateBps;
    for (let ms = fromMs; ms < toMs; ms += 50) {
      const packets: PacketResult[] = [];
      for (let us = ms * 1000; us < (ms + 50) * 1000; us += stepUs) {
        control.handleSent(1200, us, true);
        const receivedUs = us + 20_000;
        packets.push({ seq: seq++, sentUs: us, bytes: 1200, receivedUs, probeId: undefined });
      }
      const atUs = (ms + 90) * 1000;
      control.handleReport({ atUs, packets, inFlightBytes: 0 });
      control.tick(atUs);
    }
  }

  function expectSane(): void {
    const { targetBitrateBps, pacingBitrateBps, windowBytes, rttMs, fractionLost } = control;
    expect(targetBitrateBps).toBeGreaterThanOrEqual(300_000);
    expect(targetBitrateBps).toBeLessThanOrEqual(20e6);
    expect(pacingBitrateBps).toBeGreaterThanOrEqual(targetBitrateBps);
    expect(windowBytes).toBeGreaterThanOrEqual(12_000);
    if (rttMs !== undefined) expect(rttMs).toBeGreaterThanOrEqual(0);
    expect(fractionLost).toBeGreaterThanOrEqual(0);
    expect(fractionLost).toBeLessThanOrEqual(1);
  }

  it('refuses rates that are not above zero', () => {
    for (const startBitrateBps of [0, -1, Number.NaN]) {
      expect(() => new GoogleCongestionControl({ ...OPTIONS, startBitrateBps })).toThrow(
        RangeError,
      );
    }
    expect(() => new GoogleCongestionControl({ ...OPTIONS, ceilingBps: 0 })).toThrow(RangeError);
  });

  it('begins at the start rate, below the ceiling, with no window before feedback', () => {
    expect(control.targetBitrateBps).toBe(4e6);
    expect(control.pacingBitrateBps).toBe(10e6);
    expect(control.windowBytes).toBe(Number.POSITIVE_INFINITY);
    expect(control.rttMs).toBeUndefined();
    const bounded = new GoogleCongestionControl({ ...OPTIONS, ceilingBps: 2e6 });
    expect(bounded.targetBitrateBps).toBe(2e6);
  });

  it('probes once something leaves, and no more while nothing is reported', () => {
    expect(control.tick(0)).toBeUndefined();
    control.handleSent(1200, 1000, true);
    expect(control.tick(1000)).toMatchObject({ bitrateBps: 12e6, minPackets: 5 });
    for (let ms = 2; ms < 20_000; ms += 20) {
      control.handleSent(1200, ms * 1000, true);
      expect(control.tick(ms * 1000)).toBeUndefined();
    }
    expect(control.targetBitrateBps).toBe(4e6);
  });

  it('measures the round trip and leaves room for it and the time between reports', () => {
    stream(0, 3000);
    expect(control.rttMs).toBeGreaterThan(35);
    expect(control.rttMs).toBeLessThan(50);
    const windowMs = (control.windowBytes * 8000) / control.targetBitrateBps;
    expect(windowMs).toBeGreaterThan(150);
    expect(windowMs).toBeLessThan(250);
  });

  it('follows the ceiling at once', () => {
    stream(0, 1000);
    control.setCeiling(1e6);
    expect(control.targetBitrateBps).toBe(1e6);
    for (const nonsense of [0, -1, Number.NaN]) control.setCeiling(nonsense);
    expect(control.targetBitrateBps).toBe(1e6);
    control.setCeiling(20e6);
    stream(1000, 2000, 1e6);
    expect(control.targetBitrateBps).toBeGreaterThan(1e6);
  });

  it('goes down while nothing is heard, not below a quarter, and lets a trickle through', () => {
    stream(0, 3000);
    const { targetBitrateBps, windowBytes } = control;
    for (let ms = 3100; ms < 5000; ms += 20) {
      control.handleSent(1200, ms * 1000, true);
      control.tick(ms * 1000);
    }
    expect(control.targetBitrateBps).toBeLessThan(targetBitrateBps * 0.5);
    expect(control.targetBitrateBps).toBeGreaterThan(targetBitrateBps * 0.24);
    expect(control.windowBytes).toBeGreaterThan(windowBytes * 0.25 + 30_000);
  });

  it('keeps still while nothing is sent that is reported on', () => {
    stream(0, 3000);
    const { targetBitrateBps } = control;
    for (let ms = 3100; ms < 20_000; ms += 20) {
      // Sender reports, once a second.
      if (ms % 1000 === 100) control.handleSent(60, ms * 1000, false);
      control.tick(ms * 1000);
    }
    expect(control.targetBitrateBps).toBe(targetBitrateBps);
  });

  it('keeps still while nothing is sent', () => {
    stream(0, 3000);
    const { targetBitrateBps } = control;
    for (let ms = 3100; ms < 20_000; ms += 20) control.tick(ms * 1000);
    expect(control.targetBitrateBps).toBe(targetBitrateBps);
  });

  it('follows receiver reports and REMB where there is no transport-wide feedback', () => {
    let ms = 0;
    const report = (times: number, fractionLost: number): void => {
      for (let i = 0; i < times; i++) {
        for (let k = 0; k < 50; k++, ms += 20) {
          control.handleSent(control.targetBitrateBps / 400, ms * 1000, true);
          control.tick(ms * 1000);
        }
        control.handleReceiverReport({ atUs: ms * 1000, fractionLost, rttMs: 40 });
      }
    };
    report(20, 0);
    expect(control.targetBitrateBps).toBeGreaterThan(10e6);
    report(20, 0.3);
    expect(control.targetBitrateBps).toBeLessThan(2e6);
    expect(control.fractionLost).toBe(0.3);
    expect(control.rttMs).toBeCloseTo(40, 0);
    control.handleReceiverEstimate(500_000);
    expect(control.targetBitrateBps).toBe(500_000);
  });

  it('does not let receiver reports disturb transport-wide feedback', () => {
    stream(0, 2000);
    const { targetBitrateBps, rttMs } = control;
    control.handleReceiverReport({ atUs: 2.1e6, fractionLost: 0.9, rttMs: 900 });
    expect(control.targetBitrateBps).toBe(targetBitrateBps);
    expect(control.rttMs).toBe(rttMs);
    expect(control.fractionLost).toBe(0);
  });

  it('ignores what cannot be', () => {
    stream(0, 1000);
    const { targetBitrateBps, rttMs } = control;
    const base = { seq: 9999, sentUs: 1e6, bytes: 1200, receivedUs: 1e6, probeId: undefined };
    const nonsense: PacketResult[] = [
      { ...base, seq: Number.NaN },
      { ...base, seq: -1 },
      { ...base, sentUs: Number.NaN },
      { ...base, sentUs: 1e15 },
      { ...base, bytes: 0 },
      { ...base, bytes: Number.POSITIVE_INFINITY },
      { ...base, receivedUs: Number.NEGATIVE_INFINITY },
    ];
    control.handleReport({ atUs: 1.1e6, packets: nonsense, inFlightBytes: 0 });
    control.handleReport({ atUs: Number.NaN, packets: [base], inFlightBytes: 0 });
    control.handleReport({ atUs: 1.2e6, packets: [], inFlightBytes: 0 });
    control.handleSent(Number.NaN, 1e6, true);
    control.handleSent(1200, Number.NaN, true);
    control.tick(Number.NaN);
    control.handleReceiverReport({ atUs: 1e6, fractionLost: Number.NaN, rttMs: undefined });
    expect(control.targetBitrateBps).toBe(targetBitrateBps);
    expect(control.rttMs).toBe(rttMs);
  });

  it('stays within its bounds whatever is reported', () => {
    const time = fc.oneof(fc.nat(60e6), fc.double({ min: -1e15, max: 1e15 }));
    const packet = fc.record({
      seq: fc.nat(70_000),
      sentUs: time,
      bytes: fc.integer({ min: -10, max: 70_000 }),
      receivedUs: fc.option(time, { nil: undefined }),
      probeId: fc.option(fc.nat(4), { nil: undefined }),
    });
    const report = fc.record({
      atUs: time,
      packets: fc.array(packet, { maxLength: 30 }),
      inFlightBytes: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(report, { maxLength: 20 }), (reports) => {
        control = new GoogleCongestionControl(OPTIONS);
        for (const each of reports) {
          control.handleSent(1200, each.atUs, true);
          control.handleReport(each);
          control.tick(each.atUs);
          expectSane();
        }
      }),
    );
  });
});

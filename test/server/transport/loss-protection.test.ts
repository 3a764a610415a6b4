import { describe, expect, it } from 'vitest';
import { LossProtection } from '../../../server/transport/loss-protection.ts';

const STEP_US = 20_000;

/** Tells it the same for so long, every 20 ms. */
class Told {
  readonly protection = new LossProtection(60);
  #nowUs = 0;

  /** Packets of the last second, all of which arrived. */
  report(count: number): void {
    const packets = Array.from({ length: count }, (_, seq) => ({
      seq,
      sentUs: this.#nowUs,
      bytes: 1200,
      receivedUs: this.#nowUs,
      probeId: undefined,
    }));
    this.protection.handleReport({ atUs: this.#nowUs, packets, inFlightBytes: 0 });
  }

  for(seconds: number, fractionLost: number, rttMs: number | undefined): LossProtection {
    for (const end = this.#nowUs + seconds * 1e6; this.#nowUs < end; this.#nowUs += STEP_US) {
      this.protection.update(fractionLost, rttMs, this.#nowUs);
    }
    return this.protection;
  }
}

describe('LossProtection', () => {
  it('corrects errors where a retransmission would come too late', () => {
    const { repairs, lossy } = new Told().for(2, 0.05, 80);
    expect({ repairs, lossy }).toEqual({ repairs: true, lossy: true });
  });

  it('leaves repair to retransmission where the round trip is short or unknown', () => {
    expect(new Told().for(2, 0.05, 30).repairs).toBe(false);
    expect(new Told().for(2, 0.05, undefined).repairs).toBe(false);
    expect(new Told().for(2, 0.05, 30).repairPackets(20)).toBe(0);
  });

  it('measures the wait in frames: at 30 a second a longer round trip is not seen', () => {
    const slow = new Told();
    slow.protection.setFrameRate(30);
    expect(slow.for(2, 0.05, 80).repairs).toBe(false);
    expect(slow.for(2, 0.05, 100).repairs).toBe(true);
  });

  it('wastes nothing on a path that loses next to nothing', () => {
    const { repairs, lossy } = new Told().for(60, 0.0002, 200);
    expect({ repairs, lossy }).toEqual({ repairs: false, lossy: false });
  });

  it('goes by how often a picture would wait: a fuller stream meets more of the same losses', () => {
    const corrects = (packetsPerReport: number): boolean => {
      const told = new Told();
      for (let second = 0; second < 5; second++) {
        told.report(packetsPerReport);
        told.for(1, 0.0005, 60);
      }
      return told.protection.repairs;
    };
    expect(corrects(300)).toBe(false);
    expect(corrects(1500)).toBe(true);
  });

  it('repeats sound from one percent on, whatever the round trip', () => {
    expect(new Told().for(60, 0.009, 10).lossy).toBe(false);
    expect(new Told().for(5, 0.02, 10).lossy).toBe(true);
  });

  it('believes in losses within half a second and remembers them for several', () => {
    const told = new Told();
    expect(told.for(0.4, 0.02, 100).repairs).toBe(true);
    expect(told.for(3, 0, 100).repairs).toBe(true);
    expect(told.for(8, 0, 100)).toMatchObject({ repairs: false, lossy: false });
  });

  it('does not switch to and fro at the edges', () => {
    const told = new Told();
    told.for(5, 0.02, 45);
    expect(told.protection.repairs).toBe(true);
    for (let i = 0; i < 20; i++) {
      expect(told.for(0.1, 0.006, 38).repairs).toBe(true);
      expect(told.for(0.1, 0.004, 44).repairs).toBe(true);
    }
    expect(told.for(0.1, 0.02, 29).repairs).toBe(false);
    expect(told.for(0.1, 0.02, 38).repairs).toBe(false);
  });

  it('protects a frame by its size and the losses, never by more than three fifths', () => {
    const told = new Told();
    told.for(60, 0.01, 100);
    expect([0, 1, 10, 18, 40].map((n) => told.protection.repairPackets(n))).toEqual([
      0, 1, 2, 2, 3,
    ]);
    told.for(60, 0.05, 100);
    expect([1, 3, 18, 40].map((n) => told.protection.repairPackets(n))).toEqual([1, 1, 4, 7]);
    told.for(60, 0.5, 100);
    expect([1, 3, 18, 40].map((n) => told.protection.repairPackets(n))).toEqual([1, 1, 10, 24]);
  });

  it('protects against losses in a row with more than against single ones', () => {
    const told = new Told();
    told.for(60, 0.05, 100);
    const single = told.protection.repairPackets(15);
    const packets = Array.from({ length: 50 }, (_, seq) => ({
      seq,
      sentUs: 0,
      bytes: 1000,
      receivedUs: seq % 10 < 4 ? undefined : seq,
      probeId: undefined,
    }));
    for (let i = 0; i < 20; i++) {
      told.protection.handleReport({ atUs: 0, packets, inFlightBytes: 0 });
    }
    expect(told.protection.repairPackets(15)).toBeGreaterThan(single);
  });

  it('survives clocks that stand still or go back', () => {
    const protection = new LossProtection(60);
    protection.update(1, 100, 5e6);
    protection.update(1, 100, 5e6);
    protection.update(1, 100, 1e6);
    expect(protection.repairs).toBe(false);
    protection.update(1, 100, 3e6);
    expect(protection.repairs).toBe(true);
  });
});

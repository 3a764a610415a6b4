import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../../gate/network/seeded-random.ts';
import type { PacketResult } from '../../../../server/transport/congestion/congestion-control.ts';
import { DispersionRate } from '../../../../server/transport/congestion/dispersion-rate.ts';

const BYTES = 1200;
const FRAME_US = 16_667;

/** Frames sent at once over a link of this rate, as feedback tells of them. */
class Link {
  readonly rate = new DispersionRate();
  linkBps: number;
  packetsPerFrame = 20;
  /** Between two packets. */
  sendingUs = 30;
  probeId: number | undefined;
  /** Added to when a packet arrives. */
  jitterUs: () => number = () => 0;
  lost: (seq: number) => boolean = () => false;
  #seq = 0;
  #sentUs = 0;
  #freeUs = 0;

  constructor(linkBps: number) {
    this.linkBps = linkBps;
  }

  /** @param perReport packets that one report tells of. */
  play(frames: number, perReport = 47): number | undefined {
    const packets: PacketResult[] = [];
    for (let frame = 0; frame < frames; frame++) {
      for (let i = 0; i < this.packetsPerFrame; i++) packets.push(this.#send(i * this.sendingUs));
      this.#sentUs += FRAME_US;
    }
    for (let from = 0; from < packets.length; from += perReport) {
      const told = packets.slice(from, from + perReport);
      this.rate.handleReport({ atUs: this.#sentUs, packets: told, inFlightBytes: 0 });
    }
    return this.rate.bitrateBps;
  }

  #send(offsetUs: number): PacketResult {
    const sentUs = this.#sentUs + offsetUs;
    this.#freeUs = Math.max(this.#freeUs, sentUs) + (BYTES * 8e6) / this.linkBps;
    const seq = this.#seq++;
    const arrivedUs = this.#freeUs + this.jitterUs();
    // Transport-wide feedback counts quarters of a millisecond.
    const receivedUs = this.lost(seq) ? undefined : Math.round(arrivedUs / 250) * 250;
    return { seq, sentUs, bytes: BYTES, receivedUs, probeId: this.probeId };
  }
}

describe('DispersionRate', () => {
  it.each([5, 12, 20, 50])('finds a link of %d Mbit/s, however reports cut its frames', (mbit) => {
    for (const perReport of [1, 7, 47, 1000]) {
      const bitrateBps = new Link(mbit * 1e6).play(60, perReport) ?? Number.NaN;
      expect(bitrateBps / 1e6 / mbit).toBeGreaterThan(0.97);
      expect(bitrateBps / 1e6 / mbit).toBeLessThan(1.03);
    }
  });

  it('is no faster than what is sent, and without end where all arrives at once', () => {
    const link = new Link(1e9);
    link.sendingUs = 100;
    expect((link.play(60) ?? 0) / 1e6).toBeCloseTo((BYTES * 8) / 100, -1);
    const instant = new Link(1e12);
    instant.sendingUs = 0;
    expect(instant.play(60)).toBe(Number.POSITIVE_INFINITY);
  });

  it('follows another link within a second', () => {
    const link = new Link(10e6);
    link.play(120);
    link.linkBps = 40e6;
    expect((link.play(60) ?? 0) / 40e6).toBeGreaterThan(0.6);
    expect((link.play(60) ?? 0) / 40e6).toBeGreaterThan(0.9);
  });

  it('is not moved by jitter that a frame has in common, nor by losses', () => {
    const random = new SeededRandom(1);
    const link = new Link(20e6);
    let shared = 0;
    link.jitterUs = () => {
      shared += (random.next() - 0.5) * 400 - shared * 0.05;
      return shared;
    };
    link.lost = (seq) => seq % 50 === 7;
    const bitrateBps = link.play(300) ?? Number.NaN;
    expect(bitrateBps / 20e6).toBeGreaterThan(0.85);
    expect(bitrateBps / 20e6).toBeLessThan(1.15);
  });

  it('says nothing of a path on which packets overtake one another', () => {
    const random = new SeededRandom(1);
    const link = new Link(30e6);
    link.jitterUs = () => random.next() * 15_000;
    expect(link.play(300)).toBeUndefined();
  });

  it('says nothing from frames of a few packets, from few frames, or from probes', () => {
    const small = new Link(20e6);
    small.packetsPerFrame = 5;
    expect(small.play(300)).toBeUndefined();
    expect(new Link(20e6).play(7)).toBeUndefined();
    const probing = new Link(20e6);
    probing.probeId = 1;
    expect(probing.play(300)).toBeUndefined();
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { LossBound } from '../../../../server/transport/congestion/loss-bound.ts';
import { seededRandom } from '../../../support/simulated-path.ts';

const STEP_US = 50_000;

describe('LossBound', () => {
  let bound: LossBound;
  let random: () => number;
  let nowUs: number;
  let seq: number;
  let rate: number;
  beforeEach(() => {
    bound = new LossBound();
    random = seededRandom(5);
    nowUs = 0;
    seq = 0;
    rate = 1;
  });

  interface Conditions {
    /** Of the packets, at a rate. */
    readonly loss: (rate: number) => number;
    readonly burst?: number;
    readonly queueing?: boolean;
    readonly competing?: boolean;
  }

  /** 400 packets a second; `rate` follows what the bound says. */
  function pass(
    seconds: number,
    { loss, burst = 1, queueing = false, competing = false }: Conditions,
  ) {
    let inBurst = 0;
    for (let us = 0; us < seconds * 1e6; us += STEP_US, nowUs += STEP_US) {
      for (let i = 0; i < 20; i++) {
        if (inBurst === 0 && random() < loss(rate) / burst) inBurst = burst;
        const lost = inBurst > 0;
        if (lost) inBurst--;
        const sentUs = nowUs + i * 2500;
        const receivedUs = lost ? undefined : sentUs;
        bound.add({ seq: seq++, sentUs, bytes: 1000, receivedUs, probeId: undefined });
      }
      rate *= bound.update(queueing, competing, 50);
    }
  }

  it('does not mind 5 % of loss in bursts on a path that does not queue', () => {
    pass(60, { loss: () => 0.05, burst: 5 });
    expect(rate).toBeGreaterThan(0.9);
    expect(bound.inherentFraction).toBeGreaterThan(0.02);
    expect(bound.inherentFraction).toBeLessThan(0.1);
    expect(bound.holds).toBe(false);
  });

  it('gives way to half of that where packets queue', () => {
    pass(5, { loss: () => 0 });
    pass(2, { loss: () => 0.05, queueing: true });
    expect(rate).toBeLessThan(0.9);
  });

  it('tells loss that was always there from loss that the queue brings', () => {
    pass(30, { loss: () => 0.04 });
    pass(3, { loss: () => 0.04, queueing: true });
    expect(rate).toBe(1);
    pass(3, { loss: () => 0.25, queueing: true });
    expect(rate).toBeLessThan(0.9);
  });

  it('is as polite as TCP beside one: a loss in a hundred counts', () => {
    pass(5, { loss: () => 0 });
    pass(5, { loss: () => 0.004, queueing: true });
    expect(rate).toBe(1);
    pass(5, { loss: () => 0.004, queueing: true, competing: true });
    expect(rate).toBeLessThan(0.9);
  });

  it('goes down at once when a quarter is lost, queue or no queue', () => {
    pass(5, { loss: () => 0 });
    pass(1.6, { loss: () => 0.5 });
    expect(rate).toBeLessThan(0.9);
  });

  it('goes down to the rate of a policer and no further', () => {
    pass(60, { loss: (at) => Math.max(0, 1 - 0.6 / at) });
    expect(rate).toBeGreaterThan(0.5);
    expect(rate).toBeLessThan(0.65);
  });

  it('stops going down where loss of a tenth and more does not follow the rate', () => {
    pass(60, { loss: () => 0.14 });
    expect(rate).toBeLessThan(0.95);
    expect(rate).toBeGreaterThan(0.6);
  });

  it('does not take a path that was away for 300 ms for a rate that was too high', () => {
    pass(10, { loss: () => 0 });
    pass(0.3, { loss: () => 1 });
    pass(10, { loss: () => 0 });
    expect(rate).toBe(1);
  });

  it('forgives what was lost while the path was away', () => {
    pass(5, { loss: () => 0 });
    pass(0.9, { loss: () => 0.9 });
    bound.forgive();
    const before = rate;
    pass(5, { loss: () => 0 });
    expect(rate).toBe(before);
  });

  it('knows what part was lost of late', () => {
    pass(3, { loss: () => 0 });
    expect(bound.fraction).toBe(0);
    pass(3, { loss: () => 0.2 });
    expect(bound.fraction).toBeCloseTo(0.2, 1);
  });
});

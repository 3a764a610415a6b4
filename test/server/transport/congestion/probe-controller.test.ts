import { beforeEach, describe, expect, it } from 'vitest';
import type { ProbeCluster } from '../../../../server/transport/congestion/congestion-control.ts';
import {
  type ProbeConditions,
  ProbeController,
} from '../../../../server/transport/congestion/probe-controller.ts';
import type { ProbeResult } from '../../../../server/transport/congestion/probe-estimator.ts';

const QUIET: ProbeConditions = {
  targetBps: 4e6,
  ceilingBps: 20e6,
  queueMs: 0,
  lastDecreaseUs: Number.NEGATIVE_INFINITY,
  calm: true,
  reporting: true,
};

describe('ProbeController', () => {
  let probes: ProbeController;
  let nowUs: number;
  beforeEach(() => {
    probes = new ProbeController(() => 0.5);
    nowUs = 1e6;
  });

  function tick(over: Partial<ProbeConditions> = {}): ProbeCluster | undefined {
    return probes.tick(nowUs, { ...QUIET, ...over });
  }

  function answer(outcome: ProbeResult['outcome'], bitrateBps = 0): void {
    probes.handleResult({ probeId: probes.active?.id ?? 0, outcome, bitrateBps }, nowUs);
  }

  /** Seconds until the next probe. */
  function waitForProbe(over: Partial<ProbeConditions> = {}): number {
    for (let i = 0; i < 1000; i++, nowUs += 10_000) if (tick(over)) return i / 100;
    return Number.POSITIVE_INFINITY;
  }

  it('begins at three times the target: 15 ms, five packets at least', () => {
    expect(tick({ reporting: undefined })).toEqual({
      id: 1,
      bitrateBps: 12e6,
      minPackets: 5,
      minBytes: 22_500,
    });
    expect(tick({ reporting: undefined })).toBeUndefined();
  });

  it('goes on at once after a success, never above the ceiling', () => {
    tick();
    answer('carried', 12e6);
    expect(tick({ targetBps: 12e6 })?.bitrateBps).toBe(20e6);
    answer('carried', 20e6);
    expect(tick({ targetBps: 20e6 })).toBeUndefined();
  });

  it('asks a quiet path for twice the target every two and a half seconds', () => {
    tick();
    answer('exceeded', 3e6);
    expect(waitForProbe()).toBeCloseTo(2.5, 1);
    expect(probes.active?.bitrateBps).toBe(8e6);
    answer('exceeded', 3e6);
    expect(waitForProbe()).toBeCloseTo(2.5, 1);
  });

  it('probes longer after an unclear answer, and shortens when answers are clear', () => {
    expect(tick()?.minBytes).toBe(22_500);
    answer('unclear');
    expect(tick()?.minBytes).toBe(30_000);
    answer('unclear');
    expect(tick()?.minBytes).toBe(60_000);
    answer('unclear');
    expect(tick()).toBeUndefined();
    waitForProbe();
    expect(probes.active?.minBytes).toBe(30_000);
    answer('exceeded', 3e6);
    waitForProbe();
    expect(probes.active?.minBytes).toBe(15_000);
  });

  it('keeps silent while the path queues, is not calm, or has just been overused', () => {
    tick();
    answer('exceeded', 3e6);
    nowUs += 10e6;
    expect(tick({ queueMs: 40 })).toBeUndefined();
    expect(tick({ calm: false })).toBeUndefined();
    expect(tick({ lastDecreaseUs: nowUs - 500_000 })).toBeUndefined();
    expect(tick({ reporting: false })).toBeUndefined();
    expect(tick()).toBeDefined();
  });

  it('gives up a probe nothing is heard of, and does not go on before reports come', () => {
    tick({ reporting: undefined });
    expect(waitForProbe({ reporting: undefined })).toBe(Number.POSITIVE_INFINITY);
    expect(tick()).toBeDefined();
  });

  it('probes out of turn when asked to', () => {
    tick();
    answer('exceeded', 3e6);
    probes.request();
    expect(tick()?.bitrateBps).toBe(8e6);
  });

  it('says how long its own queue may still be seen', () => {
    expect(probes.isProbing(nowUs)).toBe(false);
    tick();
    expect(probes.isProbing(nowUs)).toBe(true);
    answer('exceeded', 3e6);
    expect(probes.isProbing(nowUs + 200_000)).toBe(true);
    expect(probes.isProbing(nowUs + 400_000)).toBe(false);
  });

  it('spreads its intervals by what chance says', () => {
    const waitWith = (chance: number): number => {
      probes = new ProbeController(() => chance);
      tick();
      answer('exceeded', 3e6);
      return waitForProbe();
    };
    expect(waitWith(0)).toBeCloseTo(2, 1);
    expect(waitWith(1)).toBeCloseTo(3, 1);
  });
});

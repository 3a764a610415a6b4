import { beforeEach, describe, expect, it } from 'vitest';
import type { ProbeCluster } from '../../../../server/transport/congestion/congestion-control.ts';
import {
  ProbeEstimator,
  type ProbeResult,
} from '../../../../server/transport/congestion/probe-estimator.ts';
import { seededRandom } from '../../../support/simulated-path.ts';

const BYTES = 1200;

describe('ProbeEstimator', () => {
  let estimator: ProbeEstimator;
  beforeEach(() => {
    estimator = new ProbeEstimator();
  });

  /** Sends a probe over a link; `late` is what each packet is delayed more. */
  function probe(
    cluster: ProbeCluster,
    linkBps: number,
    late: (i: number) => number | undefined = () => 0,
  ): ProbeResult | undefined {
    estimator.expect(cluster);
    const count = Math.max(cluster.minPackets, Math.ceil(cluster.minBytes / BYTES));
    let freeUs = 0;
    let result: ProbeResult | undefined;
    const add = (seq: number, sentUs: number, receivedUs?: number, probeId?: number): void => {
      result ??= estimator.add({ seq, sentUs, bytes: BYTES, receivedUs, probeId });
    };
    for (let i = 0; i < count; i++) {
      const sentUs = (i * BYTES * 8e6) / cluster.bitrateBps;
      freeUs = Math.max(freeUs, sentUs) + (BYTES * 8e6) / linkBps;
      const lateUs = late(i);
      add(100 + i, sentUs, lateUs === undefined ? undefined : 7e6 + freeUs + lateUs, cluster.id);
    }
    add(100 + count, 1e6, 8e6);
    return result;
  }

  const cluster = (bitrateBps: number, durationMs = 15): ProbeCluster => {
    const minBytes = (bitrateBps * durationMs) / 8000;
    return { id: 4, bitrateBps, minPackets: 5, minBytes };
  };

  it('finds that a faster link carries the probe', () => {
    const result = probe(cluster(12e6), 100e6);
    expect(result).toMatchObject({ probeId: 4, outcome: 'carried' });
    expect(result?.bitrateBps).toBeCloseTo(12e6, -4);
  });

  it('finds the rate of a slower link, and leaves a tenth of it', () => {
    const result = probe(cluster(12e6), 4e6);
    expect(result?.outcome).toBe('exceeded');
    expect(result?.bitrateBps).toBeCloseTo(3.6e6, -4);
  });

  it('says that jitter hides the answer, and sees through it with a longer probe', () => {
    let clear = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const random = seededRandom(seed);
      const jitter = (): number => random() * 30_000;
      expect(probe(cluster(12e6), 100e6, jitter)?.outcome).not.toBe('carried');
      const long = probe(cluster(12e6, 60), 100e6, jitter);
      if (long?.outcome === 'unclear') continue;
      clear++;
      expect(long?.bitrateBps).toBeGreaterThan(7e6);
      expect(long?.bitrateBps).toBeLessThan(15e6);
    }
    expect(clear).toBeGreaterThan(15);
  });

  it('is not fooled by packets that were held back and let go together', () => {
    const held = probe(cluster(12e6), 1e9, (i) => 20_000 - i * 790);
    expect(held?.outcome).toBe('unclear');
  });

  it('puts up with little loss and not with much', () => {
    expect(probe(cluster(12e6), 100e6, (i) => (i === 3 ? undefined : 0))?.outcome).toBe('carried');
    expect(probe(cluster(12e6), 100e6, (i) => (i % 3 === 0 ? undefined : 0))?.outcome).toBe(
      'unclear',
    );
    expect(probe(cluster(12e6), 100e6, () => undefined)?.outcome).toBe('unclear');
  });

  it('ignores packets of no probe, of another one, and of none that is awaited', () => {
    const packet = { seq: 1, sentUs: 0, bytes: BYTES, receivedUs: 0, probeId: 4 };
    expect(estimator.add(packet)).toBeUndefined();
    estimator.expect(cluster(12e6));
    expect(estimator.add({ ...packet, probeId: 3 })).toBeUndefined();
    expect(estimator.add({ ...packet, probeId: undefined })).toBeUndefined();
  });

  it('gives no number that is none where all packets left or came at once', () => {
    estimator.expect({ id: 1, bitrateBps: 1e6, minPackets: 5, minBytes: 0 });
    let result: ProbeResult | undefined;
    for (let seq = 0; seq < 5; seq++) {
      result = estimator.add({ seq, sentUs: 0, bytes: BYTES, receivedUs: 0, probeId: 1 });
    }
    expect(result).toEqual({ probeId: 1, outcome: 'unclear', bitrateBps: 0 });
  });
});

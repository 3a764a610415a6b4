import { describe, expect, it } from 'vitest';
import { GoogleCongestionControl } from '../../../../server/transport/congestion/google-congestion-control.ts';
import { SimulatedFlow, type SimulatedFlowOptions } from '../../../support/simulated-flow.ts';
import {
  SimulatedPath,
  type SimulatedPathOptions,
  seededRandom,
  VirtualTime,
} from '../../../support/simulated-path.ts';
import { SimulatedTcp, type TcpKind } from '../../../support/simulated-tcp.ts';

const S = 1e6;
const FIBRE: SimulatedPathOptions = { delayMs: 15, bitrateBps: 8e6, queueMs: 200 };

function control(seed: number, startBitrateBps = 4e6): GoogleCongestionControl {
  const options = { startBitrateBps, ceilingBps: 20e6, random: seededRandom(seed) };
  return new GoogleCongestionControl(options);
}

function play(
  seconds: number,
  options: Partial<SimulatedPathOptions>,
  flowOptions: Partial<SimulatedFlowOptions> = {},
): { readonly path: SimulatedPath; readonly flow: SimulatedFlow } {
  const path = new SimulatedPath(new VirtualTime(), { ...FIBRE, ...options });
  const seed = options.seed ?? 1;
  const flow = new SimulatedFlow({ path, control: control(seed), seed, ...flowOptions });
  path.time.runUntil(seconds * S);
  return { path, flow };
}

/** Seconds from then on until the target is as high as that. */
function secondsUntil(flow: SimulatedFlow, targetBps: number, fromS: number): number {
  const index = flow.targetsBps.findIndex((target, i) => i >= fromS * 10 && target >= targetBps);
  return index < 0 ? Number.POSITIVE_INFINITY : index / 10 - fromS;
}

// A minute of path takes a quarter of a second; a busy machine may take longer.
describe('Google congestion control on a simulated path', () => {
  it('reaches the ceiling of a LAN within 200 ms and stays there', () => {
    const { path, flow } = play(10, { delayMs: 0.5, bitrateBps: 1e9, queueMs: 50 });
    expect(secondsUntil(flow, 19.9e6, 0)).toBeLessThan(0.2);
    expect(flow.targetRange(1 * S, 10 * S).leastBps).toBe(20e6);
    expect(path.dropped).toBe(0);
  });

  it.each([2e6, 8e6, 15e6])('uses a link of %d bit/s without queueing on it', (bitrateBps) => {
    const { path, flow } = play(60, { bitrateBps });
    expect(flow.deliveredBps(5 * S, 60 * S)).toBeGreaterThan(bitrateBps * 0.85);
    expect(path.waitPercentile(0.5, 5 * S, 60 * S)).toBeLessThan(20);
    expect(path.waitPercentile(0.95, 5 * S, 60 * S)).toBeLessThan(60);
  });

  it.each([1, 2, 3])(
    'drains at once when the link drops to a quarter, and is back soon (%d)',
    (seed) => {
      const bitrateBps = (us: number): number => (us < 20 * S || us >= 40 * S ? 8e6 : 2e6);
      const { path, flow } = play(60, { seed, bitrateBps });
      expect(path.waitPercentile(0.95, 22 * S, 40 * S)).toBeLessThan(60);
      expect(path.waitPercentile(0.99, 22 * S, 40 * S)).toBeLessThan(120);
      expect(flow.deliveredBps(22 * S, 40 * S)).toBeGreaterThan(2e6 * 0.8);
      expect(secondsUntil(flow, 6.4e6, 40)).toBeLessThan(5);
      expect(flow.deliveredBps(50 * S, 60 * S)).toBeGreaterThan(8e6 * 0.8);
      expect(flow.longestGapMs(10 * S, 60 * S)).toBeLessThan(300);
    },
  );

  it('does the same with feedback every 100 ms only', () => {
    const bitrateBps = (us: number): number => (us < 20 * S || us >= 40 * S ? 8e6 : 2e6);
    const { path, flow } = play(60, { bitrateBps }, { feedbackMs: 100 });
    expect(path.waitPercentile(0.95, 22 * S, 40 * S)).toBeLessThan(80);
    expect(secondsUntil(flow, 6.4e6, 40)).toBeLessThan(5);
  });

  it.each([1, 2, 3])(
    'takes neither jitter with reordering nor bursts of loss for overuse (%d)',
    (seed) => {
      const wifi = { delayMs: 0, jitterMs: 15, loss: { fraction: 0.01, burstPackets: 5 } };
      const { flow } = play(40, { seed, ...wifi, bitrateBps: 30e6 });
      expect(secondsUntil(flow, 15e6, 0)).toBeLessThan(8);
      expect(flow.deliveredBps(10 * S, 40 * S)).toBeGreaterThan(17e6);
    },
  );

  it.each([0.05, 0.08])(
    'does not starve where %d of the packets are lost at random',
    (fraction) => {
      const { path, flow } = play(60, {
        delayMs: 20,
        jitterMs: 2.5,
        loss: { fraction, burstPackets: 4 },
        bitrateBps: 10e6,
      });
      // It grew from its start of 4 Mbit/s; what is lost is not delivered.
      expect(flow.deliveredBps(5 * S, 60 * S)).toBeGreaterThan(10e6 * (1 - fraction) * 0.8);
      expect(path.waitPercentile(0.95, 5 * S, 60 * S)).toBeLessThan(50);
    },
  );

  it('finds the rate of a policer, which drops what is too much without delaying it', () => {
    const { flow } = play(60, { bitrateBps: 4e6, queueMs: 12 });
    const { mostBps } = flow.targetRange(20 * S, 60 * S);
    expect(mostBps).toBeLessThan(4e6 * 1.15);
    expect(flow.deliveredBps(20 * S, 60 * S)).toBeGreaterThan(4e6 * 0.75);
  });

  it.each([200, -200])('does not mind a receiver clock that drifts by %d ppm', (driftPpm) => {
    const { path, flow } = play(120, {}, { driftPpm });
    expect(flow.deliveredBps(60 * S, 120 * S)).toBeGreaterThan(8e6 * 0.85);
    expect(path.waitPercentile(0.95, 60 * S, 120 * S)).toBeLessThan(40);
  });

  it('neither dreams nor collapses while the encoder sends little, and is ready when it needs more', () => {
    const contentBps = (us: number): number => (us < 30 * S ? 500_000 : 1e9);
    const { path, flow } = play(60, {}, { contentBps });
    const still = flow.targetRange(5 * S, 30 * S);
    expect(still.leastBps).toBeGreaterThan(5e6);
    expect(still.mostBps).toBeLessThan(8e6);
    expect(flow.deliveredBps(30.5 * S, 35 * S)).toBeGreaterThan(8e6 * 0.75);
    expect(path.waitPercentile(0.95, 30 * S, 60 * S)).toBeLessThan(60);
  });

  it('learns by probing that the link became slower while the encoder sent little', () => {
    const bitrateBps = (us: number): number => (us < 15 * S ? 8e6 : 2e6);
    const contentBps = (us: number): number => (us < 30 * S ? 500_000 : 1e9);
    const { path, flow } = play(45, { bitrateBps }, { contentBps });
    expect(flow.targetRange(25 * S, 30 * S).mostBps).toBeLessThan(2.2e6);
    expect(path.waitPercentile(0.95, 30 * S, 45 * S)).toBeLessThan(60);
  });

  it('takes a longer route for what it is', () => {
    const { flow } = play(40, { delayMs: (us) => (us < 20 * S ? 15 : 55) });
    expect(flow.deliveredBps(25 * S, 40 * S)).toBeGreaterThan(8e6 * 0.8);
  });

  it('drains a deep queue that filled up before anything could be known', () => {
    const bitrateBps = (us: number): number => (us < 20 * S ? 8e6 : 600_000);
    const { path, flow } = play(40, { bitrateBps, queueMs: 1500 });
    expect(path.waitPercentile(0.95, 25 * S, 40 * S)).toBeLessThan(120);
    expect(flow.deliveredBps(25 * S, 40 * S)).toBeGreaterThan(600_000 * 0.7);
  });

  it.each([0.3, 3])('goes on within half a second after a path was away for %d s', (awayS) => {
    const isUp = (us: number): boolean => us < 20 * S || us > (20 + awayS) * S;
    const { flow } = play(40, { isUp });
    const backUs = (20 + awayS) * S;
    expect(flow.deliveredBps(backUs + 0.5 * S, backUs + 1 * S)).toBeGreaterThan(1e6);
    expect(secondsUntil(flow, 6e6, 20 + awayS + 0.5)).toBeLessThan(5);
  });

  it.each([1, 2, 3])('shares a link fairly among three of its kind (%d)', (seed) => {
    const time = new VirtualTime();
    const path = new SimulatedPath(time, { ...FIBRE, seed, delayMs: 20, bitrateBps: 10e6 });
    const flows = [0, 1, 2].map((i) => {
      const startUs = i * 5 * S;
      return new SimulatedFlow({
        path,
        control: control(seed * 77 + i),
        seed: seed * 9 + i,
        startUs,
      });
    });
    time.runUntil(75 * S);
    const rates = flows.map((flow) => flow.deliveredBps(15 * S, 75 * S));
    const sum = rates.reduce((total, rate) => total + rate, 0);
    const squares = rates.reduce((total, rate) => total + rate * rate, 0);
    expect(sum ** 2 / (3 * squares)).toBeGreaterThan(0.9);
    expect(sum).toBeGreaterThan(10e6 * 0.75);
    expect(path.waitPercentile(0.95, 15 * S, 75 * S)).toBeLessThan(120);
  });

  it.each<[TcpKind, number]>([
    ['newreno', 100],
    ['newreno', 200],
    ['cubic', 100],
    ['cubic', 200],
    ['cubic', 300],
  ])('beside one flow of %s and a queue of %d ms neither starves', (kind, queueMs) => {
    const time = new VirtualTime();
    const path = new SimulatedPath(time, { ...FIBRE, delayMs: 20, bitrateBps: 10e6, queueMs });
    const flow = new SimulatedFlow({ path, control: control(77), seed: 1 });
    const tcp = new SimulatedTcp(path, kind, 10 * S);
    time.runUntil(90 * S);
    expect(flow.deliveredBps(15 * S, 90 * S)).toBeGreaterThan(2.5e6);
    expect(tcp.deliveredBps(15 * S, 90 * S)).toBeGreaterThan(2.5e6);
  });
});

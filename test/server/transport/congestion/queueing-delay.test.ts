import { describe, expect, it } from 'vitest';
import { QueueingDelay } from '../../../../server/transport/congestion/queueing-delay.ts';
import { seededRandom } from '../../../support/simulated-path.ts';

/** Packets 2 ms apart whose one-way delay is given; the far side's zero is 9 s off. */
function feed(queue: QueueingDelay, fromUs: number, toUs: number, delayUs: (us: number) => number) {
  for (let us = fromUs; us < toUs; us += 2000) queue.add(us, 9e6 + us + delayUs(us));
}

describe('QueueingDelay', () => {
  it('is zero before any packet and on an empty path, however long that is', () => {
    const queue = new QueueingDelay();
    expect(queue.delayMs).toBe(0);
    feed(queue, 0, 1e6, () => 80_000);
    expect(queue.delayMs).toBe(0);
  });

  it('is what packets are delayed beyond the least', () => {
    const queue = new QueueingDelay();
    feed(queue, 0, 1e6, () => 20_000);
    feed(queue, 1e6, 1.1e6, () => 140_000);
    expect(queue.delayMs).toBe(120);
  });

  it('sees through 30 ms of jitter', () => {
    const queue = new QueueingDelay();
    const random = seededRandom(1);
    const jitter = (): number => 20_000 + 30_000 * random();
    const seen: number[] = [];
    for (let from = 0; from < 20e6; from += 50_000) {
      feed(queue, from, from + 50_000, jitter);
      seen.push(queue.delayMs);
    }
    seen.sort((a, b) => a - b);
    expect(seen[Math.floor(seen.length * 0.95)]).toBeLessThan(10);
  });

  it('takes 200 ppm of drift for less than 5 ms of queue', () => {
    for (const drift of [200e-6, -200e-6]) {
      const queue = new QueueingDelay();
      feed(queue, 0, 120e6, (us) => 20_000 + us * drift);
      expect(queue.delayMs).toBeLessThan(5);
      expect(queue.delayMs).toBeGreaterThanOrEqual(0);
    }
  });

  it('starts anew when the far side sets its clock, or the route is known to be another', () => {
    const queue = new QueueingDelay();
    feed(queue, 0, 1e6, () => 20_000);
    feed(queue, 1e6, 1.1e6, () => 60e6);
    expect(queue.delayMs).toBe(0);
    feed(queue, 1.1e6, 1.2e6, () => 60.05e6);
    expect(queue.delayMs).toBe(50);
    queue.rebase();
    expect(queue.delayMs).toBe(0);
  });
});

import { expect, it } from 'vitest';
import { TransferSpeed } from '../../../client/pages/transfer-speed.ts';

it('is taken over the last seconds, so that it follows the network', () => {
  const speed = new TransferSpeed();
  for (let second = 0; second <= 20; second++) speed.add(second * 1000, second * 1_000_000);
  expect(speed.bytesPerSecond).toBeCloseTo(1_000_000);
  for (let second = 1; second <= 10; second++) {
    speed.add((20 + second) * 1000, 20_000_000 + second * 100_000);
  }
  expect(speed.bytesPerSecond).toBeCloseTo(100_000);
});

it('is not told from one moment, and begins anew after a step back or a pause', () => {
  const speed = new TransferSpeed();
  speed.add(0, 0);
  expect(speed.bytesPerSecond).toBeUndefined();
  speed.add(1000, 500);
  expect(speed.bytesPerSecond).toBe(500);
  speed.add(2000, 100);
  expect(speed.bytesPerSecond).toBeUndefined();
  speed.add(3000, 300);
  expect(speed.bytesPerSecond).toBe(200);
  speed.reset();
  expect(speed.bytesPerSecond).toBeUndefined();
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DeliveryQueue } from '../../../gate/network/delivery-queue.ts';

it('hands out by time, and what is due together in the order it came', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 20 })),
      fc.integer({ min: 1, max: 5 }),
      (times, every) => {
        const queue = new DeliveryQueue();
        const waiting: { dueUs: number; order: number }[] = [];
        const take = () => {
          const taken = queue.shift();
          waiting.sort((a, b) => a.dueUs - b.dueUs || a.order - b.order);
          expect(taken?.order).toBe(waiting.shift()?.order);
        };
        for (const [order, dueUs] of times.entries()) {
          queue.push({ datagram: new Uint8Array(), deliver: () => undefined, dueUs, order });
          waiting.push({ dueUs, order });
          if (order % every === 0) take();
        }
        while (waiting.length > 0) take();
        expect(queue.shift()).toBeUndefined();
      },
    ),
  );
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PacketQueue } from '../../../server/transport/packet-queue.ts';

describe('PacketQueue', () => {
  it('is a queue that knows its bytes, however it is filled and emptied', () => {
    const push = fc.integer({ min: 1, max: 300 }).map((count) => ({ push: count }));
    const shift = fc.integer({ min: 1, max: 300 }).map((count) => ({ shift: count }));
    const drain = fc.constant({ drain: true });
    const steps = fc.array(fc.oneof(push, shift, push, shift, drain), { maxLength: 30 });
    fc.assert(
      fc.property(steps, (all) => {
        const queue = new PacketQueue<number>((item) => item);
        const expected: number[] = [];
        let next = 1;
        for (const step of all) {
          if ('push' in step) {
            for (let i = 0; i < step.push; i++) {
              queue.push(next);
              expected.push(next++);
            }
          } else if ('shift' in step) {
            for (let i = 0; i < step.shift; i++) expect(queue.shift()).toBe(expected.shift());
          } else {
            expect(queue.drain()).toEqual(expected.splice(0));
          }
          expect(queue.length).toBe(expected.length);
          expect(queue.peek()).toBe(expected[0]);
          expect(queue.bytes).toBe(expected.reduce((sum, item) => sum + item, 0));
        }
      }),
    );
  });
});

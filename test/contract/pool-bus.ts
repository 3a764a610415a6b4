import { afterEach, describe, expect, it } from 'vitest';
import type { PoolBus } from '../../signaling/nodes/pool-bus.ts';
import { Inbox } from '../support/inbox.ts';

/** What a suite needs of an implementation. */
export interface BusFixture {
  /** Another node's end, which hears what is said from now on. */
  open(): Promise<PoolBus>;
  /** Whatever is needed for what was said to arrive. */
  deliver(): void;
}

/** What every bus does, whatever carries its words. */
export function describePoolBus(name: string, fixture: () => BusFixture): void {
  describe(`${name} as a pool bus`, () => {
    const opened: PoolBus[] = [];

    async function open(): Promise<{ bus: PoolBus; heard: Inbox<unknown> }> {
      const bus = await fixture().open();
      opened.push(bus);
      const heard = new Inbox<unknown>();
      bus.listen((message) => heard.put(message));
      return { bus, heard };
    }

    afterEach(async () => {
      await Promise.all(opened.splice(0).map((bus) => bus.close()));
    });

    it('brings what one node says to all others, and not back to it', async () => {
      const [one, two, three] = [await open(), await open(), await open()];
      one.bus.send({ said: 'by one' });
      fixture().deliver();
      expect(await two.heard.next()).toStrictEqual({ said: 'by one' });
      expect(await three.heard.next()).toStrictEqual({ said: 'by one' });
      two.bus.send('by two');
      fixture().deliver();
      // Would its own have come back to it, it would have come before.
      expect(await one.heard.next()).toBe('by two');
    });

    it('keeps the order of what one node says', async () => {
      const [one, two] = [await open(), await open()];
      const said = Array.from({ length: 200 }, (_, at) => ({ at, what: ['é', null, 0.5, ''] }));
      for (const [at, message] of said.entries()) {
        one.bus.send(message);
        // Some in one turn of the event loop, some not.
        if (at % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      fixture().deliver();
      for (const message of said) expect(await two.heard.next()).toStrictEqual(message);
    });

    it('lets words wait that may, before those that are said after them and not for ever', async () => {
      const [one, two] = [await open(), await open()];
      one.bus.send('first', true);
      one.bus.send('second', true);
      one.bus.send('third');
      one.bus.send('fourth', true);
      fixture().deliver();
      for (const word of ['first', 'second', 'third', 'fourth']) {
        expect(await two.heard.next()).toBe(word);
      }
      one.bus.send('and nothing after it', true);
      fixture().deliver();
      expect(await two.heard.next()).toBe('and nothing after it');
    });

    it('takes large words', async () => {
      const [one, two] = [await open(), await open()];
      const large = 'x'.repeat(3_000_000);
      one.bus.send([large, 1]);
      fixture().deliver();
      expect(await two.heard.next()).toStrictEqual([large, 1]);
    });

    it('is silent once it is closed, and may be closed again', async () => {
      const [one, two, three] = [await open(), await open(), await open()];
      await one.bus.close();
      await one.bus.close();
      expect(one.bus.connected).toBe(false);
      one.bus.send('too late');
      two.bus.send('in time');
      fixture().deliver();
      expect(await three.heard.next()).toBe('in time');
    });
  });
}

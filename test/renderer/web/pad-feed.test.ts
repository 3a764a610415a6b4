import { expect, it } from 'vitest';
import { PadFeed, type PadMessage } from '../../../renderer/web/pad-feed.ts';

/** A page that takes a delivery when the test lets it. */
function slowPage() {
  const deliveries: (readonly PadMessage[])[] = [];
  const waiting: { resolve(value?: unknown): void; reject(error: Error): void }[] = [];
  const feed = new PadFeed((messages) => {
    deliveries.push(messages);
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  });
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return {
    feed,
    deliveries,
    async take() {
      waiting.shift()?.resolve();
      await settled();
    },
    async vanish() {
      waiting.shift()?.reject(new Error('gone'));
      await settled();
    },
  };
}

const press = (button: number, down = true, pad = 0): PadMessage => ({
  type: 'pad-button',
  pad,
  button,
  down,
});
const stick = (x: number, pad = 0): PadMessage => ({
  type: 'pad-state',
  pad,
  axes: [x, 0, 0, 0],
  triggers: [0, 0],
});

it('delivers at once to a page that keeps up', async () => {
  const { feed, deliveries, take } = slowPage();
  feed.handle(press(0));
  expect(deliveries).toEqual([[press(0)]]);
  await take();
  feed.handle(press(0, false));
  expect(deliveries[1]).toEqual([press(0, false)]);
});

it('gathers what comes meanwhile: every edge, and of each pad the last state', async () => {
  const { feed, deliveries, take } = slowPage();
  feed.handle(stick(0));
  for (const message of [stick(0.1), press(1), stick(0.5, 1), press(1, false), stick(0.2)]) {
    feed.handle(message);
  }
  await take();
  expect(deliveries).toEqual([[stick(0)], [press(1), stick(0.5, 1), press(1, false), stick(0.2)]]);
});

it('tells a new page how the pads stand', async () => {
  const { feed, deliveries, take } = slowPage();
  feed.handle({ type: 'pad-connected', pad: 2 });
  await take();
  for (const message of [press(3, true, 2), press(4, true, 2), press(3, false, 2), stick(1, 2)]) {
    feed.handle(message);
    await take();
  }
  deliveries.length = 0;
  feed.handleNewPage();
  expect(deliveries).toEqual([[{ type: 'pad-connected', pad: 2 }, press(4, true, 2), stick(1, 2)]]);
});

it('forgets pads that are gone and buttons that were released', async () => {
  const { feed, deliveries, take } = slowPage();
  for (const message of [
    { type: 'pad-connected', pad: 0 },
    { type: 'pad-connected', pad: 1 },
    press(5),
    { type: 'release-all' },
    { type: 'pad-disconnected', pad: 1 },
  ] as const) {
    feed.handle(message);
    await take();
  }
  deliveries.length = 0;
  feed.handleNewPage();
  expect(deliveries).toEqual([[{ type: 'pad-connected', pad: 0 }]]);
});

it('goes on after a page that vanished', async () => {
  const { feed, deliveries, vanish } = slowPage();
  feed.handle(press(0));
  feed.handle(press(0, false));
  await vanish();
  expect(deliveries).toEqual([[press(0)], [press(0, false)]]);
});

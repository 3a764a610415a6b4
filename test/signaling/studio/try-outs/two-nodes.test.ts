import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ContainerLoad } from '../../../../protocol/container-messages.ts';
import type { TryOutRequest } from '../../../../protocol/try-out-messages.ts';
import { HttpTryOutDelivery } from '../../../../server/agent/try-out-delivery.ts';
import type { FakeContainer } from '../../../support/fake-container.ts';
import { gameRecord, readyBuild } from '../../../support/game-records.ts';
import { SignalingPair } from '../../../support/signaling-pair.ts';
import { studioRecord } from '../../../support/studio-records.ts';

const CAPACITY = { pixelsPerSecond: 2e8, cpus: 8, memoryBytes: 2 ** 34, gpuMemoryBytes: 0 };
const LOAD: ContainerLoad = { state: 'standby', freeSlots: 4, free: CAPACITY };

let pair: SignalingPair;
let container: FakeContainer;

beforeEach(async () => {
  pair = await SignalingPair.start();
  container = await pair.one
    .newContainer()
    .start({ capacity: CAPACITY, slots: 4, builds: { runtimes: ['web'], warm: [] } }, LOAD);
  await pair.until(async () => (await pair.containersKnownTo(pair.two)) === 1);
});

afterEach(() => pair.close());

/** What the container is asked next, while time passes and it goes on telling its load. */
async function asked(): Promise<TryOutRequest> {
  await pair.until(async () => {
    await container.request('load', LOAD);
    return container.tryOuts.unread.length > 0;
  });
  return container.tryOuts.next();
}

it('of two nodes one has a build tried out, and hears of it by whichever is told', async () => {
  const studio = studioRecord();
  const game = gameRecord(studio.studioId);
  const build = readyBuild(game.gameId, { state: 'trying', tryOut: undefined });
  for (const { store } of [pair.one, pair.two]) {
    await store.studio.transact(async (records) => {
      await records.addStudio(studio);
      await records.games.addGame(game);
      await records.games.addBuild(build);
    });
  }
  const tried: string[] = [];
  for (const node of [pair.one, pair.two]) {
    const { tryOutId, token, build: order } = await asked();
    expect(order.buildId).toBe(build.buildId);
    tried.push(tryOutId);
    // Long enough for the other node to look at what waits, too.
    for (let beat = 0; beat < 60; beat++) {
      pair.beat();
      await container.request('load', LOAD);
    }
    expect(container.tryOuts.unread).toEqual([]);
    await new HttpTryOutDelivery(node.url).giveUp(token, 'The machine was taken out of the pool.');
  }
  tried.push((await asked()).tryOutId);
  expect(new Set(tried).size).toBe(3);
});

import { expect } from 'vitest';
import { test as withPlayers } from './support/e2e-test.ts';
import { SMALL_STREAM } from './support/player-page.ts';
import { RockpoolNodes, type SignalingNode } from './support/rockpool-nodes.ts';
import { health, metric } from './support/server-facts.ts';

interface Pool {
  readonly pool: RockpoolNodes;
  /** Has the socket of the container, until it is killed. */
  readonly first: SignalingNode;
  /** Has the sockets of the players. */
  readonly second: SignalingNode;
  readonly containerPid: number;
}

const test = withPlayers
  .extend<{ readonly nodes: Pool }>({
    nodes: [
      // biome-ignore lint/correctness/noEmptyPattern: vitest reads the dependencies from the pattern.
      async ({}, use) => {
        const pool = await RockpoolNodes.start(2);
        const [first, second] = pool.nodes;
        if (!first || !second) throw new Error('There are not two nodes.');
        const { pid: containerPid } = await pool.addContainer('attic');
        await use({ pool, first, second, containerPid });
        await pool.stop();
      },
      { scope: 'file' },
    ],
  })
  .extend({
    rockpool: [
      async ({ nodes }, use) => use({ url: nodes.second.url, pid: nodes.containerPid }),
      { scope: 'file' },
    ],
  });

test('a game on the container of one node, played over another, outlives the one, and others begin', async ({
  nodes: { first, second },
  newPlayer,
}) => {
  await expect.poll(() => health(second.url)).toBe(200);
  const player = await newPlayer({ stream: SMALL_STREAM });
  await player.play('calibration');
  await player.flip(() => player.page.keyboard.press('KeyX'));
  const before = await player.mark();
  const session = await player.sessionId();

  await first.kill();
  await player.frames(120);
  await player.flip(() => player.page.keyboard.press('KeyX'));
  const during = await player.mark();
  expect(during.nonce).toBe(before.nonce);
  expect(during.frameNumber).toBeGreaterThan(before.frameNumber);

  // The container finds its way to the other node, with its game.
  const onStandby = () => metric(second.url, 'rockpool_containers', 'state="standby"');
  await expect.poll(onStandby).toBe(1);
  const newcomer = await newPlayer({ stream: SMALL_STREAM });
  await newcomer.play('calibration');
  await newcomer.flip(() => newcomer.page.keyboard.press('KeyX'));
  expect((await newcomer.mark()).nonce).not.toBe(before.nonce);

  await player.page.reload();
  await player.streaming();
  expect(await player.snapshot()).toMatchObject({ sessionId: session, resumed: true });
  expect((await player.mark()).nonce).toBe(before.nonce);
});

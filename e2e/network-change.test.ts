import { expect } from 'vitest';
import { test as withPlayers } from './support/e2e-test.ts';
import { withOwnRockpool } from './support/own-rockpool.ts';
import { type PlayerPage, SMALL_STREAM } from './support/player-page.ts';
import { HOST, TwoNetworks, whyNoNetworks } from './support/two-networks.ts';

const WHY_NOT = whyNoNetworks();
const NOT_RUN = WHY_NOT === undefined ? '' : ` (not run: ${WHY_NOT})`;

const test = withPlayers
  .extend<{ readonly networks: TwoNetworks }>({
    networks: [
      // biome-ignore lint/correctness/noEmptyPattern: vitest reads the dependencies from the pattern.
      async ({}, use) => {
        const networks = await TwoNetworks.open();
        await use(networks);
        await networks.close();
      },
      { scope: 'file' },
    ],
  })
  .extend({
    browser: [async ({ networks }, use) => use(networks.browser), { scope: 'file' }],
    rockpool: [
      // biome-ignore lint/correctness/noEmptyPattern: vitest reads the dependencies from the pattern.
      async ({}, use) =>
        withOwnRockpool({ ROCKPOOL_HOST: '0.0.0.0', ROCKPOOL_SLOTS: '4' }, (url, { pid }) =>
          use({ url: `http://${HOST}:${new URL(url).port}`, pid }),
        ),
      { scope: 'file' },
    ],
  });

declare global {
  interface Window {
    /** Of the connection that the game began on. */
    firstControl?: RTCDataChannel | undefined;
  }
}

/** Plays over the network, does what happens to it, and sees that nothing but the path has changed. */
async function playThrough(player: PlayerPage, change: () => void): Promise<void> {
  await player.play('calibration');
  await player.frames(30);
  const session = await player.sessionId();
  const before = await player.mark();
  await player.page.evaluate(() => {
    window.firstControl = window.probe.connection.channels.get('control');
  });

  change();
  // More than what is still under way or in the browser's buffers.
  await player.frames(60);
  await player.flip(() => player.page.keyboard.press('KeyX'));
  await player.untilApplied();

  const after = await player.mark();
  expect(after.nonce).toBe(before.nonce);
  expect(after.frameNumber).toBeGreaterThan(before.frameNumber);
  expect(await player.snapshot()).toMatchObject({ sessionId: session, resumed: false });
  // The very connection: DTLS and SCTP know nothing of what happened below them.
  const control = await player.page.evaluate(() => ({
    same: window.firstControl === window.probe.connection.channels.get('control'),
    state: window.firstControl?.readyState,
  }));
  expect(control).toEqual({ same: true, state: 'open' });
}

test.skipIf(WHY_NOT)(
  `the picture goes on over the other network when one is gone${NOT_RUN}`,
  async ({ networks, newPlayer }) => {
    const player = await newPlayer({ stream: SMALL_STREAM });
    await playThrough(player, () => networks.disconnect('first'));
  },
);

test.skipIf(WHY_NOT)(
  `the picture goes on over a network that comes up only afterwards${NOT_RUN}`,
  async ({ networks, newPlayer }) => {
    const player = await newPlayer({ stream: SMALL_STREAM });
    await playThrough(player, () => {
      networks.disconnect('first');
      networks.disconnect('second');
      networks.connect('first');
    });
  },
);

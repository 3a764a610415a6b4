import { test as withPlayers } from './e2e-test.ts';
import { RockpoolApart } from './rockpool-apart.ts';

/** `test` with a signaling of its file's own, to which containers are added one by one. */
export const test = withPlayers.extend<{ readonly apart: RockpoolApart }>({
  apart: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the dependencies from the pattern.
    async ({}, use) => {
      const apart = await RockpoolApart.start();
      await use(apart);
      await apart.stop();
    },
    { scope: 'file' },
  ],
});

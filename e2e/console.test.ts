import { expect } from 'vitest';
import { test as base, type RockpoolUnderTest } from './support/e2e-test.ts';
import { overflow } from './support/overflow.ts';
import { withOwnRockpool } from './support/own-rockpool.ts';
import { SMALL_STREAM } from './support/player-page.ts';
import { press } from './support/press.ts';
import { sees } from './support/sees.ts';
import { seriousProblems } from './support/serious-problems.ts';
import { listedGames } from './support/server-facts.ts';

interface ProvidersRockpool extends RockpoolUnderTest {
  /** As it was printed. */
  readonly consoleLink: string;
}

const test = base.extend<{ readonly rockpool: ProvidersRockpool }>({
  rockpool: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the dependencies from the pattern.
    async ({}, use) =>
      withOwnRockpool(
        {
          ROCKPOOL_NAME: 'Attic',
          ROCKPOOL_SLOTS: '2',
          // One encoder is measured sooner than all of them.
          ROCKPOOL_ENCODERS: 'libx264',
        },
        async (url, rockpool) => {
          const [, consoleLink = ''] = await rockpool.printed(/Console: (\S+)/);
          await use({ url, pid: rockpool.pid, consoleLink });
        },
      ),
    { scope: 'file' },
  ],
});

const PHONE = { width: 360, height: 740, hasTouch: true, isMobile: true };

test('a provider drains a machine from a phone, sees its game end, and takes it back', async ({
  newPlayer,
  rockpool,
}) => {
  const provider = await newPlayer({ viewport: PHONE });
  await provider.visit(rockpool.consoleLink);
  await sees(provider, 'Ready to play');
  // Neither the address bar nor the history of this browser keeps the token.
  expect(provider.page.url()).toBe(`${rockpool.url}/console`);

  const player = await newPlayer({ stream: SMALL_STREAM });
  await player.play('calibration');
  await player.flip(() => player.page.keyboard.press('KeyX'));
  await sees(provider, '1 game being played');
  await press(provider, 'Drain');
  await sees(provider, 'Draining: 1 game goes on');
  const free = (await listedGames(rockpool.url)).map(({ freeSlots }) => freeSlots);
  expect(Math.max(...free)).toBe(0);
  await player.frames(5);

  await player.leave();
  await sees(provider, 'Drained: nothing is being played');
  await sees(provider, 'Player left');
  // The link is not needed again on this device.
  await provider.page.reload();
  await press(provider, 'Take games again');
  await sees(provider, 'Ready to play');
  expect((await listedGames(rockpool.url)).some(({ freeSlots }) => freeSlots > 0)).toBe(true);
  expect(provider.errors).toEqual([]);
});

test('the log of a machine is shown as it comes, without what opens the console', async ({
  newPlayer,
  rockpool,
}) => {
  const provider = await newPlayer();
  await provider.visit(rockpool.consoleLink);
  await provider.page.locator('::-p-text(Log)').click();
  await sees(provider, 'joined the pool');
  const player = await newPlayer({ stream: SMALL_STREAM });
  await player.play('calibration');
  await sees(provider, 'session assigned');
  const token = new URL(rockpool.consoleLink).hash.slice(1);
  expect(await provider.page.content()).not.toContain(token);
});

test.for([
  { device: 'a desktop', viewport: { width: 1280, height: 800 } },
  { device: 'a phone of 360 pixels', viewport: PHONE },
])(
  'axe finds nothing serious in the console on $device',
  async ({ viewport }, { newPlayer, rockpool }) => {
    const provider = await newPlayer({ viewport });
    await provider.visit('/console');
    await sees(provider, 'Look after your machines from here');
    expect(await seriousProblems(provider)).toEqual([]);
    await provider.visit(rockpool.consoleLink);
    await provider.page.locator('::-p-text(Log)').click();
    await sees(provider, 'joined the pool');
    await sees(provider, 'Click to photon');
    expect(await seriousProblems(provider)).toEqual([]);
    expect(await overflow(provider)).toBe(0);
  },
);

import { expect } from 'vitest';
import { test as withApart } from './support/apart-test.ts';
import { type PlayerPage, SMALL_STREAM } from './support/player-page.ts';
import { connectedWorkersOf, workersOf } from './support/process-tree.ts';
import type { ContainerProcess } from './support/rockpool-apart.ts';
import { sessionCount } from './support/server-facts.ts';

const test = withApart
  .extend<{ readonly containers: readonly ContainerProcess[] }>({
    containers: [
      async ({ apart }, use) => {
        const names = ['attic', 'cellar'];
        use(await Promise.all(names.map((name) => apart.addContainer(name))));
      },
      { scope: 'file' },
    ],
  })
  .extend({
    rockpool: [async ({ apart }, use) => use({ url: apart.url, pid: 0 }), { scope: 'file' }],
  });

/** What the page says of why the game is on its machine; afterwards the game has the keyboard again. */
async function explanation(player: PlayerPage): Promise<string> {
  const { page } = player;
  await page.$eval('[aria-label="Why this machine?"]', (control) =>
    (control as HTMLElement).click(),
  );
  await page.waitForSelector('dialog[open] details[open]');
  const text = await page.$eval('dialog[open]', (dialog) => dialog.textContent ?? '');
  await page.keyboard.press('Escape');
  await player.streaming();
  return text;
}

/** Waits until each container has one worker, which waits for a session; gives their process ids. */
async function spares(containers: readonly ContainerProcess[]): Promise<number[]> {
  const workers = () => containers.map(({ pid }) => workersOf(pid));
  const counts = () => workers().map(({ length }) => length);
  await expect.poll(counts).toEqual(containers.map(() => 1));
  const connected = () => containers.flatMap(({ pid }) => connectedWorkersOf(pid));
  await expect.poll(connected).toEqual([]);
  return workers().flat();
}

/** The container that a player is on, and the other one. */
async function sides(player: PlayerPage, containers: readonly ContainerProcess[]) {
  const { containerName } = (await player.snapshot()) ?? {};
  const played = containers.find(({ name }) => name === containerName);
  const other = containers.find(({ name }) => name !== containerName);
  if (!played || !other) throw new Error('there are not two containers');
  return { played, other };
}

test('a player measures the machines, plays on one, and leaves the other as it was', async ({
  apart,
  containers,
  newPlayer,
}) => {
  const player = await newPlayer({ stream: SMALL_STREAM });
  let before: number[] = [];
  // A machine that is busy with other things opens no path in time: then nothing was measured.
  for (let why = ''; !why.includes('measured from this browser'); ) {
    if (why !== '') await player.leave();
    before = await spares(containers);
    await player.play('calibration');
    why = await explanation(player);
    expect(why).toContain('Chosen out of 2 machines');
  }
  await player.flip(() => player.page.keyboard.press('KeyX'));

  expect(await sessionCount(apart.url)).toBe(1);
  const { played, other } = await sides(player, containers);
  await expect.poll(() => connectedWorkersOf(other.pid)).toEqual([]);
  // The same one as before: it was lent, and not used up.
  expect(before).toEqual(expect.arrayContaining(workersOf(other.pid)));
  expect(connectedWorkersOf(played.pid)).toHaveLength(1);
  await player.leave();
  await spares(containers);
});

test('a page that is left while it measures leaves nothing behind', async ({
  apart,
  containers,
  newPlayer,
}) => {
  const player = await newPlayer({ stream: SMALL_STREAM });
  await player.visit('/');
  const play = await player.page.waitForSelector('a[href="/play/calibration"]');
  // It takes a moment alone, which a test that asks from outside may miss.
  await play?.evaluate((link) => {
    setInterval(() => {
      const state = window.rockpool?.snapshot.state;
      if (state?.name === 'connecting' && state.step === 'measuring') location.href = 'about:blank';
    });
    (link as HTMLElement).click();
  });
  await player.page.waitForFunction(() => location.href === 'about:blank');
  await expect.poll(() => sessionCount(apart.url)).toBe(0);
  await spares(containers);
});

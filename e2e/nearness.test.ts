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
        const names = ['attic', 'cellar', 'shed'];
        use(await Promise.all(names.map((name) => apart.addContainer(name))));
      },
      { scope: 'file' },
    ],
  })
  .extend({
    rockpool: [async ({ apart }, use) => use({ url: apart.url, pid: 0 }), { scope: 'file' }],
  });

/** What the page says of why the game is on its machine. */
async function explanation({ page }: PlayerPage): Promise<string> {
  await page.$eval('[aria-label="Why this machine?"]', (control) =>
    (control as HTMLElement).click(),
  );
  await page.waitForSelector('dialog[open] details[open]');
  const text = await page.$eval('dialog[open]', (dialog) => dialog.textContent ?? '');
  await page.keyboard.press('Escape');
  return text;
}

function spares(containers: readonly ContainerProcess[]): number[][] {
  return containers.map(({ pid }) => workersOf(pid));
}

test('a player measures the machines, plays on one, and leaves the others as they were', async ({
  apart,
  containers,
  newPlayer,
}) => {
  const atRest = () => spares(containers).map(({ length }) => length);
  await expect.poll(atRest, { timeout: 30_000 }).toEqual([1, 1, 1]);
  const before = spares(containers);
  const player = await newPlayer({ stream: SMALL_STREAM });
  await player.play('calibration');
  await player.flip(() => player.page.keyboard.press('KeyX'));

  const { containerName } = (await player.snapshot()) ?? {};
  const why = await explanation(player);
  expect(why).toContain('Chosen out of 3 machines');
  expect(why).toContain('measured from this browser');
  expect(why).not.toContain('not measured');

  expect(await sessionCount(apart.url)).toBe(1);
  const others = containers.filter(({ name }) => name !== containerName);
  expect(others).toHaveLength(2);
  for (const { pid } of others) {
    await expect.poll(() => connectedWorkersOf(pid), { timeout: 10_000 }).toEqual([]);
    // The same one as before: it was lent, and not used up.
    const at = containers.findIndex((container) => container.pid === pid);
    expect(workersOf(pid)).toEqual(before[at]);
  }
  await player.leave();
  await expect.poll(atRest, { timeout: 30_000 }).toEqual([1, 1, 1]);
});

test('a page that is closed while it measures leaves nothing behind', async ({
  apart,
  containers,
  newPlayer,
}) => {
  const player = await newPlayer({ stream: SMALL_STREAM });
  await player.visit('/play/calibration');
  await player.page.waitForFunction(() => {
    const state = window.rockpool?.snapshot.state;
    return state?.name === 'connecting' && state.step === 'measuring';
  });
  await player.close();
  await expect.poll(() => sessionCount(apart.url), { timeout: 20_000 }).toBe(0);
  const connected = () => containers.flatMap(({ pid }) => connectedWorkersOf(pid));
  await expect.poll(connected, { timeout: 20_000 }).toEqual([]);
});

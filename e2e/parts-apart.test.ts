import { expect } from 'vitest';
import { test as withApart } from './support/apart-test.ts';
import { SMALL_STREAM } from './support/player-page.ts';
import {
  childrenOf,
  connectedWorkersOf,
  isThere,
  openFiles,
  workersOf,
} from './support/process-tree.ts';
import type { ContainerProcess } from './support/rockpool-apart.ts';
import { health, sessionCount, untilNoSession } from './support/server-facts.ts';

const test = withApart
  .extend<{ readonly container: ContainerProcess }>({
    container: [
      async ({ apart }, use) => use(await apart.addContainer('attic')),
      { scope: 'file' },
    ],
  })
  .extend({
    rockpool: [
      async ({ apart, container }, use) => use({ url: apart.url, pid: container.pid }),
      { scope: 'file' },
    ],
  });

test('a game outlives signaling: the picture goes on, and all find each other again', async ({
  apart,
  newPlayer,
}) => {
  const player = await newPlayer({ stream: SMALL_STREAM });
  await player.play('calibration');
  const session = await player.sessionId();
  const before = await player.mark();

  await apart.killSignaling();
  await player.frames(120);
  await player.flip(() => player.page.keyboard.press('KeyX'));
  const during = await player.mark();
  expect(during.nonce).toBe(before.nonce);
  expect(during.frameNumber).toBeGreaterThan(before.frameNumber);

  await apart.restartSignaling();
  await expect.poll(() => health(apart.url)).toBe(200);
  expect(await sessionCount(apart.url)).toBe(1);

  const newcomer = await newPlayer({ stream: SMALL_STREAM });
  await newcomer.play('calibration');
  await newcomer.flip(() => newcomer.page.keyboard.press('KeyX'));
  expect((await newcomer.mark()).nonce).not.toBe(before.nonce);

  await player.page.reload();
  await player.streaming();
  expect(await player.snapshot()).toMatchObject({ sessionId: session, resumed: true });
  expect((await player.mark()).nonce).toBe(before.nonce);
  await player.flip(() => player.page.keyboard.press('KeyX'));
});

test('sessions that ended leave no process and no open file in the container', async ({
  apart,
  container,
  newPlayer,
}) => {
  const player = await newPlayer({ stream: SMALL_STREAM });
  const playOnce = async () => {
    await player.play('calibration');
    const workers = connectedWorkersOf(container.pid);
    expect(workers).toHaveLength(1);
    await player.leave();
    await untilNoSession(apart.url);
    await expect.poll(() => workers.some(isThere)).toBe(false);
  };
  const left = () => ({
    children: childrenOf(container.pid).length,
    files: openFiles(container.pid),
  });

  await playOnce();
  // The next spare worker is forked a little after the last one was taken, and the process that
  // measured the machine may still draw covers.
  let afterFirst = left();
  const atRest = () => {
    afterFirst = left();
    return [afterFirst.children, workersOf(container.pid).length];
  };
  await expect.poll(atRest).toEqual([1, 1]);
  for (let sessions = 1; sessions < 5; sessions++) await playOnce();
  // What was open after the first may count requests to signaling that were still kept alive: fewer
  // is well, and a file left by each session is more by four.
  const more = () => {
    const { children, files } = left();
    return { children, files: Math.max(0, files - afterFirst.files) };
  };
  await expect.poll(more).toEqual({ children: 1, files: 0 });
});

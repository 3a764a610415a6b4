import { expect } from 'vitest';
import { test } from './support/e2e-test.ts';
import { SMALL_STREAM } from './support/player-page.ts';
import { connectedWorkersOf, isThere } from './support/process-tree.ts';
import { health } from './support/server-facts.ts';

test('a killed worker ends one game, which starts anew by itself until it happens too often', async ({
  newPlayer,
  rockpool,
}) => {
  const player = await newPlayer({ stream: SMALL_STREAM });
  const bystander = await newPlayer({ stream: SMALL_STREAM });
  await bystander.play('calibration');
  const others = connectedWorkersOf(rockpool.pid);
  await player.play('calibration');
  const [worker = 0] = connectedWorkersOf(rockpool.pid).filter((pid) => !others.includes(pid));
  expect(worker).toBeGreaterThan(0);
  const before = { session: await player.sessionId(), ...(await player.mark()) };
  const { nonce } = await bystander.mark();

  process.kill(worker, 'SIGKILL');
  await player.page.waitForFunction(
    (session) => window.rockpool?.snapshot.sessionId !== session,
    {},
    before.session,
  );
  await player.streaming();
  expect(await player.snapshot()).toMatchObject({ moved: 'worker-crashed', resumed: false });
  await player.page.waitForSelector('::-p-text(The game stopped unexpectedly)');
  await player.flip(() => player.page.keyboard.press('KeyX'));
  expect((await player.mark()).nonce).not.toBe(before.nonce);
  expect(isThere(rockpool.pid)).toBe(true);
  expect(await health(rockpool.url)).toBe(200);

  for (let again = 0; again < 3; again++) {
    const [next = 0] = connectedWorkersOf(rockpool.pid).filter((pid) => !others.includes(pid));
    const session = await player.sessionId();
    expect(next).toBeGreaterThan(0);
    process.kill(next, 'SIGKILL');
    await player.page.waitForFunction(
      (last) => {
        const snapshot = window.rockpool?.snapshot;
        const streams = snapshot?.state.name === 'streaming' && snapshot.sessionId !== last;
        return streams || snapshot?.state.name === 'ended';
      },
      {},
      session,
    );
  }
  const { state } = (await player.snapshot()) ?? {};
  expect(state).toMatchObject({ name: 'ended', reason: 'worker-crashed' });

  await player.page.click('::-p-aria([name="Restart"][role="button"])');
  await player.streaming();
  await player.flip(() => player.page.keyboard.press('KeyX'));

  await bystander.frames(10);
  expect(await bystander.page.evaluate(() => window.probe.picture.nonces)).toEqual([nonce]);
  expect(player.errors).toEqual([]);
  expect(bystander.errors).toEqual([]);
});

import { expect } from 'vitest';
import { test } from './support/e2e-test.ts';
import { isThere } from './support/process-tree.ts';
import { health } from './support/server-facts.ts';
import { spareWorker } from './support/spare-worker.ts';

test('a killed worker ends one game: the page says so and one click starts it again', async ({
  newPlayer,
  rockpool,
}) => {
  const player = await newPlayer();
  const bystander = await newPlayer();
  await bystander.play('calibration');
  const worker = await spareWorker(rockpool);
  await player.play('calibration');
  const before = { session: await player.sessionId(), ...(await player.mark()) };
  const { nonce } = await bystander.mark();

  process.kill(worker, 'SIGKILL');
  await player.page.waitForSelector('::-p-text(The game stopped unexpectedly)');
  const { state } = (await player.snapshot()) ?? {};
  expect(state).toMatchObject({ name: 'ended', reason: 'worker-crashed' });
  expect(isThere(rockpool.pid)).toBe(true);
  expect(await health(rockpool.url)).toBe(200);

  await player.page.click('::-p-aria([name="Restart"][role="button"])');
  await player.streaming();
  await player.flip(() => player.page.keyboard.press('KeyX'));
  expect(await player.sessionId()).not.toBe(before.session);
  expect((await player.mark()).nonce).not.toBe(before.nonce);

  await bystander.frames(10);
  expect(await bystander.page.evaluate(() => window.probe.picture.nonces)).toEqual([nonce]);
  expect(player.errors).toEqual([]);
  expect(bystander.errors).toEqual([]);
});

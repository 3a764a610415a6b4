import { expect } from 'vitest';
import { test as withPlayers } from './support/e2e-test.ts';
import { withOwnRockpool } from './support/own-rockpool.ts';
import { SMALL_STREAM } from './support/player-page.ts';

const test = withPlayers.extend({
  rockpool: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the dependencies from the pattern.
    async ({}, use) =>
      withOwnRockpool({ ROCKPOOL_SLOTS: '2' }, (url, { pid }) => use({ url, pid })),
    { scope: 'file' },
  ],
});

test('two players at once never reach the game of the other', async ({ newPlayer }) => {
  const one = await newPlayer({ stream: SMALL_STREAM });
  const two = await newPlayer({ stream: SMALL_STREAM });
  await one.play('calibration');
  await two.play('calibration');
  const nonces = [(await one.mark()).nonce, (await two.mark()).nonce];
  expect(nonces[0]).not.toBe(nonces[1]);
  expect(await one.sessionId()).not.toBe(await two.sessionId());

  for (const [acting, resting] of [
    [one, two],
    [two, one],
  ] as const) {
    const flips = await resting.flips();
    const { inputSeq } = await resting.mark();
    for (let i = 0; i < 5; i++) {
      await acting.flip(() => acting.page.keyboard.press('KeyX'));
      await acting.flip(() => acting.page.mouse.click(640, 400));
    }
    await resting.frames(5);
    expect(await resting.flips()).toBe(flips);
    expect((await resting.mark()).inputSeq).toBe(inputSeq);
  }
  for (const [index, { page, errors }] of [one, two].entries()) {
    expect(await page.evaluate(() => window.probe.picture.nonces)).toEqual([nonces[index]]);
    expect(errors).toEqual([]);
  }
});

test('a third player waits in line, and plays when one has left', async ({ newPlayer }) => {
  const first = await newPlayer({ stream: SMALL_STREAM });
  const second = await newPlayer({ stream: SMALL_STREAM });
  const third = await newPlayer({ stream: SMALL_STREAM });
  await first.play('calibration');
  await second.play('calibration');

  await third.visit('/play/calibration');
  await third.page.waitForSelector('::-p-text(You are next in line)');
  await first.leave();
  await third.streaming();
  await third.flip(() => third.page.keyboard.press('KeyX'));
  await second.frames(5);
});

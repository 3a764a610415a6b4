import { expect } from 'vitest';
import { test } from './support/e2e-test.ts';
import { SMALL_STREAM } from './support/player-page.ts';

test('a picture that stops though frames arrive is brought back without a reload', async ({
  newPlayer,
}) => {
  const player = await newPlayer({ stream: SMALL_STREAM });
  await player.play('calibration');
  await player.frames(30);
  const before = await player.mark();
  const sessionId = await player.sessionId();

  // As a media key or an extension does: frames arrive and are decoded, and none is shown.
  await player.page.evaluate(() => document.querySelector('video')?.pause());
  await player.page.waitForFunction(() => (window.rockpool?.snapshot.stream?.recoveries ?? 0) >= 2);
  await player.frames(30);

  const after = await player.mark();
  expect(after.nonce).toBe(before.nonce);
  expect(after.frameNumber).toBeGreaterThan(before.frameNumber);
  expect(await player.snapshot()).toMatchObject({
    sessionId,
    resumed: false,
    state: { name: 'streaming' },
  });
  await player.flip(() => player.page.keyboard.press('KeyX'));
  expect(player.errors).toEqual([]);
});

import { expect } from 'vitest';
import { test } from './support/e2e-test.ts';
import { SMALL_STREAM } from './support/player-page.ts';

test('reloading the tab returns to the same running game', async ({ newPlayer }) => {
  const player = await newPlayer({ stream: SMALL_STREAM });
  await player.play('calibration');
  await player.flip(() => player.page.keyboard.press('KeyX'));
  await player.untilApplied();
  const session = await player.sessionId();
  const before = await player.mark();

  await player.page.reload();
  await player.streaming();
  const after = await player.mark();
  expect(await player.snapshot()).toMatchObject({ sessionId: session, resumed: true });
  expect(after.nonce).toBe(before.nonce);
  expect(after.frameNumber).toBeGreaterThan(before.frameNumber);
  expect(after.inputSeq).toBeGreaterThanOrEqual(before.inputSeq);

  await player.flip(() => player.page.keyboard.press('KeyX'));
  await player.untilApplied();
  const [first] = await player.sentInputs();
  expect(first?.seq).toBeGreaterThan(before.inputSeq);
  expect(player.errors).toEqual([]);
});

import { expect } from 'vitest';
import { test } from './support/e2e-test.ts';
import { SMALL_STREAM } from './support/player-page.ts';

test('what is chosen in the settings changes the running stream and is kept', async ({
  newPlayer,
}) => {
  const player = await newPlayer();
  const { page } = player;
  await player.play('calibration');
  const session = await player.sessionId();
  const { nonce } = await player.mark();

  await page.keyboard.press('F2');
  await page.locator('::-p-aria([name="Settings"][role="button"])').click();
  await page.locator('::-p-aria([name="Resolution"])').fill('640 × 360');
  await page.locator('::-p-aria([name="30"][role="radio"])').click();
  await page.locator('::-p-aria([name="Done"][role="button"])').click();
  await player.streaming();

  await page.waitForFunction(() => document.querySelector('video')?.videoWidth === 640);
  await page.waitForFunction(() => window.rockpool?.snapshot.stream?.frameRate === 30);
  expect((await player.snapshot())?.stream?.resolution).toEqual({ width: 640, height: 360 });
  await player.flip(() => page.keyboard.press('KeyX'));
  expect(await player.sessionId()).toBe(session);
  expect((await player.mark()).nonce).toBe(nonce);

  await page.reload();
  await player.streaming();
  await page.waitForFunction(() => document.querySelector('video')?.videoWidth === 640);
  expect(player.errors).toEqual([]);
});

test('another codec takes over while the game goes on', async ({ newPlayer }) => {
  const player = await newPlayer({ stream: SMALL_STREAM });
  const { page } = player;
  await player.play('calibration');
  const session = await player.sessionId();
  expect((await player.snapshot())?.stream?.codec).toBe('h264');

  await page.keyboard.press('F2');
  await page.locator('::-p-aria([name="Settings"][role="button"])').click();
  await page.locator('::-p-aria([name="Video codec"])').fill('vp8');
  await page.locator('::-p-aria([name="Done"][role="button"])').click();
  await player.streaming();

  await page.waitForFunction(() => window.rockpool?.snapshot.stream?.encoder === 'libvpx');
  await player.flip(() => page.keyboard.press('KeyX'));
  expect((await player.snapshot())?.stream).toMatchObject({ codec: 'vp8', recoveries: 0 });
  expect(await player.sessionId()).toBe(session);
  expect(player.errors).toEqual([]);
});

import { expect } from 'vitest';
import { decodeCalibrationMark } from '../protocol/calibration-picture.ts';
import { describeNative } from './support/describe-native.ts';
import { test } from './support/e2e-test.ts';
import {
  NATIVE_CALIBRATION,
  STILL_CALIBRATION,
  STUBBORN_CALIBRATION,
} from './support/native-builds.ts';
import { type PageBox, PagePixels } from './support/page-pixels.ts';
import { type PlayerPage, SMALL_STREAM } from './support/player-page.ts';

/** Presses keys, each until it is seen. @returns how many presses the game has counted. */
async function press(player: PlayerPage, times: number): Promise<number> {
  for (let i = 0; i < times; i++) await player.flip(() => player.page.keyboard.press('KeyX'));
  return (await player.mark()).inputSeq;
}

/** Pixels of what the video element holds. */
function pictureSize({ page }: PlayerPage): Promise<{ width: number; height: number }> {
  return page.$eval('video', ({ videoWidth, videoHeight }) => ({
    width: videoWidth,
    height: videoHeight,
  }));
}

/** Waits until the page shows the whole picture exactly there, and black around it. */
async function expectPictureIn(player: PlayerPage, box: PageBox): Promise<void> {
  const expected = await player.mark();
  await expect
    .poll(async () => decodeCalibrationMark((await PagePixels.of(player)).within(box), box))
    .toEqual(expected);
  const brightestOfBars = async () => {
    const pixels = await PagePixels.of(player);
    const { width, height } = pixels;
    const bars: PageBox[] = [
      { left: 0, top: 0, width: box.left, height },
      { left: box.left + box.width, top: 0, width: width - box.left - box.width, height },
      { left: 0, top: 0, width, height: box.top },
      { left: 0, top: box.top + box.height, width, height: height - box.top - box.height },
    ];
    return Math.max(...bars.map((bar) => pixels.brightest(bar)));
  };
  // The controls lie over a bar until they are left alone for a while.
  await expect.poll(brightestOfBars).toBe(0);
}

describeNative('a native program', () => {
  test('is played: its picture arrives, and keys and buttons of the mouse reach it', async ({
    newPlayer,
  }) => {
    const player = await newPlayer();
    await player.play(NATIVE_CALIBRATION);
    const start = await player.mark();
    expect(start.inputSeq).toBe(0);
    expect(await pictureSize(player)).toEqual({ width: 1280, height: 720 });

    await player.flip(() => player.page.keyboard.press('KeyX'));
    expect((await player.mark()).inputSeq).toBe(1);
    await player.flip(() => player.page.mouse.click(640, 400));
    expect((await player.mark()).inputSeq).toBe(2);

    await player.frames(30);
    const after = await player.mark();
    expect(after.frameNumber).toBeGreaterThan(start.frameNumber);
    expect(after.inputSeq).toBe(2);
    expect(await player.page.evaluate(() => window.probe.picture.nonces)).toEqual([start.nonce]);
    expect(player.errors).toEqual([]);
  });

  test('of 4 to 3 is shown whole and undistorted, between bars', async ({ newPlayer }) => {
    const player = await newPlayer({ viewport: { width: 1200, height: 600 } });
    await player.play(STILL_CALIBRATION.id);
    expect(await pictureSize(player)).toEqual(STILL_CALIBRATION.resolution);
    await player.page.$$eval('[aria-label="Close how to play"]', (controls) => {
      for (const control of controls) (control as HTMLElement).click();
    });
    await player.page.waitForSelector('aside[aria-label="How to play"]', { hidden: true });
    expect(await press(player, 1)).toBe(1);

    await expectPictureIn(player, { left: 200, top: 0, width: 800, height: 600 });
    await player.page.setViewport({ width: 640, height: 800 });
    await expectPictureIn(player, { left: 0, top: 160, width: 640, height: 480 });
    expect(player.errors).toEqual([]);
  });

  test('goes on after a reload: the same session, the same program, the same count', async ({
    newPlayer,
  }) => {
    const player = await newPlayer({ stream: SMALL_STREAM });
    await player.play(NATIVE_CALIBRATION);
    expect(await press(player, 2)).toBe(2);
    const session = await player.sessionId();
    const { nonce } = await player.mark();

    await player.page.reload();
    await player.streaming();
    expect(await player.snapshot()).toMatchObject({ sessionId: session, resumed: true });
    expect(await player.mark()).toMatchObject({ nonce, inputSeq: 2 });
    expect(await press(player, 1)).toBe(3);
    expect(player.errors).toEqual([]);
  });

  test('keeps the saves of a player for the next session, and of that player alone', async ({
    newPlayer,
  }) => {
    const player = await newPlayer({ stream: SMALL_STREAM });
    await player.play(NATIVE_CALIBRATION);
    expect(await press(player, 3)).toBe(3);
    const first = { session: await player.sessionId(), ...(await player.mark()) };

    // Nothing is waited for between leaving and playing.
    await player.leave();
    await player.play(NATIVE_CALIBRATION);
    expect(await player.sessionId()).not.toBe(first.session);
    const again = await player.mark();
    expect(again.nonce).not.toBe(first.nonce);
    expect(again.inputSeq).toBe(3);
    expect(await press(player, 1)).toBe(4);

    const other = await newPlayer({ stream: SMALL_STREAM });
    await other.play(NATIVE_CALIBRATION);
    expect((await other.mark()).inputSeq).toBe(0);
  });

  test('that does not end when it is asked to is saved before its player is back', async ({
    newPlayer,
  }) => {
    const player = await newPlayer({ stream: SMALL_STREAM });
    await player.play(STUBBORN_CALIBRATION);
    expect(await press(player, 2)).toBe(2);

    await player.leave();
    await player.play(STUBBORN_CALIBRATION);
    expect((await player.mark()).inputSeq).toBe(2);
    expect(player.errors).toEqual([]);
  });

  test('is one for each of two players: each sees only what they do', async ({ newPlayer }) => {
    const one = await newPlayer({ stream: SMALL_STREAM });
    const two = await newPlayer({ stream: SMALL_STREAM });
    await one.play(NATIVE_CALIBRATION);
    await two.play(NATIVE_CALIBRATION);
    const nonces = [(await one.mark()).nonce, (await two.mark()).nonce];
    expect(nonces[0]).not.toBe(nonces[1]);

    for (const [acting, resting, presses] of [
      [one, two, 3],
      [two, one, 5],
    ] as const) {
      const flips = await resting.flips();
      const { inputSeq } = await resting.mark();
      expect(await press(acting, presses)).toBe(presses);
      await acting.flip(() => acting.page.mouse.click(640, 400));
      await resting.frames(5);
      expect(await resting.flips()).toBe(flips);
      expect((await resting.mark()).inputSeq).toBe(inputSeq);
    }
    for (const [index, { page, errors }] of [one, two].entries()) {
      expect(await page.evaluate(() => window.probe.picture.nonces)).toEqual([nonces[index]]);
      expect(errors).toEqual([]);
    }
  });
});

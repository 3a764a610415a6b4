import { expect } from 'vitest';
import { LATENCY_STAGES } from '../protocol/latency-stages.ts';
import { test } from './support/e2e-test.ts';

test('the patch flips on a key, on a pointer press and on a gamepad button', async ({
  newPlayer,
}) => {
  const player = await newPlayer();
  await player.play('calibration');

  await player.flip(() => player.page.keyboard.press('KeyX'));
  await player.flip(() => player.page.mouse.click(640, 400));
  await player.page.evaluate(() => window.probe.gamepad.plugIn());
  await player.flip(() => player.page.evaluate(() => window.probe.gamepad.setButton(0, true)));

  expect(player.errors).toEqual([]);
});

test('the strip counts every frame up and names the input that was applied last', async ({
  newPlayer,
}) => {
  const player = await newPlayer();
  await player.play('calibration');
  for (const key of ['KeyA', 'KeyB', 'KeyC'] as const) {
    await player.flip(() => player.page.keyboard.press(key));
  }

  const seqs = (await player.sentInputs()).map((input) => input.seq);
  expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  await player.untilApplied();
  expect((await player.mark()).inputSeq).toBe(seqs.length);

  await player.frames(60);
  const marks = await player.page.evaluate(() =>
    window.probe.picture.frames.map((frame) => frame.mark),
  );
  const read = marks.flatMap((mark) => (mark ? [mark] : []));
  expect(read).toHaveLength(marks.length);
  const numbers = read.map((mark) => mark.frameNumber);
  // Under load the element may already show the next frame when the browser tells of this one.
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  expect(new Set(numbers).size).toBeGreaterThan(30);
  expect(new Set(read.map((mark) => mark.nonce)).size).toBe(1);
});

test('every press is followed to the frame that shows it, in stages that tile the total', async ({
  newPlayer,
}) => {
  const player = await newPlayer();
  await player.play('calibration');
  await player.page.waitForFunction(() => window.rockpool?.snapshot.latency?.rttMs !== undefined);
  const presses = 10;
  for (let i = 0; i < presses; i++) {
    await player.flip(() => player.page.keyboard.down('KeyX'));
    await player.page.keyboard.up('KeyX');
    await player.untilApplied();
  }

  await player.page.waitForFunction(
    (count) => (window.rockpool?.snapshot.latency?.total.count ?? 0) >= count,
    {},
    presses,
  );
  await player.frames(3);
  const { samples, frames } = await player.page.evaluate(() => ({
    samples: window.rockpool?.latency.samples() ?? [],
    frames: window.probe.picture.frames.flatMap(({ mark }) => (mark ? [mark] : [])),
  }));
  for (const sample of samples) {
    const sum = LATENCY_STAGES.reduce((total, stage) => total + sample.stages[stage], 0);
    expect(sum).toBeCloseTo(sample.totalMs, 6);
    expect(sample.shownAtMs - sample.inputAtMs).toBeCloseTo(sample.totalMs, 6);
    expect(sample.totalMs).toBeGreaterThan(0);
    // The frame is the first that shows the input. Under load the element may already show the next
    // one when the browser tells of a frame, so the probe may have seen that instead.
    const first = frames.findIndex((mark) => mark.inputSeq >= sample.inputSeq);
    expect(first).toBeGreaterThan(0);
    expect(sample.frameNumber).toBeGreaterThan(frames[first - 1]?.frameNumber ?? -1);
    expect(sample.frameNumber).toBeLessThanOrEqual(frames[first + 1]?.frameNumber ?? -1);
  }
});

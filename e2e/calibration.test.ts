import { expect } from 'vitest';
import { LATENCY_STAGES } from '../client/player/player-snapshot.ts';
import { decodeInput } from '../protocol/input-messages.ts';
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

  const sent = await player.page.evaluate(() => window.probe.connection.sent('input'));
  const seqs = sent.map((bytes) => decodeInput(Uint8Array.from(bytes)).seq);
  expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  await player.page.waitForFunction(
    (seq) => window.probe.picture.lastMark?.inputSeq === seq,
    {},
    seqs.length,
  );

  await player.frames(60);
  const marks = await player.page.evaluate(() =>
    window.probe.picture.frames.map((frame) => frame.mark),
  );
  const read = marks.flatMap((mark) => (mark ? [mark] : []));
  expect(read).toHaveLength(marks.length);
  const numbers = read.map((mark) => mark.frameNumber);
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  expect(new Set(read.map((mark) => mark.nonce)).size).toBe(1);
});

test('every press is followed to the frame that shows it, in stages that tile the total', async ({
  newPlayer,
}) => {
  const player = await newPlayer();
  await player.play('calibration');
  const presses = 10;
  for (let i = 0; i < presses; i++) await player.flip(() => player.page.keyboard.press('KeyX'));

  // Each press is a key going down and a key going up.
  await player.page.waitForFunction(
    (count) => (window.rockpool?.latency.samples().length ?? 0) >= count,
    {},
    2 * presses,
  );
  const { samples, frames } = await player.page.evaluate(() => ({
    samples: window.rockpool?.latency.samples() ?? [],
    frames: window.probe.picture.frames.flatMap(({ mark }) => (mark ? [mark] : [])),
  }));
  for (const sample of samples) {
    const sum = LATENCY_STAGES.reduce((total, stage) => total + sample.stages[stage], 0);
    expect(sum).toBeCloseTo(sample.totalMs, 6);
    expect(sample.shownAtMs - sample.inputAtMs).toBeCloseTo(sample.totalMs, 6);
    expect(sample.totalMs).toBeGreaterThan(0);
    const first = frames.find((mark) => mark.inputSeq >= sample.inputSeq);
    // The picture may be drawn from the element one frame after the one the browser told of.
    expect(Math.abs((first?.frameNumber ?? 0) - sample.frameNumber)).toBeLessThanOrEqual(1);
  }
  const percentiles = await player.page.evaluate(() => window.rockpool?.latency.percentiles);
  expect(percentiles?.total.count).toBeGreaterThanOrEqual(2 * presses);
});

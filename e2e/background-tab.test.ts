import { expect } from 'vitest';
import { decodeFrameMessage, type FrameReport, type Pong } from '../protocol/frame-messages.ts';
import { test } from './support/e2e-test.ts';
import type { PlayerPage } from './support/player-page.ts';

/** Reports of the worker's health, one a second: for how long the tab is hidden. */
const HIDDEN_SECONDS = 4;
/** Until the worker has heard that nobody looks, or that somebody does: it, too, may be busy. */
const TOLD_MS = 1000;
/** A tick that was under way as the tab came back, and what two clocks may disagree about. */
const TICK_MS = 25;

/** What a page saw of its stream; `performance.now()` times. */
interface StreamDiary {
  readonly frames: { readonly atMs: number; readonly bytes: readonly number[] }[];
  readonly shown: { readonly atMs: number; readonly rtpTimestamp: number | undefined }[];
  readonly turns: { readonly atMs: number; readonly visible: boolean }[];
}

declare global {
  interface Window {
    diary?: StreamDiary;
  }
}

/** Runs in the page: writes down every message on `frames`, every frame on screen, every turn of the tab. */
function keepDiary(): void {
  const diary: StreamDiary = { frames: [], shown: [], turns: [] };
  window.diary = diary;
  window.probe.connection.channels.get('frames')?.addEventListener('message', ({ data }) => {
    diary.frames.push({ atMs: performance.now(), bytes: [...new Uint8Array(data)] });
  });
  document.addEventListener('visibilitychange', () => {
    const visible = document.visibilityState === 'visible';
    diary.turns.push({ atMs: performance.now(), visible });
  });
  const video = document.querySelector('video');
  const follow = () => {
    video?.requestVideoFrameCallback((_now, { rtpTimestamp }) => {
      diary.shown.push({ atMs: performance.now(), rtpTimestamp });
      follow();
    });
  };
  follow();
}

async function readDiary({ page }: PlayerPage) {
  const { frames, shown, turns } = await page.evaluate(
    () => window.diary ?? { frames: [], shown: [], turns: [] },
  );
  const messages = frames.map(({ atMs, bytes }) => ({
    atMs,
    message: decodeFrameMessage(Uint8Array.from(bytes)),
  }));
  const isPong = (one: { message: FrameReport | Pong }): one is { atMs: number; message: Pong } =>
    one.message.type === 'pong';
  // The quickest pong knows the worker's clock best.
  const [best] = messages
    .filter(isPong)
    .toSorted((a, b) => a.atMs - a.message.clientUs / 1000 - (b.atMs - b.message.clientUs / 1000));
  if (!best) throw new Error('no ping was answered');
  const sentMs = best.message.clientUs / 1000;
  const offsetMs = best.message.workerUs / 1000 - (sentMs + best.atMs) / 2;
  const reports = messages.flatMap(({ atMs, message }) =>
    message.type === 'frame'
      ? [{ ...message, atMs, tickMs: message.tickUs / 1000 - offsetMs }]
      : [],
  );
  return { reports, shown, turns };
}

test('a tab that comes back shows what happens now, and nothing of what it missed', async ({
  newPlayer,
}) => {
  const player = await newPlayer();
  await player.play('calibration');
  await player.page.evaluate(keepDiary);
  await player.frames(30);
  const before = await player.mark();
  const sessionId = await player.sessionId();
  const recoveries = async () => (await player.snapshot())?.stream?.recoveries;
  const recoveriesBefore = await recoveries();

  const other = await player.page.browserContext().newPage();
  await other.bringToFront();
  // Nothing is drawn in a hidden tab, so nothing can be waited for by animation frames.
  const patient = { polling: 100 };
  await player.page.waitForFunction(() => document.visibilityState === 'hidden', patient);
  const health = () =>
    player.page.evaluate(
      () =>
        window.probe.connection.control.filter(
          (message) => (message as { type: string }).type === 'health',
        ).length,
    );
  const heard = await health();
  await expect.poll(health).toBeGreaterThanOrEqual(heard + HIDDEN_SECONDS);
  const recoveriesAtReturn = await recoveries();
  await player.page.bringToFront();
  await player.frames(30);

  const { reports, shown, turns } = await readDiary(player);
  const [hidden, back] = turns;
  expect(turns.map(({ visible }) => visible)).toEqual([false, true]);
  if (!hidden || !back) throw new Error('the tab was not hidden');

  const unseen = reports.filter(
    ({ tickMs, atMs }) => tickMs > hidden.atMs + TOLD_MS && atMs < back.atMs,
  );
  expect(unseen).toEqual([]);
  expect(recoveriesAtReturn).toBe(recoveriesBefore);

  // The element still holds the newest picture it had, and may tell of it once more.
  const held = reports.findLast(({ atMs }) => atMs < back.atMs)?.rtpTimestamp;
  const reportOf = new Map(reports.map((report) => [report.rtpTimestamp, report]));
  const shownAgain = shown.filter(
    ({ atMs, rtpTimestamp }) => atMs > back.atMs && rtpTimestamp !== held,
  );
  const [first] = shownAgain;
  const firstReport = reportOf.get(first?.rtpTimestamp ?? -1);
  expect(firstReport?.tickMs).toBeGreaterThan(back.atMs - TICK_MS);
  expect(firstReport?.tickMs).toBeLessThan(back.atMs + TOLD_MS);
  // A busy page may skip the keyframe on its screen, not in its decoder.
  expect(reports.find(({ atMs }) => atMs > back.atMs)?.keyframe).toBe(true);

  const after = await player.mark();
  expect(after.nonce).toBe(before.nonce);
  // The game itself went on.
  expect(after.frameNumber - before.frameNumber).toBeGreaterThan(HIDDEN_SECONDS);
  expect(await player.snapshot()).toMatchObject({ sessionId, state: { name: 'streaming' } });
  await player.flip(() => player.page.keyboard.press('KeyX'));
  expect(player.errors).toEqual([]);
});

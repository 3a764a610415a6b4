import { expect, it } from 'vitest';
import { VirtualTime } from '../../../renderer/virtual-time.ts';
import { SessionSaves } from '../../../server/session/session-saves.ts';

/** A game that has the same to keep, or fails to say what. */
function opened(save: () => Promise<Uint8Array | undefined>, kept?: Uint8Array) {
  const time = new VirtualTime();
  const told: unknown[] = [];
  const listener = {
    handleSave: (bytes: Uint8Array) => told.push(bytes),
    handleSaveFailed: (error: unknown) => told.push(error),
  };
  const saves = new SessionSaves({ save }, { scheduler: time, listener }, kept);
  return { time, told, saves };
}

it('hands a save over every minute, and none that is kept already', async () => {
  let save = Uint8Array.of(5);
  const { time, told, saves } = opened(async () => save, Uint8Array.of(5));
  saves.start();
  for (const next of [5, 6, 6]) {
    save = Uint8Array.of(next);
    time.advance(60_000);
    await expect.poll(() => time.pendingTimers).toBe(1);
  }
  await saves.take(Promise.resolve(Uint8Array.of(6)));
  expect(told).toEqual([Uint8Array.of(6)]);
});

it('goes on where the game could not say what to keep', async () => {
  const lost = new Error('the disk of the game is full');
  const { time, told, saves } = opened(() => Promise.reject(lost));
  saves.start();
  time.advance(60_000);
  await expect.poll(() => time.pendingTimers).toBe(1);
  expect(told).toEqual([lost]);
});

it('asks no more once it is stopped, be it while the game answers or before it began', async () => {
  let answer = (_: undefined) => {};
  const { time, saves } = opened(
    () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  );
  saves.start();
  time.advance(60_000);
  saves.stop();
  answer(undefined);
  await Promise.resolve();
  saves.start();
  expect(time.pendingTimers).toBe(0);
});

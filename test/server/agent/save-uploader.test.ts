import { beforeEach, describe, expect, it } from 'vitest';
import { RockpoolError } from '../../../protocol/errors.ts';
import { playerIdSchema } from '../../../protocol/ids.ts';
import type { SaveOwner } from '../../../protocol/save-order.ts';
import type { RemoteSaves } from '../../../server/agent/remote-saves.ts';
import { SaveUploader } from '../../../server/agent/save-uploader.ts';
import { ManualTimers } from '../../support/manual-timers.ts';

const ANNA: SaveOwner = {
  playerId: playerIdSchema.parse('7f8de6a3-3c6d-4a52-9d3c-0d6f2f6f5a11'),
  gameId: 'skimmer',
};
const BEN: SaveOwner = {
  ...ANNA,
  playerId: playerIdSchema.parse('0b9d7b51-4f0f-4d0b-8a53-8f7c2d3a9e22'),
};

interface Attempt {
  readonly text: string;
  readonly token: string;
  readonly signal: AbortSignal;
  answer(taken: boolean): void;
  fail(): void;
}

/** Answers when a test says so. */
class AskedSaves implements RemoteSaves {
  readonly attempts: Attempt[] = [];

  async read(): Promise<undefined> {
    return undefined;
  }

  write(_owner: SaveOwner, token: string, save: Uint8Array, signal: AbortSignal) {
    return new Promise<boolean>((resolve, reject) => {
      const fail = () => reject(new RockpoolError('timeout', 'Signaling could not be reached.'));
      signal.addEventListener('abort', fail);
      this.attempts.push({
        text: Buffer.from(save).toString(),
        token,
        signal,
        answer: resolve,
        fail,
      });
    });
  }
}

/** Lets everything happen that waits for nothing. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

let timers: ManualTimers;
let remote: AskedSaves;
let newest: string | undefined;
let warnings: string[];
let uploader: SaveUploader;
beforeEach(() => {
  timers = new ManualTimers();
  remote = new AskedSaves();
  newest = 'one';
  warnings = [];
  uploader = new SaveUploader({
    remote,
    read: async () => (newest === undefined ? undefined : Buffer.from(newest)),
    after: (delayMs, task) => timers.after(delayMs, task),
    random: () => 1,
    log: { debug: () => {}, warn: (_: unknown, text?: string) => void warnings.push(text ?? '') },
  });
});

async function attempt(index: number): Promise<Attempt> {
  await settle();
  const made = remote.attempts[index];
  if (!made) throw new Error(`There were ${remote.attempts.length} attempts only.`);
  return made;
}

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol();
  await settle();
  return (await Promise.race([promise, pending])) !== pending;
}

describe('SaveUploader', () => {
  it('brings a save once', async () => {
    uploader.offer(ANNA, 'token');
    const { text, token, answer } = await attempt(0);
    expect([text, token]).toEqual(['one', 'token']);
    answer(true);
    await settle();
    expect(remote.attempts).toHaveLength(1);
    expect(timers.pending).toBe(0);
  });

  it('brings one at a time of each player and game, and then only the newest', async () => {
    uploader.offer(ANNA, 'first');
    uploader.offer(BEN, 'his');
    const { answer } = await attempt(0);
    expect(remote.attempts.map(({ token }) => token)).toEqual(['first', 'his']);
    for (const text of ['two', 'three']) {
      newest = text;
      uploader.offer(ANNA, 'second');
    }
    await settle();
    expect(remote.attempts).toHaveLength(2);
    answer(true);
    const { text, token } = await attempt(2);
    expect([text, token]).toEqual(['three', 'second']);
    remote.attempts[2]?.answer(true);
    await settle();
    expect(remote.attempts).toHaveLength(3);
  });

  it('tries again after ever longer, a minute at most, with what is newest then', async () => {
    uploader.offer(ANNA, 'token');
    const delays = [1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => 1000 * seconds);
    for (const [index, delayMs] of delays.entries()) {
      (await attempt(index)).fail();
      await settle();
      newest = `after ${delayMs}`;
      timers.advance(delayMs - 1);
      await settle();
      expect(remote.attempts).toHaveLength(index + 1);
      timers.advance(1);
      expect((await attempt(index + 1)).text).toBe(`after ${delayMs}`);
    }
    expect(warnings).toHaveLength(delays.length);
  });

  it('tries at once when a newer save comes', async () => {
    uploader.offer(ANNA, 'token');
    (await attempt(0)).fail();
    await settle();
    newest = 'two';
    uploader.offer(ANNA, 'token');
    expect((await attempt(1)).text).toBe('two');
    (await attempt(1)).answer(true);
    await settle();
    expect(timers.pending).toBe(0);
  });

  it('does not try again what is refused', async () => {
    uploader.offer(ANNA, 'token');
    (await attempt(0)).answer(false);
    await settle();
    expect(timers.pending).toBe(0);
    expect(warnings).toEqual(['signaling did not want a save: it stays here']);
  });

  it('gives up an upload that takes too long, and tries again', async () => {
    uploader.offer(ANNA, 'token');
    const { signal } = await attempt(0);
    timers.advance(110_000);
    expect(signal.aborted).toBe(true);
    await settle();
    timers.advance(1_000);
    await attempt(1);
  });

  it('does nothing where there is no save after all', async () => {
    newest = undefined;
    uploader.offer(ANNA, 'token');
    await settle();
    expect(remote.attempts).toEqual([]);
    expect(timers.pending).toBe(0);
  });

  it('is settled once the last one offered is taken', async () => {
    expect(await isSettled(uploader.settled(ANNA, 2000))).toBe(true);
    uploader.offer(ANNA, 'token');
    const settled = uploader.settled(ANNA, 2000);
    const first = await attempt(0);
    uploader.offer(ANNA, 'token');
    first.answer(true);
    const second = await attempt(1);
    expect(await isSettled(settled)).toBe(false);
    second.answer(true);
    expect(await isSettled(settled)).toBe(true);
    expect(timers.pending).toBe(0);
  });

  it('is not waited for while signaling is away, nor for longer than was said', async () => {
    uploader.offer(ANNA, 'token');
    const failed = uploader.settled(ANNA, 2000);
    (await attempt(0)).fail();
    expect(await isSettled(failed)).toBe(true);
    expect(await isSettled(uploader.settled(ANNA, 2000))).toBe(true);
    timers.advance(1000);
    await attempt(1);
    const slow = uploader.settled(ANNA, 2000);
    timers.advance(1999);
    expect(await isSettled(slow)).toBe(false);
    timers.advance(1);
    expect(await isSettled(slow)).toBe(true);
  });

  it('leaves nothing behind when it is closed', async () => {
    uploader.offer(ANNA, 'token');
    uploader.offer(BEN, 'token');
    (await attempt(0)).fail();
    const { signal } = await attempt(1);
    const waiting = uploader.settled(BEN, 2000);
    uploader.close();
    expect(signal.aborted).toBe(true);
    expect(await isSettled(waiting)).toBe(true);
    uploader.offer(ANNA, 'token');
    await settle();
    expect(timers.pending).toBe(0);
    expect(remote.attempts).toHaveLength(2);
  });
});

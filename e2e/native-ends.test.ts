import { tmpdir } from 'node:os';
import { expect } from 'vitest';
import { describeNative } from './support/describe-native.ts';
import { test } from './support/e2e-test.ts';
import { NATIVE_CALIBRATION } from './support/native-builds.ts';
import { type PlayerPage, SMALL_STREAM } from './support/player-page.ts';
import { connectedWorkersOf, isThere } from './support/process-tree.ts';
import { health } from './support/server-facts.ts';
import { SessionTraces } from './support/session-traces.ts';

const PRINTED = 'The calibration program was told to fail.';

/** The worker of the only session, once those of earlier ones have ended. */
async function workerOf(rockpoolPid: number): Promise<number> {
  await expect.poll(() => connectedWorkersOf(rockpoolPid)).toHaveLength(1);
  const [worker = 0] = connectedWorkersOf(rockpoolPid);
  expect(worker).toBeGreaterThan(0);
  return worker;
}

/** Something of each kind, or there would be nothing to look for afterwards. */
function tracesOf(worker: number): SessionTraces {
  const traces = new SessionTraces(worker);
  const seen = traces.left().join('\n');
  for (const kind of ['Xvfb', 'pulseaudio', 'bwrap', 'program.mjs', '/tmp/.X11-unix/X']) {
    expect(seen).toContain(kind);
  }
  expect(seen).toMatch(new RegExp(`^${tmpdir()}/rockpool-`, 'm'));
  return traces;
}

async function untilNothingIsLeft(traces: SessionTraces): Promise<void> {
  await expect.poll(() => traces.left()).toEqual([]);
}

async function playNatively(player: PlayerPage): Promise<void> {
  await player.play(NATIVE_CALIBRATION);
  await player.flip(() => player.page.keyboard.press('KeyX'));
}

describeNative('a native program', () => {
  test('that ends by itself has ended: the page says so, and Enter plays again', async ({
    newPlayer,
    rockpool,
  }) => {
    const player = await newPlayer({ stream: SMALL_STREAM });
    await playNatively(player);
    const before = { session: await player.sessionId(), ...(await player.mark()) };
    const traces = tracesOf(await workerOf(rockpool.pid));

    await player.page.keyboard.press('Escape');
    await player.page.waitForSelector('::-p-text(The game has ended)');
    expect((await player.snapshot())?.state).toMatchObject({ name: 'ended', reason: 'game-over' });
    expect(await player.focusedText()).toBe('Play again');
    expect(await player.page.$('details')).toBeNull();
    await untilNothingIsLeft(traces);

    await player.page.keyboard.press('Enter');
    await player.streaming();
    expect(await player.sessionId()).not.toBe(before.session);
    await player.page.waitForFunction(
      (nonce) => window.probe.picture.lastMark?.nonce !== nonce,
      {},
      before.nonce,
    );
    expect((await player.mark()).inputSeq).toBe(before.inputSeq);
    expect(player.errors).toEqual([]);
  });

  test('that fails says how, and its last words are a few keys away', async ({ newPlayer }) => {
    const player = await newPlayer({ stream: SMALL_STREAM });
    await playNatively(player);

    await player.page.keyboard.press('F9');
    await player.page.waitForSelector('::-p-text(The game ended with code 3.)');
    expect((await player.snapshot())?.state).toMatchObject({
      name: 'ended',
      reason: 'game-failed',
    });
    const isShown = () => player.page.$eval('details pre', (printed) => printed.checkVisibility());
    expect(await isShown()).toBe(false);

    // Restart, back to the library, what was printed.
    expect(await player.focusedText()).toBe('Restart');
    for (let tabs = 0; tabs < 2; tabs++) await player.page.keyboard.press('Tab');
    expect(await player.focusedText()).toBe('What the game said');
    await player.page.keyboard.press('Enter');
    await player.page.waitForSelector('details[open]');
    expect(await isShown()).toBe(true);
    const printed = await player.page.$eval('details pre', ({ textContent }) => textContent);
    expect(printed?.trimEnd().split('\n').at(-1)).toBe(PRINTED);
    expect(player.errors).toEqual([]);
  });

  test('whose worker is killed leaves nothing behind, and starts anew by itself', async ({
    newPlayer,
    rockpool,
  }) => {
    const player = await newPlayer({ stream: SMALL_STREAM });
    await playNatively(player);
    const worker = await workerOf(rockpool.pid);
    const traces = tracesOf(worker);
    const session = await player.sessionId();

    process.kill(worker, 'SIGKILL');
    await player.page.waitForFunction(
      (before) => window.rockpool?.snapshot.sessionId !== before,
      {},
      session,
    );
    await untilNothingIsLeft(traces);
    expect(isThere(rockpool.pid)).toBe(true);
    expect(await health(rockpool.url)).toBe(200);

    await player.streaming();
    await player.flip(() => player.page.keyboard.press('KeyX'));
    expect(await player.snapshot()).toMatchObject({ moved: 'worker-crashed' });
    expect(player.errors).toEqual([]);
  });

  test('whose player leaves it leaves nothing behind', async ({ newPlayer, rockpool }) => {
    const player = await newPlayer({ stream: SMALL_STREAM });
    await playNatively(player);
    const traces = tracesOf(await workerOf(rockpool.pid));

    await player.leave();
    await untilNothingIsLeft(traces);
  });
});

import { describe, expect } from 'vitest';
import { test as withPlayers } from './support/e2e-test.ts';
import { withOwnRockpool } from './support/own-rockpool.ts';
import { type PlayerPage, SMALL_STREAM } from './support/player-page.ts';
import { seriousProblems } from './support/serious-problems.ts';

const test = withPlayers.extend({
  rockpool: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the dependencies from the pattern.
    async ({}, use) =>
      withOwnRockpool({ ROCKPOOL_SLOTS: '1', ROCKPOOL_SPECTATORS: '1' }, (url, { pid }) =>
        use({ url, pid }),
      ),
    { scope: 'file' },
  ],
});

/** Presses a control, also one that has slid out of sight until the pointer moves. */
async function press({ page }: PlayerPage, label: string): Promise<void> {
  await page.waitForFunction(
    (name) => {
      const control = document.querySelector<HTMLElement>(`[aria-label="${name}"]`);
      control?.click();
      return control !== null;
    },
    {},
    label,
  );
}

async function clickText({ page }: PlayerPage, selector: string, text: string): Promise<void> {
  await page.waitForFunction(
    (where, what) => {
      const all = [...document.querySelectorAll<HTMLElement>(where)];
      const found = all.find((one) => one.textContent?.trim() === what);
      found?.click();
      return found !== undefined;
    },
    {},
    selector,
    text,
  );
}

/** Makes a link in the dialog; the dialog stays open. */
async function makeLink(owner: PlayerPage, seat: string, rights?: string): Promise<string> {
  if ((await owner.page.$('dialog.share[open]')) === null) await press(owner, 'Share this game');
  await owner.page.waitForSelector('dialog.share[open]');
  await clickText(owner, '.share .segments label', seat);
  if (rights) await clickText(owner, '.share .segments label', rights);
  const before = await owner.page.$$eval('.share-address', (all) =>
    all.map((one) => (one as HTMLInputElement).value),
  );
  await clickText(owner, '.share button', 'Copy link');
  await owner.page.waitForFunction(
    (old) => {
      const shown = document.querySelector<HTMLInputElement>('.share-address')?.value;
      return shown !== undefined && shown !== old;
    },
    {},
    before[0],
  );
  return owner.page.$eval('.share-address', (one) => (one as HTMLInputElement).value);
}

async function join(guest: PlayerPage, link: string): Promise<void> {
  await guest.visit(link);
  await clickText(guest, 'button', 'Join');
  await guest.streaming();
}

/** Follows a player: every state there is, and how many connections were made. */
async function watchStates({ page }: PlayerPage) {
  await page.evaluate(() => {
    const seen = new Set<string>();
    Object.assign(window, { seenStates: seen });
    setInterval(() => seen.add(window.rockpool?.snapshot.state.name ?? 'none'), 5);
  });
  return () =>
    page.evaluate(() => ({
      states: [...(window as unknown as { seenStates: Set<string> }).seenStates],
      hellos: window.probe.connection.control.filter(
        (message) => (message as { type: string }).type === 'hello',
      ).length,
    }));
}

describe('guests of a game', () => {
  test('a guest plays beside the player, a spectator does not, and a link can be taken back', async ({
    newPlayer,
  }) => {
    const owner = await newPlayer({ stream: SMALL_STREAM });
    const guest = await newPlayer();
    const watcher = await newPlayer();
    await owner.play('calibration');
    const wayOfOwner = await watchStates(owner);

    const seat = await makeLink(owner, 'Player 2', 'Keyboard too');
    await join(guest, seat);
    await owner.page.waitForSelector('::-p-text(Guest 1)');
    const bench = await makeLink(owner, 'Watch');
    await join(watcher, bench);
    await owner.page.keyboard.press('Escape');
    await owner.streaming();

    // All see the same game.
    const { nonce } = await owner.mark();
    expect((await guest.mark()).nonce).toBe(nonce);
    expect((await watcher.mark()).nonce).toBe(nonce);

    // What the guest does is seen by all.
    const seen = [await owner.flips(), await watcher.flips()];
    await guest.flip(() => guest.page.keyboard.press('KeyX'));
    await owner.page.waitForFunction((n) => window.probe.picture.flips > Number(n), {}, seen[0]);
    await watcher.page.waitForFunction((n) => window.probe.picture.flips > Number(n), {}, seen[1]);
    // And counted as theirs: their click to photon has a sample, the player's numbers stay.
    await guest.page.waitForFunction(
      () => (window.rockpool?.snapshot.latency?.total.count ?? 0) > 0,
    );
    expect((await owner.mark()).inputSeq).toBe((await owner.sentInputs()).at(-1)?.seq ?? 0);

    // A spectator's keys do nothing.
    const flips = await owner.flips();
    await watcher.page.keyboard.press('KeyX');
    await watcher.page.mouse.click(300, 300);
    await watcher.frames(10);
    await owner.frames(10);
    expect(await owner.flips()).toBe(flips);
    expect(await watcher.sentInputs()).toEqual([]);

    // There is one place to watch.
    const late = await newPlayer();
    await late.visit(bench);
    await late.page.waitForSelector('::-p-text(Look again)');

    // Taken back: the guest's picture ends with a reason, and the link leads nowhere.
    await press(owner, 'Share this game');
    await press(owner, 'Revoke the link to play as player 2, keyboard too');
    await guest.page.waitForSelector('::-p-text(This link was taken back)');
    await guest.visit(seat);
    await guest.page.waitForSelector('::-p-text(This link leads nowhere)');
    await owner.page.keyboard.press('Escape');
    await owner.streaming();

    // The player's keys are the player's throughout.
    await owner.flip(() => owner.page.keyboard.press('KeyX'));
    await owner.frames(5);
    expect(await wayOfOwner()).toEqual({ states: ['streaming'], hellos: 1 });

    // The end is everybody's, with a reason.
    await owner.leave();
    await watcher.page.waitForSelector('::-p-text(The player has left)');
    for (const { errors } of [owner, watcher]) expect(errors).toEqual([]);
  });

  test('a guest whose page is loaded again, or whose connection breaks, is the same guest', async ({
    newPlayer,
  }) => {
    const owner = await newPlayer({ stream: SMALL_STREAM });
    const guest = await newPlayer();
    await owner.play('calibration');
    const seat = await makeLink(owner, 'Player 2', 'Gamepad only');
    await join(guest, seat);
    await join(guest, seat);
    await guest.page.evaluate(() => window.probe.connection.channels.get('frames')?.close());
    await guest.page.waitForFunction(() => window.rockpool?.snapshot.state.name === 'interrupted');
    await guest.streaming();
    await guest.frames(5);
    await owner.page.waitForFunction(() => window.rockpool?.snapshot.sharing?.guests.length === 1);
    expect((await owner.snapshot())?.sharing?.guests[0]).toMatchObject({
      number: 1,
      state: 'here',
    });
  });
});

test('a guest whose browser plays another codec sees the picture encoded once more', async ({
  newPlayer,
}) => {
  const owner = await newPlayer({ stream: { ...SMALL_STREAM, codec: 'h264' } });
  const guest = await newPlayer();
  await guest.page.evaluateOnNewDocument(() => {
    const capabilities = RTCRtpReceiver.getCapabilities.bind(RTCRtpReceiver);
    RTCRtpReceiver.getCapabilities = (kind) => {
      const all = capabilities(kind);
      if (kind !== 'video' || !all) return all;
      return { ...all, codecs: all.codecs.filter(({ mimeType }) => mimeType === 'video/VP8') };
    };
  });
  await owner.play('calibration');
  const bench = await makeLink(owner, 'Watch');
  await join(guest, bench);
  await guest.page.waitForFunction(() => window.rockpool?.snapshot.stream?.codec === 'vp8');
  expect((await guest.mark()).nonce).toBe((await owner.mark()).nonce);
  expect((await owner.snapshot())?.stream?.codec).toBe('h264');
  await guest.frames(5);
  await owner.frames(5);
  expect(guest.errors).toEqual([]);
});

describe.each([
  { device: 'a desktop', viewport: { width: 1280, height: 800, hasTouch: false } },
  {
    device: 'a phone of 360 pixels',
    viewport: { width: 360, height: 740, hasTouch: true, isMobile: true },
  },
])('on $device', ({ viewport }) => {
  test('axe finds nothing serious where a game is shared and joined', async ({ newPlayer }) => {
    const owner = await newPlayer({ viewport, stream: SMALL_STREAM });
    const guest = await newPlayer({ viewport });
    await owner.play('calibration');
    const link = await makeLink(owner, 'Player 2', 'Gamepad only');
    await guest.visit(link);
    await guest.page.waitForSelector('.doorstep');
    expect(await seriousProblems(guest)).toEqual([]);
    await clickText(guest, 'button', 'Join');
    await guest.streaming();
    expect(await seriousProblems(guest)).toEqual([]);
    await owner.page.waitForSelector('[aria-label="Remove Guest 1"]');
    expect(await seriousProblems(owner)).toEqual([]);
    await press(owner, 'Remove Guest 1');
    await guest.page.waitForSelector('::-p-text(This link was taken back)');
    expect(await seriousProblems(guest)).toEqual([]);
  });
});

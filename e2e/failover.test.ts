import { expect } from 'vitest';
import { temporaryFolder } from '../test/support/rockpool-process.ts';
import { test as withApart } from './support/apart-test.ts';
import { describeNative } from './support/describe-native.ts';
import { NATIVE_CALIBRATION, writeNativeBuilds } from './support/native-builds.ts';
import { type PlayerPage, SMALL_STREAM } from './support/player-page.ts';

const test = withApart.extend({
  rockpool: [async ({ apart }, use) => use({ url: apart.url, pid: 0 }), { scope: 'file' }],
});

const moved = (player: PlayerPage) =>
  player.page.waitForFunction(() => {
    const snapshot = window.rockpool?.snapshot;
    return snapshot?.state.name === 'streaming' && snapshot.moved !== undefined;
  });

test('a player whose machine dies plays on elsewhere, and reads why', async ({
  apart,
  newPlayer,
}) => {
  const two = await Promise.all([apart.addContainer('attic'), apart.addContainer('cellar')]);
  const player = await newPlayer({ stream: SMALL_STREAM });
  await player.play('calibration');
  const { containerName } = (await player.snapshot()) ?? {};
  const [played, other] = containerName === 'attic' ? two : two.toReversed();
  if (!played || !other) throw new Error('there are not two containers');
  expect(played.name).toBe(containerName);
  const before = { session: await player.sessionId(), ...(await player.mark()) };

  played.kill('SIGKILL');
  await played.exited;
  await moved(player);
  expect(await player.snapshot()).toMatchObject({
    containerName: other.name,
    moved: 'container-lost',
    resumed: false,
  });
  await player.page.waitForSelector(`::-p-text(You are on ${other.name} now)`);
  await player.flip(() => player.page.keyboard.press('KeyX'));
  expect(await player.sessionId()).not.toBe(before.session);
  expect((await player.mark()).nonce).not.toBe(before.nonce);
  await player.leave();
  await other.stop();
});

test('a machine that is taken out takes no new game, and lets the one played go on', async ({
  apart,
  newPlayer,
}) => {
  const shed = await apart.addContainer('shed', {
    ROCKPOOL_SLOTS: '2',
    ROCKPOOL_DRAIN_SECONDS: '600',
  });
  const player = await newPlayer({ stream: SMALL_STREAM });
  await player.play('calibration');
  expect(await player.snapshot()).toMatchObject({ containerName: 'shed' });
  shed.kill('SIGTERM');
  await shed.printed(/No new games from now on/);

  const newcomer = await newPlayer({ stream: SMALL_STREAM });
  await newcomer.visit('/play/calibration');
  await newcomer.page.waitForSelector('::-p-text(You are next in line)');
  await player.flip(() => player.page.keyboard.press('KeyX'));

  await apart.addContainer('barn');
  await newcomer.streaming();
  expect(await newcomer.snapshot()).toMatchObject({ containerName: 'barn' });
  expect(await player.snapshot()).toMatchObject({ containerName: 'shed' });

  shed.kill('SIGTERM');
  await moved(player);
  expect(await player.snapshot()).toMatchObject({
    containerName: 'barn',
    moved: 'shutting-down',
  });
  await player.flip(() => player.page.keyboard.press('KeyX'));
});

describeNative('what a player has reached', () => {
  const builds = test.extend<{ readonly games: string }>({
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the dependencies from the pattern.
    games: async ({}, use) => {
      const folder = temporaryFolder();
      await writeNativeBuilds(folder.path);
      await use(folder.path);
      folder.remove();
    },
  });

  builds('is there on another machine when theirs dies', async ({ apart, games, newPlayer }) => {
    const environment = { ROCKPOOL_GAMES: games, ROCKPOOL_SLOTS: '1' };
    const loft = await apart.addContainer('loft', environment);
    const player = await newPlayer({ stream: SMALL_STREAM });
    await player.play(NATIVE_CALIBRATION);
    for (let i = 0; i < 3; i++) await player.flip(() => player.page.keyboard.press('KeyX'));
    await player.leave();
    await player.play(NATIVE_CALIBRATION);
    expect(await player.snapshot()).toMatchObject({ containerName: 'loft' });
    const before = await player.mark();
    expect(before.inputSeq).toBe(3);
    const hut = await apart.addContainer('hut', environment);

    loft.kill('SIGKILL');
    await loft.exited;
    await moved(player);
    expect(await player.snapshot()).toMatchObject({ containerName: 'hut' });
    await expect.poll(async () => (await player.mark()).nonce).not.toBe(before.nonce);
    expect((await player.mark()).inputSeq).toBe(3);
    await player.flip(() => player.page.keyboard.press('KeyX'));
    expect((await player.mark()).inputSeq).toBe(4);
    await player.leave();
    await hut.stop();
  });
});

import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test as plain } from 'vitest';
import { BuildFolders } from '../test/support/build-folders.ts';
import { writeNativeCalibration } from '../test/support/native-calibration/native-calibration-build.ts';
import { RockpoolProcess, temporaryFolder } from '../test/support/rockpool-process.ts';
import { describeNative } from './support/describe-native.ts';
import { test } from './support/e2e-test.ts';
import { NATIVE_CALIBRATION } from './support/native-builds.ts';
import { SMALL_STREAM } from './support/player-page.ts';
import { listedGames, untilNoSession } from './support/server-facts.ts';

/** A command that ends with the test, as its folders do. */
function start(args: readonly string[]): RockpoolProcess {
  const data = temporaryFolder();
  const rockpool = new RockpoolProcess(args, { ROCKPOOL_PORT: '0', ROCKPOOL_DATA: data.path });
  onTestFinished(async () => {
    await rockpool.stop();
    data.remove();
  });
  return rockpool;
}

/** Folder of a build that may be changed. */
async function calibrationBuild(): Promise<string> {
  const folder = temporaryFolder();
  onTestFinished(() => folder.remove());
  const build = join(folder.path, 'build');
  await writeNativeCalibration(build);
  return build;
}

describeNative('rockpool run', () => {
  test('says where its build is played, offers nothing else, and there it is played', async ({
    newPlayer,
  }) => {
    const rockpool = start(['run', await calibrationBuild()]);
    const page = new URL(await rockpool.ready());
    expect(page.pathname).toBe(`/play/${NATIVE_CALIBRATION}`);
    expect((await listedGames(page.origin)).map(({ id }) => id)).toEqual([NATIVE_CALIBRATION]);

    const player = await newPlayer({ stream: SMALL_STREAM });
    await player.visit(page.href);
    await player.streaming();
    await player.flip(() => player.page.keyboard.press('KeyX'));
    expect((await player.mark()).inputSeq).toBe(1);
    await player.leave();
    await untilNoSession(page.origin);
  });

  test('--watch: a changed file starts the game anew on the page that shows it', async ({
    newPlayer,
  }) => {
    const folder = await calibrationBuild();
    const rockpool = start(['run', folder, '--watch']);
    const page = await rockpool.ready();
    const player = await newPlayer({ stream: SMALL_STREAM });
    await player.visit(page);
    await player.streaming();
    await player.flip(() => player.page.keyboard.press('KeyX'));
    const before = { session: await player.sessionId(), ...(await player.mark()) };

    await appendFile(join(folder, 'program.mjs'), '\n// Changed.\n');
    await player.page.waitForSelector('::-p-text(There is a new version of this game)');
    await player.page.waitForFunction(
      (nonce) => window.probe.picture.last?.mark && window.probe.picture.last.mark.nonce !== nonce,
      {},
      before.nonce,
    );
    await player.streaming();
    expect(await player.sessionId()).not.toBe(before.session);
    expect((await player.mark()).inputSeq).toBe(before.inputSeq);
    await player.flip(() => player.page.keyboard.press('KeyX'));

    const manifest = join(folder, 'rockpool.json');
    const good = await readFile(manifest, 'utf8');
    await writeFile(manifest, good.replace('"linux"', '"dos"'));
    await rockpool.printed(/The version before is kept\.[\s\S]*runtime/);
    const { nonce } = await player.mark();
    await player.frames(30);
    expect((await player.mark()).nonce).toBe(nonce);
    expect(player.errors).toEqual([]);
    await player.leave();
  });
});

plain(
  'rockpool check prints everything that is wrong with a manifest and exits with 1',
  async () => {
    const builds = new BuildFolders();
    onTestFinished(() => builds.remove());
    const folder = builds.build('pond', {
      id: 'The Pond',
      runtime: 'dos',
      entry: '../pond',
      frameRate: 0,
      resolution: { width: 321, height: 10 },
      colour: 'blue',
    });
    const rockpool = start(['check', folder]);
    expect(await rockpool.exited).toEqual({ code: 1, signal: null });
    const wrong = ['id', 'runtime', 'entry', 'frameRate', 'resolution.width', 'resolution.height'];
    for (const field of wrong) expect(rockpool.output).toContain(`  ${field}: `);
    expect(rockpool.output).toContain('colour');
    expect(rockpool.output).not.toContain('    at ');
  },
);

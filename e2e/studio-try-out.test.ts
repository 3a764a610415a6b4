import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { buildDetailsSchema } from '../protocol/studio-builds.ts';
import { findBrowser } from '../renderer/web/web-program.ts';
import { findFfmpeg } from '../server/try-out/clip-file.ts';
import { rawTar } from '../test/support/archives/raw-tar.ts';
import { temporaryFolder } from '../test/support/rockpool-process.ts';
import { StudioBrowser } from '../test/support/studio-browser.ts';
import { describeNative } from './support/describe-native.ts';
import { test as base, type RockpoolUnderTest } from './support/e2e-test.ts';
import { heldAnswers } from './support/held-answers.ts';
import { EXAMPLES } from './support/native-builds.ts';
import { overflow } from './support/overflow.ts';
import { withOwnRockpool } from './support/own-rockpool.ts';
import type { PlayerPage } from './support/player-page.ts';
import { press } from './support/press.ts';
import { sees } from './support/sees.ts';
import { seriousProblems } from './support/serious-problems.ts';
import { visitAs } from './support/visit-as.ts';

interface TryingRockpool extends RockpoolUnderTest {
  /** Its owner's browser, signed in. */
  readonly ada: StudioBrowser;
  /** For what a person has on their disk. */
  readonly folder: string;
}

const test = base.extend<{ readonly rockpool: TryingRockpool }>({
  rockpool: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the dependencies from the pattern.
    async ({}, use) => {
      const files = temporaryFolder();
      try {
        const environment = { ROCKPOOL_SLOTS: '2', ROCKPOOL_ENCODERS: 'libx264' };
        await withOwnRockpool(environment, async (url, rockpool) => {
          const [, signInLink] = await rockpool.printed(/Studio, for its owner, .*: (\S+)/);
          const ada = new StudioBrowser(url);
          await ada.comeIn(signInLink, { name: 'Ada', studio: 'Tidal' });
          await use({ url, pid: rockpool.pid, ada, folder: files.path });
        });
      } finally {
        files.remove();
      }
    },
    { scope: 'file' },
  ],
});

const browser = await findBrowser();
const ffmpeg = await findFfmpeg();
const why = browser ? '' : ' (needs Chromium)';
const PHONE = { width: 360, height: 740, hasTouch: true, isMobile: true };
/** Sixteen seconds of play, pictures and a clip, on two processors that do all else as well. */
const LONG = { timeout: 400_000 };
const PATIENCE = { timeout: 300_000, interval: 500 };

/** A game of Ada's, and her browser at its builds. */
async function atBuilds(
  player: PlayerPage,
  { ada }: TryingRockpool,
  gameId: string,
): Promise<void> {
  await ada.must('POST', '/studios/tidal/games', { id: gameId, title: gameId });
  await visitAs(player, ada, `/studio/tidal/games/${gameId}`);
  await sees(player, 'Drop a build here');
}

async function upload({ page }: PlayerPage, path: string): Promise<void> {
  const input = await page.waitForSelector('.drop-zone input[multiple]');
  await (input as unknown as { uploadFile(path: string): Promise<void> }).uploadFile(path);
}

async function settled({ ada }: TryingRockpool, gameId: string) {
  const path = `/studios/tidal/games/${gameId}/builds/1`;
  const state = async () => {
    const { status, body } = await ada.ask('GET', path);
    return status === 200 ? buildDetailsSchema.parse(body).state : 'not there';
  };
  await expect.poll(state, PATIENCE).toMatch(/ready|failed/);
  return buildDetailsSchema.parse(await ada.must('GET', path));
}

describeNative("a build's try-out", () => {
  test.skipIf(!browser)(
    `shows what was seen of a build that plays, on a desk and on a phone${why}`,
    LONG,
    async ({ rockpool, newPlayer }) => {
      const player = await newPlayer();
      await atBuilds(player, rockpool, 'drift');
      const archive = join(rockpool.folder, 'drift.tar.gz');
      execFileSync('tar', ['-C', join(EXAMPLES, 'drift'), '-czf', archive, '.']);
      await upload(player, archive);
      await player.page.waitForSelector('.build-row');
      const list = await heldAnswers(player, (path) => path.endsWith('/games/drift/builds'));
      const { state, tryOut } = await settled(rockpool, 'drift');
      expect(tryOut?.problem).toBeNull();
      expect(state).toBe('ready');
      expect(tryOut?.frames).toBeGreaterThan(10);
      const { page } = player;
      await page.locator('.build-head').click();
      await page.waitForSelector('.try-out');
      const widths = () =>
        page.$$eval('.try-out-pictures img', (images) =>
          images.map((image) => {
            image.scrollIntoView();
            return (image as HTMLImageElement).naturalWidth;
          }),
        );
      await expect.poll(async () => Math.min(...(await widths())), PATIENCE).toBeGreaterThan(100);
      if (ffmpeg) {
        await page.$eval('.try-out-clip', (clip) => (clip as HTMLVideoElement).play());
      }
      // The list only now tells that the build is ready: whoever watches the clip watches on.
      await list.release();
      await page.waitForSelector('.build-row[data-state="ready"]');
      if (ffmpeg) {
        const seconds = () =>
          page.$eval('.try-out-clip', (clip) => (clip as HTMLVideoElement).currentTime);
        await expect.poll(seconds, PATIENCE).toBeGreaterThan(0.2);
        await page.$eval('.try-out-clip', (clip) => (clip as HTMLVideoElement).pause());
      }
      await sees(player, 'A frame of the game');
      await sees(player, 'Encoding it');
      expect(await seriousProblems(player)).toEqual([]);
      // Another kind of screen, and so another page.
      await page.setViewport(PHONE);
      await page.locator('.build-head[aria-expanded="false"]').click();
      await page.waitForSelector('.try-out-bars');
      expect(await overflow(player)).toBe(0);
      expect(player.errors).toEqual([]);
    },
  );

  test(
    'says what a program wrote that ends at once, and tries it again',
    LONG,
    async ({ rockpool, newPlayer }) => {
      const player = await newPlayer();
      await atBuilds(player, rockpool, 'brief');
      const archive = join(rockpool.folder, 'brief.tar');
      const manifest = { id: 'brief', title: 'Brief', runtime: 'linux', entry: 'play.sh' };
      const script = '#!/bin/sh\necho "there is no pond here" >&2\nexit 4\n';
      writeFileSync(
        archive,
        rawTar([
          { name: 'rockpool.json', content: JSON.stringify(manifest) },
          { name: 'play.sh', content: script, mode: 0o755 },
        ]),
      );
      await upload(player, archive);
      const { state, tryOut } = await settled(rockpool, 'brief');
      expect(state).toBe('failed');
      expect(tryOut).toMatchObject({ exitCode: 4, log: ['there is no pond here'], frames: 0 });
      await sees(player, 'The game ended with code 4.');
      await sees(player, 'there is no pond here');
      expect(await seriousProblems(player)).toEqual([]);
      const before = tryOut?.atMs;
      await press(player, 'Try again');
      const path = '/studios/tidal/games/brief/builds/1';
      const atMs = async () =>
        (await rockpool.ada.must<{ tryOut: { atMs: number } }>('GET', path)).tryOut.atMs;
      await expect.poll(atMs, PATIENCE).not.toBe(before);
      expect(player.errors).toEqual([]);
    },
  );
});

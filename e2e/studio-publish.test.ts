import { createWriteStream, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { expect, vi } from 'vitest';
import { rawTar } from '../test/support/archives/raw-tar.ts';
import { RockpoolProcess, temporaryFolder } from '../test/support/rockpool-process.ts';
import { test as base, type RockpoolUnderTest } from './support/e2e-test.ts';
import { fill } from './support/fill.ts';
import { overflow } from './support/overflow.ts';
import type { PlayerPage } from './support/player-page.ts';
import { press } from './support/press.ts';
import { sees } from './support/sees.ts';
import { seriousProblems } from './support/serious-problems.ts';
import { addVirtualAuthenticator } from './support/virtual-authenticator.ts';

interface StudioRockpool extends RockpoolUnderTest {
  readonly signInLink: string;
  /** Where its uploads lie. */
  readonly uploads: string;
  /** For what a person has on their disk. */
  readonly folder: string;
  /** Ends it as a power cut does. */
  readonly kill: () => Promise<void>;
  /** Starts it anew, at the same address. */
  readonly startAgain: () => Promise<void>;
}

/** Builds are checked without a container. */
const test = base.extend<{ readonly rockpool: StudioRockpool }>({
  rockpool: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the dependencies from the pattern.
    async ({}, use) => {
      const data = temporaryFolder();
      const files = temporaryFolder();
      // Empty: the store in its data folder, which outlives the process.
      const environment = { ROCKPOOL_PORT: '0', ROCKPOOL_DATA: data.path, DATABASE_URL: '' };
      let running = new RockpoolProcess(['signaling'], environment);
      const url = await running.ready();
      const [, signInLink = ''] = await running.printed(/Studio, for its owner, .*: (\S+)/);
      await use({
        url,
        pid: running.pid,
        signInLink,
        uploads: join(data.path, 'studio', 'uploads'),
        folder: files.path,
        kill: async () => {
          running.kill('SIGKILL');
          await running.exited;
        },
        startAgain: async () => {
          const again = { ...environment, ROCKPOOL_PORT: new URL(url).port };
          running = new RockpoolProcess(['signaling'], again);
          await running.ready();
        },
      });
      await running.stop();
      data.remove();
      files.remove();
    },
    { scope: 'file' },
  ],
});

const PHONE = { width: 360, height: 740, hasTouch: true, isMobile: true };
const LONG = { timeout: 600_000 };
const MIB = 2 ** 20;

async function choose({ page }: PlayerPage, ...paths: string[]): Promise<void> {
  const input = await page.waitForSelector('.drop-zone input[multiple]');
  await (input as unknown as { uploadFile(...paths: string[]): Promise<void> }).uploadFile(
    ...paths,
  );
}

/** A network that takes so much, and no more. */
async function slowDown({ page }: PlayerPage, bytesPerSecond: number): Promise<void> {
  await page.emulateNetworkConditions({ upload: bytesPerSecond, download: -1, latency: 0 });
}

/** A build whose archive is this large, and hard to guess. */
async function writeBuild(path: string, bytes: number, manifest?: object): Promise<void> {
  const file = createWriteStream(path);
  const noise = Buffer.alloc(MIB);
  let state = 1;
  for (let i = 0; i < noise.length; i += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    noise.writeInt32LE(state, i);
  }
  const entries = [
    { name: 'index.html', content: '<!doctype html><title>Tide</title>' },
    ...(manifest ? [{ name: 'rockpool.json', content: JSON.stringify(manifest) }] : []),
  ];
  file.write(rawTar(entries, Buffer.alloc(0)));
  const parts = Math.ceil(bytes / MIB);
  for (let part = 0; part < parts; part++) {
    noise.writeInt32LE(part, 0);
    file.write(rawTar([{ name: `data/${part}.bin`, content: noise }], Buffer.alloc(0)));
  }
  file.end(Buffer.alloc(1024));
  await finished(file);
}

/** So much of the only upload there is has arrived. */
function receivedBytes({ uploads }: StudioRockpool): number {
  const names = readdirSync(uploads).filter((name) => /^[0-9a-f]{32}$/.test(name));
  return names.reduce((sum, name) => sum + statSync(join(uploads, name)).size, 0);
}

test(
  'a studio creates a game, uploads a build through a lost server and a closed page, and sees it checked',
  LONG,
  async ({ newPlayer, rockpool }) => {
    const ada = await newPlayer();
    await addVirtualAuthenticator(ada.page);
    await ada.visit(rockpool.signInLink);
    await fill(ada, 'Your name', 'Ada');
    await fill(ada, 'Name of the studio', 'Tidal Games');
    await press(ada, 'Begin');
    await press(ada, 'Add a passkey');
    await press(ada, 'Go on');
    await ada.page.waitForSelector('::-p-text(Remove)');
    await press(ada, 'Sign out');
    await press(ada, 'Sign in with a passkey');

    await ada.page.locator('::-p-aria([name="Games"][role="link"])').click();
    await sees(ada, 'No games yet');
    expect(await seriousProblems(ada)).toEqual([]);
    await press(ada, 'Create a game');
    await fill(ada, 'Title', 'Café Tide!');
    expect(await ada.page.$eval('dialog input[maxlength="63"]', (input) => input.value)).toBe(
      'cafe-tide',
    );
    await fill(ada, 'Name in addresses', 'tide');
    expect(await seriousProblems(ada)).toEqual([]);
    await press(ada, 'Create');
    await sees(ada, 'Drop a build here');
    expect(ada.page.url()).toBe(`${rockpool.url}/studio/tidal-games/games/tide`);

    const archive = join(rockpool.folder, 'tide.tar');
    const manifest = { id: 'tide', title: 'Tide', runtime: 'web', entry: 'index.html' };
    await writeBuild(archive, 24 * MIB, manifest);
    // There is so much of it that it is under way all the time that it is interrupted here.
    await slowDown(ada, MIB / 2);
    await choose(ada, archive);
    await ada.page.waitForSelector('.upload-row progress[value]');
    expect(await seriousProblems(ada)).toEqual([]);
    await vi.waitFor(() => expect(receivedBytes(rockpool)).toBeGreaterThan(2 * MIB), LONG);
    await press(ada, 'Pause tide.tar');
    await sees(ada, 'Paused at');
    await press(ada, 'Resume tide.tar');
    await rockpool.kill();
    const kept = receivedBytes(rockpool);
    await sees(ada, 'The server is not reached');
    await rockpool.startAgain();
    await vi.waitFor(() => expect(receivedBytes(rockpool)).toBeGreaterThan(kept), LONG);
    expect(readdirSync(rockpool.uploads).filter((name) => name.endsWith('.json'))).toHaveLength(1);

    // The laptop is closed. Later somebody else of the studio chooses the same file.
    const halfway = receivedBytes(rockpool);
    const asked = new Promise<string>((resolve) => {
      ada.page.once('dialog', (dialog) => {
        resolve(dialog.type());
        void dialog.accept();
      });
    });
    await ada.visit('/studio/tidal-games/games/tide');
    expect(await asked).toBe('beforeunload');
    await sees(ada, 'choose the same again');
    await slowDown(ada, -1);
    await choose(ada, archive);
    expect(halfway).toBeGreaterThan(kept);
    await ada.page.waitForSelector('.build-row[data-state="trying"]');

    await choose(ada, archive);
    await sees(ada, 'is build 1 already: nothing had to be sent');
    expect(await ada.page.$$('.build-row')).toHaveLength(1);
  },
);

test(
  'a build without a manifest is looked through, corrected and confirmed; a hostile one says why not',
  LONG,
  async ({ newPlayer, rockpool }) => {
    const ada = await newPlayer({ viewport: PHONE });
    await addVirtualAuthenticator(ada.page);
    // The first test's owner has a passkey elsewhere: the operator lets her in here.
    const command = new RockpoolProcess(
      ['studio', 'sign-in-link', '--person', 'Ada', '--url', rockpool.url],
      { ROCKPOOL_DATA: join(rockpool.uploads, '..', '..') },
    );
    await command.exited;
    await ada.visit(/(http:\S+#\S+)/.exec(command.output)?.[1] ?? '');
    await press(ada, 'Sign in');
    await sees(ada, 'Members');
    await ada.visit('/studio/tidal-games/games/tide');

    const folder = join(rockpool.folder, 'waves');
    mkdirSync(folder);
    writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Waves</title>');
    writeFileSync(join(folder, 'play.html'), '<!doctype html><title>Play</title>');
    const input = await ada.page.waitForSelector('.drop-zone input:not([multiple])');
    await (input as unknown as { uploadFile(path: string): Promise<void> }).uploadFile(folder);
    await ada.page.waitForSelector('.build-row[data-state="unconfirmed"] form');
    expect(await overflow(ada)).toBe(0);
    expect(await seriousProblems(ada)).toEqual([]);
    await fill(ada, 'Entry', 'nowhere.html');
    await press(ada, 'Confirm, and try it out');
    await sees(ada, 'there is no file nowhere.html');
    await fill(ada, 'Entry', 'play.html');
    await press(ada, 'Confirm, and try it out');
    await ada.page.waitForSelector('.build-row[data-state="trying"] ::-p-text(waves.tar)');

    const evil = join(rockpool.folder, 'evil.tar');
    writeFileSync(evil, rawTar([{ name: '../evil.sh', content: 'x' }]));
    await choose(ada, evil);
    await ada.page.waitForSelector('.build-row[data-state="refused"] .build-problems');
    await sees(ada, 'leads out of the build');
    expect(await overflow(ada)).toBe(0);
    expect(await seriousProblems(ada)).toEqual([]);
  },
);

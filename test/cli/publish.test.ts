import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BuildListing } from '../../protocol/studio-builds.ts';
import { RawUploader } from '../support/raw-upload.ts';
import { temporaryFolder } from '../support/rockpool-process.ts';
import { SignalingFixture } from '../support/signaling-fixture.ts';
import { StudioBrowser } from '../support/studio-browser.ts';

const PROGRAM = fileURLToPath(new URL('../../cli/rockpool.ts', import.meta.url));
const TSX = import.meta.resolve('tsx');

/** A program starts, and starts others, on a machine that may be busy. */
const PATIENT = { timeout: 120_000, interval: 100 };

let fixture: SignalingFixture;
let ada: StudioBrowser;
let token: string;
let folder: ReturnType<typeof temporaryFolder>;

beforeEach(async () => {
  fixture = await SignalingFixture.start();
  fixture.wallClockMs = Date.now();
  ada = new StudioBrowser(url());
  const more = { name: 'Ada', studio: 'Tidal Games' };
  expect((await ada.comeIn(fixture.server.signInLink, more)).status).toBe(200);
  await ada.must('POST', '/studios/tidal-games/games', { id: 'tide', title: 'Tide' });
  const wish = { name: 'CI', scopes: ['builds:read', 'builds:write'], lifetimeDays: 7 };
  ({ token } = await ada.must<{ token: string }>('POST', '/studios/tidal-games/tokens', wish));
  folder = temporaryFolder();
  mkdirSync(join(folder.path, 'dist'));
});
afterEach(async () => {
  folder.remove();
  await fixture.close();
});

const url = () => fixture.url.replace('127.0.0.1', 'localhost');

/** As somebody types it, in a folder of their own. */
function start(...args: string[]) {
  const environment = { PATH: process.env.PATH ?? '', ROCKPOOL_URL: url(), ROCKPOOL_TOKEN: token };
  const child = spawn(process.execPath, ['--import', TSX, PROGRAM, 'publish', ...args], {
    cwd: folder.path,
    env: environment,
  });
  const done = Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ]).then(([said, complained, code]) => ({ said, complained, code }));
  return { child, done };
}

const publish = (...args: string[]) => start(...args).done;

function writeBuild(files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder.path, 'dist', name), content);
  }
}

const MANIFEST = JSON.stringify({ id: 'tide', title: 'Tide', runtime: 'web', entry: 'index.html' });
const PAGE = '<!doctype html><title>Tide</title>';

// Each starts Node, which compiles what it runs, several times.
describe('rockpool publish', { timeout: 240_000 }, () => {
  it('uploads a folder as a build, says so in JSON, and sends nothing the second time', async () => {
    writeBuild({ 'index.html': PAGE, 'rockpool.json': MANIFEST });
    const first = await publish('dist', '--game', 'tide', '--label', 'abc123', '--json');
    expect(first).toMatchObject({ code: 0 });
    expect(JSON.parse(first.said)).toMatchObject({
      game: 'tide',
      build: 1,
      state: 'checking',
      again: false,
      channel: null,
      problems: [],
      page: `${url()}/studio/tidal-games/games/tide`,
    });
    await vi.waitFor(async () => {
      const { state } = await ada.must<BuildListing>(
        'GET',
        '/studios/tidal-games/games/tide/builds/1',
      );
      expect(state).toBe('trying');
    }, PATIENT);
    const again = await publish('dist', '--game', 'tide');
    expect(again.code).toBe(0);
    expect(again.complained).toContain('is build 1 already: nothing is sent');
  });

  it('takes what is proposed where it is told to, and else says what is missing', async () => {
    writeBuild({ 'index.html': PAGE });
    const waiting = await publish('dist', '--game', 'tide', '--wait', '--json');
    expect(waiting.code).toBe(1);
    expect(JSON.parse(waiting.said)).toMatchObject({ state: 'unconfirmed' });
    const taken = await publish('dist', '--game', 'tide', '--accept-proposal', '--json');
    expect(taken).toMatchObject({ code: 0 });
    expect(JSON.parse(taken.said)).toMatchObject({ build: 1, state: 'trying', again: true });
  });

  it('exits with 1 where the build is refused, and names the file', async () => {
    const newer = JSON.stringify({ ...JSON.parse(MANIFEST), manifestVersion: 99 });
    writeBuild({ 'index.html': PAGE, 'rockpool.json': newer });
    const { code, said, complained } = await publish('dist', '--game', 'tide', '--wait');
    expect(code).toBe(1);
    expect(complained).toContain('rockpool.json: ');
    expect(complained).toContain('version 99');
    expect(said).toContain('Build 1 of tide: refused.');
  });

  it('goes on where it was ended', async () => {
    writeBuild({ 'index.html': PAGE, 'rockpool.json': MANIFEST, 'big.bin': '' });
    truncateSync(join(folder.path, 'dist', 'big.bin'), 200_000_000);
    const uploads = join(fixture.folder, 'data', 'studio', 'uploads');
    const { child, done } = start('dist', '--game', 'tide', '--json');
    const ofUploads = () => (existsSync(uploads) ? readdirSync(uploads) : []);
    await vi.waitFor(() => expect(ofUploads().length).toBeGreaterThan(1), PATIENT);
    child.kill('SIGKILL');
    await done;
    const [note = ''] = ofUploads().filter((name) => name.endsWith('.json'));
    const uploader = RawUploader.of(url(), ada);
    expect(await uploader.offset(note.replace('.json', ''))).toBeLessThan(200_000_000);
    const again = await publish('dist', '--game', 'tide', '--json');
    expect(again).toMatchObject({ code: 0 });
    expect(again.complained).toContain('Going on with an upload');
    expect(JSON.parse(again.said)).toMatchObject({ build: 1 });
    expect(ofUploads()).toEqual([]);
  });

  it('is told at once that too much is under way, and does not wait for it', async () => {
    writeBuild({ 'index.html': PAGE, 'rockpool.json': MANIFEST });
    const uploader = RawUploader.of(url(), ada);
    for (let i = 0; i < 20; i++) {
      expect((await uploader.begin(1000, { fingerprint: `other ${i}` })).status).toBe(201);
    }
    const { code, complained } = await publish('dist', '--game', 'tide');
    expect(code).toBe(2);
    expect(complained).toContain('Finish or cancel one first');
  });

  it('exits with 2 where it could not publish, and says what to do', async () => {
    writeBuild({ 'index.html': PAGE, 'rockpool.json': MANIFEST });
    const cases: readonly (readonly [readonly string[], string])[] = [
      [['nowhere', '--game', 'tide'], 'There is no nowhere to publish'],
      [['dist'], '--game my-game'],
      [['dist', '--game', 'other'], 'no such game'],
      [['dist', '--game', 'tide', '--token', 'rp_wrong'], 'not known'],
      [['dist', '--game', 'tide', '--token', 'secret'], 'begins with rp_'],
      [['dist', '--game', 'tide', '--url', 'http://127.0.0.1:1'], 'does not answer'],
      [['dist', '--game', 'tide', '--channel', 'No Channel'], 'such as beta'],
    ];
    const results = await Promise.all(cases.map(([args]) => publish(...args)));
    for (const [i, { code, complained, said }] of results.entries()) {
      expect({ code, said }).toEqual({ code: 2, said: '' });
      expect(complained).toContain(cases[i]?.[1]);
    }
  });
});

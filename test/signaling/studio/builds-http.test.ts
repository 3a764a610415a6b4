import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type BuildDetails,
  type BuildList,
  buildDetailsSchema,
  type StudioGames,
  studioGamesSchema,
} from '../../../protocol/studio-builds.ts';
import { rawTar } from '../../support/archives/raw-tar.ts';
import { rawZip } from '../../support/archives/raw-zip.ts';
import { publishBuild, RawUploader, sha256Of } from '../../support/raw-upload.ts';
import { SignalingFixture } from '../../support/signaling-fixture.ts';
import { StudioBrowser } from '../../support/studio-browser.ts';

const GAMES = '/studios/tidal-games/games';
const TIDE = `${GAMES}/tide`;

/** Unpacking and packing start processes, one after the other, on a machine that may be busy. */
const CHECKED = { timeout: 60_000, interval: 100 };

let fixture: SignalingFixture;
let ada: StudioBrowser;
let uploader: RawUploader;

beforeEach(() => begin());
afterEach(() => fixture.close());

async function begin(overrides: Parameters<typeof SignalingFixture.start>[0] = {}): Promise<void> {
  fixture = await SignalingFixture.start(overrides);
  fixture.wallClockMs = Date.now();
  ada = browser();
  const more = { name: 'Ada', studio: 'Tidal Games' };
  expect((await ada.comeIn(fixture.server.signInLink, more)).status).toBe(200);
  await ada.must('POST', GAMES, { id: 'tide', title: 'Tide' });
  uploader = RawUploader.of(url(), ada);
}

const url = () => fixture.url.replace('127.0.0.1', 'localhost');
const browser = () => new StudioBrowser(url());
const studioFolder = () => join(fixture.folder, 'data', 'studio');

async function invited(name: string, role: string): Promise<StudioBrowser> {
  const path = '/studios/tidal-games/invitations';
  const { link } = await ada.must<{ link: string }>('POST', path, { role });
  const guest = browser();
  expect((await guest.comeIn(link, { name })).status).toBe(200);
  return guest;
}

async function token(scopes: string[]): Promise<{ token: string; tokenId: string }> {
  const wish = { name: 'CI', scopes, lifetimeDays: 7 };
  return ada.must('POST', '/studios/tidal-games/tokens', wish);
}

/** A build that is complete. */
function webBuild(manifest: object = {}, page = '<!doctype html><title>Tide</title>'): Buffer {
  const rockpool = { id: 'tide', title: 'Tide', runtime: 'web', entry: 'index.html', ...manifest };
  return rawTar([
    { name: 'index.html', content: page },
    { name: 'rockpool.json', content: JSON.stringify(rockpool) },
  ]);
}

async function settled(number: number): Promise<BuildDetails> {
  await vi.waitFor(async () => {
    const { state } = await ada.must<BuildDetails>('GET', `${TIDE}/builds/${number}`);
    expect(state).not.toBe('checking');
  }, CHECKED);
  return buildDetailsSchema.parse(await ada.must('GET', `${TIDE}/builds/${number}`));
}

/** Of archives and of what was unpacked of them. */
const leftOvers = () => {
  const folder = studioFolder();
  return ['uploads', 'archives', 'unpacking'].flatMap((name) =>
    existsSync(join(folder, name)) ? readdirSync(join(folder, name)) : [],
  );
};

describe('the games of a studio', () => {
  it('are created by who may, listed by title, renamed, and told apart from those of others', async () => {
    await ada.must('POST', GAMES, { id: 'alga', title: 'alga' });
    await ada.must('PATCH', `${GAMES}/alga`, { title: 'Algae' });
    const { games, storage } = studioGamesSchema.parse(await ada.must('GET', GAMES));
    expect(games).toMatchObject([
      { gameId: 'alga', title: 'Algae', latest: null, liveBuild: null },
      { gameId: 'tide', title: 'Tide' },
    ]);
    expect(storage).toEqual({ usedBytes: 0, quotaBytes: 100e9 });
    const viewer = await invited('Vera', 'viewer');
    expect((await viewer.must<StudioGames>('GET', GAMES)).games).toHaveLength(2);
    expect(await viewer.refused('POST', GAMES, { id: 'ebb', title: 'Ebb' })).toMatchObject({
      status: 403,
    });
    expect(await browser().refused('GET', GAMES)).toMatchObject({ status: 401 });
  });

  it('have a name in addresses that is theirs alone', async () => {
    const again = { id: 'tide', title: 'Another' };
    expect(await ada.refused('POST', GAMES, again)).toMatchObject({
      status: 409,
      code: 'conflict',
      message: expect.stringContaining('"tide" already'),
    });
    await fixture.container();
    const taken = { id: 'skimmer', title: 'Mine' };
    expect(await ada.refused('POST', GAMES, taken)).toMatchObject({ status: 409 });
    const bad = { id: 'No Spaces', title: 'x' };
    expect(await ada.refused('POST', GAMES, bad)).toMatchObject({ status: 400 });
  });
});

describe('an upload', () => {
  it('becomes a build that is checked, stored, and waits to be tried', async () => {
    const archive = webBuild();
    const build = await publishBuild(ada, uploader, archive, { label: 'v1' });
    expect(build).toMatchObject({ number: 1, state: 'checking', label: 'v1', createdBy: 'Ada' });
    const details = await settled(1);
    expect(details).toMatchObject({
      state: 'trying',
      files: 2,
      manifest: { id: 'tide', entry: 'index.html' },
      archive: { name: 'tide.tar', bytes: archive.length, sha256: sha256Of(archive) },
      report: { problems: [] },
    });
    expect(leftOvers()).toEqual([]);
    const record = await fixture.store.studio.games.build(details.buildId);
    expect(record?.index?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(record?.storedBytes).toBeGreaterThan(0);
    const { games, storage } = await ada.must<StudioGames>('GET', GAMES);
    expect(games[0]).toMatchObject({ latest: { number: 1 } });
    expect(storage.usedBytes).toBe(record?.storedBytes);
    const { entries } = await ada.must<{ entries: object[] }>(
      'GET',
      '/studios/tidal-games/audit?group=games',
    );
    expect(entries).toMatchObject([{ action: 'build.uploaded' }, { action: 'game.created' }]);
  });

  it('goes on where it broke off, also with another server', async () => {
    const archive = webBuild({}, 'x'.repeat(300_000));
    const { uploadId } = await uploader.begin(archive.length);
    const first = archive.subarray(0, 100_001);
    expect((await uploader.send(uploadId, 0, new Uint8Array(first))).status).toBe(204);
    expect((await uploader.send(uploadId, 5, 'wrong place')).status).toBe(409);
    expect(await uploader.offset(uploadId)).toBe(first.length);
    await fixture.restart({ keepsStore: true });
    expect(await uploader.offset(uploadId)).toBe(first.length);
    const { uploads } = await ada.must<{ uploads: object[] }>('GET', `${TIDE}/uploads`);
    expect(uploads).toMatchObject([
      { uploadId, receivedBytes: first.length, bytes: archive.length, startedBy: 'Ada' },
    ]);
    const rest = archive.subarray(first.length);
    expect((await uploader.send(uploadId, first.length, new Uint8Array(rest))).status).toBe(204);
    const finish = { uploadId, sha256: sha256Of(archive) };
    expect(await ada.must('POST', `${TIDE}/builds`, finish)).toMatchObject({
      state: 'accepted',
      again: false,
      build: { number: 1 },
    });
  });

  it('keeps what came of a request that broke off in the middle', async () => {
    const archive = webBuild({}, 'y'.repeat(600_000));
    const { uploadId } = await uploader.begin(archive.length);
    const half = archive.subarray(0, 400_000);
    const broken = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new Uint8Array(half));
      },
      async pull(controller) {
        // What was given so far has to have left this process.
        await vi.waitFor(() => {
          const { size } = statSync(join(studioFolder(), 'uploads', uploadId));
          expect(size).toBeGreaterThan(0);
        }, CHECKED);
        controller.error(new Error('the laptop was closed'));
      },
    });
    await expect(uploader.send(uploadId, 0, broken)).rejects.toThrow();
    const offset = await uploader.offset(uploadId);
    expect(offset).toBeGreaterThan(0);
    const rest = new Uint8Array(archive.subarray(offset));
    expect((await uploader.send(uploadId, offset, rest)).status).toBe(204);
    const finish = { uploadId, sha256: sha256Of(archive) };
    expect(await ada.must('POST', `${TIDE}/builds`, finish)).toMatchObject({ state: 'accepted' });
    expect((await settled(1)).state).toBe('trying');
  });

  it('is refused and forgotten where it is not what was sent', async () => {
    const archive = webBuild();
    const uploadId = await uploader.upload(Buffer.from(archive).fill(0x20, 600, 610));
    const finish = { uploadId, sha256: sha256Of(archive) };
    expect(await ada.refused('POST', `${TIDE}/builds`, finish)).toMatchObject({
      status: 422,
      code: 'bad-archive',
      message: expect.stringContaining('did not arrive as it was sent'),
    });
    expect(leftOvers()).toEqual([]);
    expect(await ada.refused('POST', `${TIDE}/builds`, finish)).toMatchObject({ status: 404 });
    expect((await ada.must<BuildList>('GET', `${TIDE}/builds`)).builds).toEqual([]);
  });

  it('is no build before all of it is there', async () => {
    const archive = webBuild();
    const { uploadId } = await uploader.begin(archive.length);
    await uploader.send(uploadId, 0, new Uint8Array(archive.subarray(0, 700)));
    const finish = { uploadId, sha256: sha256Of(archive) };
    expect(await ada.refused('POST', `${TIDE}/builds`, finish)).toMatchObject({
      status: 409,
      message: expect.stringContaining('700 have arrived'),
    });
  });

  it('is one build however often it is finished, and recognised the next time', async () => {
    const archive = webBuild();
    const uploadId = await uploader.upload(archive);
    const finish = { uploadId, sha256: sha256Of(archive) };
    const asked = [1, 2, 3].map(() => ada.must('POST', `${TIDE}/builds`, finish));
    for (const answer of await Promise.all(asked)) {
      expect(answer).toMatchObject({ state: 'accepted', build: { number: 1 } });
    }
    expect(await ada.must('POST', `${TIDE}/builds`, finish)).toMatchObject({ again: true });
    const known = { sha256: sha256Of(archive) };
    expect(await ada.must('POST', `${TIDE}/builds/recognise`, known)).toMatchObject({
      build: { number: 1 },
    });
    const other = { sha256: sha256Of(Buffer.from('other')) };
    expect(await ada.must('POST', `${TIDE}/builds/recognise`, other)).toEqual({ build: null });
    const twice = await uploader.upload(archive, { fingerprint: 'again' });
    const again = { uploadId: twice, sha256: sha256Of(archive) };
    expect(await ada.must('POST', `${TIDE}/builds`, again)).toMatchObject({
      again: true,
      build: { number: 1 },
    });
    expect((await ada.must<BuildList>('GET', `${TIDE}/builds`)).builds).toHaveLength(1);
    await settled(1);
    expect(leftOvers()).toEqual([]);
  });

  it('takes no more than the studio may have, all uploads together', async () => {
    await fixture.close();
    await begin({ studioQuotaBytes: 10_000 });
    expect((await uploader.begin(6_000, { fingerprint: 'one' })).status).toBe(201);
    expect(await uploader.begin(6_000, { fingerprint: 'two' })).toMatchObject({
      status: 507,
      message: expect.stringContaining('ROCKPOOL_STUDIO_QUOTA_GB'),
    });
    // Nobody heard the answer to the first request, and asks again.
    const again = await uploader.begin(6_000, { fingerprint: 'one' });
    expect(again.status).toBe(201);
    expect((await uploader.cancel(again.uploadId)).status).toBe(204);
    expect((await uploader.begin(6_000, { fingerprint: 'two' })).status).toBe(201);
    expect(await uploader.begin(51 * 2 ** 30, { fingerprint: 'three' })).toMatchObject({
      status: 413,
    });
  });

  it('is stopped with the token that it is sent with', async () => {
    const { token: secret, tokenId } = await token(['builds:write']);
    const program = new RawUploader(url(), { authorization: `Bearer ${secret}` });
    const { uploadId } = await program.begin(5_000_000);
    let revoked = false;
    const endless = new ReadableStream<Uint8Array>({
      async pull(controller) {
        controller.enqueue(new Uint8Array(1000));
        if (revoked) await new Promise(() => {});
        await ada.must('DELETE', `/studios/tidal-games/tokens/${tokenId}`);
        revoked = true;
      },
    });
    const sending = program.send(uploadId, 0, endless).catch(() => 'cut off');
    await vi.waitFor(() => expect(revoked).toBe(true), CHECKED);
    await vi.waitFor(async () => {
      fixture.timers.advance(5_000);
      expect(await Promise.race([sending, Promise.resolve('going on')])).toBe('cut off');
    }, CHECKED);
    expect((await program.send(uploadId, 0, 'more')).status).toBe(401);
    expect(await program.offset(uploadId)).toBeNaN();
  });

  it('is for who may, of this studio, and said in words tus knows', async () => {
    const viewer = RawUploader.of(url(), await invited('Vera', 'viewer'));
    expect((await viewer.begin(1000)).status).toBe(403);
    const { token: reading } = await token(['builds:read']);
    const reader = new RawUploader(url(), { authorization: `Bearer ${reading}` });
    expect((await reader.begin(1000)).status).toBe(403);
    expect((await new RawUploader(url(), {}).begin(1000)).status).toBe(403);
    expect((await uploader.begin(1000, { game: 'nothing' })).status).toBe(404);
    expect((await uploader.begin(1000, { studio: 'other' })).status).toBe(404);
    expect((await uploader.begin(1000, { name: '../evil' })).status).toBe(400);
    const { uploadId } = await uploader.begin(1000);
    expect((await viewer.send(uploadId, 0, 'x')).status).toBe(403);
    expect((await viewer.cancel(uploadId)).status).toBe(403);
    expect((await uploader.send('0'.repeat(32), 0, 'x')).status).toBe(404);
    expect((await uploader.send('..%2f..%2fsigning-key', 0, 'x')).status).toBe(404);
    // A page of another site has the cookie, and says where it is.
    const foreign = new RawUploader(url(), {
      cookie: ada.cookie ?? '',
      origin: 'https://evil.example',
    });
    expect((await foreign.begin(1000)).status).toBe(403);
    expect((await foreign.send(uploadId, 0, 'x')).status).toBe(403);
  });

  it('is the one that the path names, whatever a query says', async () => {
    const { uploadId: mine } = await uploader.begin(1000, { fingerprint: 'mine' });
    const { uploadId: theirs } = await uploader.begin(1000, { fingerprint: 'theirs' });
    expect((await uploader.send(`${mine}?of=/${theirs}`, 0, 'x')).status).toBe(404);
    expect((await uploader.cancel(`${mine}?of=/${theirs}`)).status).toBe(404);
    expect(await uploader.offset(theirs)).toBe(0);
  });

  it('begins without bytes: those that come are watched over', async () => {
    const first = { 'content-type': 'application/offset+octet-stream' };
    const answer = await uploader.begin(1000, {}, { headers: first, body: 'x' });
    expect(answer.status).toBe(413);
    expect(leftOvers()).toEqual([]);
  });

  it('lies where nobody else of the machine reads it', async () => {
    await uploader.begin(1000);
    expect(statSync(join(studioFolder(), 'uploads')).mode & 0o777).toBe(0o700);
  });

  it('is told of to those of its game alone, also while it becomes a build', async () => {
    await ada.must('POST', GAMES, { id: 'ebb', title: 'Ebb' });
    // Large, so that it takes a while to be compared.
    const archive = Buffer.alloc(32 * 2 ** 20, 1);
    const finish = { uploadId: await uploader.upload(archive), sha256: sha256Of(archive) };
    let isOver = false;
    const finished = ada.must('POST', `${TIDE}/builds`, finish).finally(() => {
      isOver = true;
    });
    while (!isOver) {
      expect(await ada.refused('POST', `${GAMES}/ebb/builds`, finish)).toMatchObject({
        status: 404,
      });
    }
    expect(await finished).toMatchObject({ state: 'accepted', build: { number: 1 } });
  });

  it('is forgotten when nothing has come for a day', async () => {
    const { uploadId } = await uploader.begin(1000);
    await uploader.send(uploadId, 0, 'x');
    fixture.wallClockMs += 23 * 3_600_000;
    fixture.timers.advance(31 * 60_000);
    expect(await uploader.offset(uploadId)).toBe(1);
    fixture.wallClockMs += 2 * 3_600_000;
    fixture.timers.advance(31 * 60_000);
    await vi.waitFor(() => expect(leftOvers()).toEqual([]), CHECKED);
    const { status, message } = await uploader.send(uploadId, 1, 'x');
    expect({ status, message }).toMatchObject({
      status: 404,
      message: expect.stringContaining('nothing came for a day'),
    });
  });
});

describe('the check of a build', { timeout: 120_000 }, () => {
  it('refuses with the file and what to do, and leaves nothing', async () => {
    const hostile = rawTar([{ name: '../evil.sh', content: 'x' }]);
    await publishBuild(ada, uploader, hostile, { name: 'evil.tar' });
    const newer = webBuild({ manifestVersion: 99 });
    await publishBuild(ada, uploader, newer, { fingerprint: 'newer' });
    const text = Buffer.from('just text');
    await publishBuild(ada, uploader, text, { fingerprint: 'text', name: 'notes.zip' });
    expect(await settled(1)).toMatchObject({
      state: 'refused',
      report: { problems: [{ what: expect.stringContaining('"../evil.sh"') }] },
    });
    expect(await settled(2)).toMatchObject({
      state: 'refused',
      report: { problems: [{ what: expect.stringContaining('version 99') }] },
    });
    expect(await settled(3)).toMatchObject({
      state: 'refused',
      stateDetail: expect.stringContaining('no archive'),
    });
    expect(leftOvers()).toEqual([]);
    // It may be right the next time: what is taken changes.
    const known = { sha256: sha256Of(hostile) };
    expect(await ada.must('POST', `${TIDE}/builds/recognise`, known)).toEqual({ build: null });
  });

  it('proposes a manifest, and takes the one that is confirmed where it fits the files', async () => {
    const archive = rawZip([
      { name: 'game/index.html', content: '<!doctype html><title>Waves</title>' },
      { name: 'game/other.html', content: 'other' },
    ]);
    await publishBuild(ada, uploader, archive, { name: 'waves.zip' });
    const unconfirmed = await settled(1);
    expect(unconfirmed).toMatchObject({
      state: 'unconfirmed',
      manifest: null,
      report: { proposal: { manifest: { runtime: 'web', entry: 'index.html' } } },
    });
    const confirm = (manifest: object) =>
      ['POST', `${TIDE}/builds/1/confirm`, { manifest }] as const;
    const wrong = { title: 'Waves', runtime: 'web', entry: 'missing.html' };
    expect(await ada.refused(...confirm(wrong))).toMatchObject({
      status: 422,
      code: 'bad-manifest',
      message: expect.stringContaining('missing.html'),
    });
    const right = { title: 'Waves', runtime: 'web', entry: 'other.html', frameRate: 30 };
    const viewer = await invited('Vera', 'viewer');
    expect(await viewer.refused(...confirm(right))).toMatchObject({ status: 403 });
    expect(await ada.must(...confirm(right))).toMatchObject({ state: 'trying' });
    const confirmed = buildDetailsSchema.parse(await ada.must('GET', `${TIDE}/builds/1`));
    expect(confirmed.manifest).toMatchObject({ id: 'tide', title: 'Waves', frameRate: 30 });
    expect(await ada.refused(...confirm(right))).toMatchObject({ status: 409 });
    const before = await fixture.store.studio.games.build(unconfirmed.buildId);
    expect(before?.content).toMatch(/^[0-9a-f]{64}$/);
  });

  it('calls a build what its game is called, and tells which build has the same files', async () => {
    await publishBuild(ada, uploader, webBuild({ id: 'other' }));
    expect(await settled(1)).toMatchObject({
      state: 'trying',
      manifest: { id: 'tide' },
      report: { notes: [expect.stringContaining('"other"')] },
    });
    const repacked = Buffer.concat([webBuild({ id: 'other' }), Buffer.alloc(1024)]);
    await publishBuild(ada, uploader, repacked, { fingerprint: 'repacked' });
    expect((await settled(2)).report?.notes.join(' ')).toContain('the same as those of build 1');
  });

  it('begins anew where the server ended in the middle of it', async () => {
    const build = await publishBuild(ada, uploader, webBuild());
    await fixture.restart({ keepsStore: true });
    expect((await settled(build.number)).state).toBe('trying');
    expect(leftOvers()).toEqual([]);
  });

  it('refuses what would take the studio beyond its quota once it is unpacked', async () => {
    await fixture.close();
    await begin({ studioQuotaBytes: 4_000 });
    const noise = Buffer.from(Array.from({ length: 60_000 }, (_, i) => (i * i) % 7));
    const archive = rawZip([
      { name: 'index.html', content: '<!doctype html>' },
      { name: 'data.bin', content: noise, method: 8 },
    ]);
    expect(archive.length).toBeLessThan(4_000);
    await publishBuild(ada, uploader, archive, { name: 'big.zip' });
    expect(await settled(1)).toMatchObject({
      state: 'refused',
      stateDetail: expect.stringContaining('ROCKPOOL_STUDIO_QUOTA_GB'),
    });
    expect(leftOvers()).toEqual([]);
  });
});

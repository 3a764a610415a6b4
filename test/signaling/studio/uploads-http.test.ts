import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BuildList, StudioGames } from '../../../protocol/studio-builds.ts';
import { publishBuild, RawUploader, sha256Of } from '../../support/raw-upload.ts';
import { CHECKED, GAMES, StudioUploads, TIDE, webBuild } from '../../support/studio-uploads.ts';

let studio: StudioUploads;
beforeEach(async () => {
  studio = await StudioUploads.start();
});
afterEach(() => studio.close());

describe('an upload', () => {
  it('becomes a build that is checked, stored, and waits to be tried', async () => {
    const archive = webBuild();
    const build = await publishBuild(studio.ada, studio.uploader, archive, { label: 'v1' });
    expect(build).toMatchObject({ number: 1, state: 'checking', label: 'v1', createdBy: 'Ada' });
    const details = await studio.settled(1);
    expect(details).toMatchObject({
      state: 'trying',
      files: 2,
      manifest: { id: 'tide', entry: 'index.html' },
      archive: { name: 'tide.tar', bytes: archive.length, sha256: sha256Of(archive) },
      report: { problems: [] },
    });
    expect(studio.leftOvers()).toEqual([]);
    const record = await studio.fixture.store.studio.games.build(details.buildId);
    expect(record?.index?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(record?.storedBytes).toBeGreaterThan(0);
    const { games, storage } = await studio.ada.must<StudioGames>('GET', GAMES);
    expect(games[0]).toMatchObject({ latest: { number: 1 } });
    expect(storage.usedBytes).toBe(record?.storedBytes);
    const { entries } = await studio.ada.must<{ entries: object[] }>(
      'GET',
      '/studios/tidal-games/audit?group=games',
    );
    expect(entries).toMatchObject([{ action: 'build.uploaded' }, { action: 'game.created' }]);
  });

  it('goes on where it broke off, also with another server', async () => {
    const archive = webBuild({}, 'x'.repeat(300_000));
    const { uploadId } = await studio.uploader.begin(archive.length);
    const first = archive.subarray(0, 100_001);
    expect((await studio.uploader.send(uploadId, 0, new Uint8Array(first))).status).toBe(204);
    expect((await studio.uploader.send(uploadId, 5, 'wrong place')).status).toBe(409);
    expect(await studio.uploader.offset(uploadId)).toBe(first.length);
    await studio.fixture.restart({ keepsStore: true });
    expect(await studio.uploader.offset(uploadId)).toBe(first.length);
    const { uploads } = await studio.ada.must<{ uploads: object[] }>('GET', `${TIDE}/uploads`);
    expect(uploads).toMatchObject([
      { uploadId, receivedBytes: first.length, bytes: archive.length, startedBy: 'Ada' },
    ]);
    const rest = archive.subarray(first.length);
    expect((await studio.uploader.send(uploadId, first.length, new Uint8Array(rest))).status).toBe(
      204,
    );
    const finish = { uploadId, sha256: sha256Of(archive) };
    expect(await studio.ada.must('POST', `${TIDE}/builds`, finish)).toMatchObject({
      state: 'accepted',
      again: false,
      build: { number: 1 },
    });
  });

  it('keeps what came of a request that broke off in the middle', async () => {
    const archive = webBuild({}, 'y'.repeat(600_000));
    const { uploadId } = await studio.uploader.begin(archive.length);
    const half = archive.subarray(0, 400_000);
    const broken = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new Uint8Array(half));
      },
      async pull(controller) {
        // What was given so far has to have left this process.
        await vi.waitFor(() => {
          const { size } = statSync(join(studio.folder, 'uploads', uploadId));
          expect(size).toBeGreaterThan(0);
        }, CHECKED);
        controller.error(new Error('the laptop was closed'));
      },
    });
    await expect(studio.uploader.send(uploadId, 0, broken)).rejects.toThrow();
    const offset = await studio.uploader.offset(uploadId);
    expect(offset).toBeGreaterThan(0);
    const rest = new Uint8Array(archive.subarray(offset));
    expect((await studio.uploader.send(uploadId, offset, rest)).status).toBe(204);
    const finish = { uploadId, sha256: sha256Of(archive) };
    expect(await studio.ada.must('POST', `${TIDE}/builds`, finish)).toMatchObject({
      state: 'accepted',
    });
    expect((await studio.settled(1)).state).toBe('trying');
  });

  it('is refused and forgotten where it is not what was sent', async () => {
    const archive = webBuild();
    const uploadId = await studio.uploader.upload(Buffer.from(archive).fill(0x20, 600, 610));
    const finish = { uploadId, sha256: sha256Of(archive) };
    expect(await studio.ada.refused('POST', `${TIDE}/builds`, finish)).toMatchObject({
      status: 422,
      code: 'bad-archive',
      message: expect.stringContaining('did not arrive as it was sent'),
    });
    expect(studio.leftOvers()).toEqual([]);
    expect(await studio.ada.refused('POST', `${TIDE}/builds`, finish)).toMatchObject({
      status: 404,
    });
    expect((await studio.ada.must<BuildList>('GET', `${TIDE}/builds`)).builds).toEqual([]);
  });

  it('is no build before all of it is there', async () => {
    const archive = webBuild();
    const { uploadId } = await studio.uploader.begin(archive.length);
    await studio.uploader.send(uploadId, 0, new Uint8Array(archive.subarray(0, 700)));
    const finish = { uploadId, sha256: sha256Of(archive) };
    expect(await studio.ada.refused('POST', `${TIDE}/builds`, finish)).toMatchObject({
      status: 409,
      message: expect.stringContaining('700 have arrived'),
    });
  });

  it('is one build however often it is finished, and recognised the next time', async () => {
    const archive = webBuild();
    const uploadId = await studio.uploader.upload(archive);
    const finish = { uploadId, sha256: sha256Of(archive) };
    const asked = [1, 2, 3].map(() => studio.ada.must('POST', `${TIDE}/builds`, finish));
    for (const answer of await Promise.all(asked)) {
      expect(answer).toMatchObject({ state: 'accepted', build: { number: 1 } });
    }
    expect(await studio.ada.must('POST', `${TIDE}/builds`, finish)).toMatchObject({ again: true });
    const known = { sha256: sha256Of(archive) };
    expect(await studio.ada.must('POST', `${TIDE}/builds/recognise`, known)).toMatchObject({
      build: { number: 1 },
    });
    const other = { sha256: sha256Of(Buffer.from('other')) };
    expect(await studio.ada.must('POST', `${TIDE}/builds/recognise`, other)).toEqual({
      build: null,
    });
    const twice = await studio.uploader.upload(archive, { fingerprint: 'again' });
    const again = { uploadId: twice, sha256: sha256Of(archive) };
    expect(await studio.ada.must('POST', `${TIDE}/builds`, again)).toMatchObject({
      again: true,
      build: { number: 1 },
    });
    expect((await studio.ada.must<BuildList>('GET', `${TIDE}/builds`)).builds).toHaveLength(1);
    await studio.settled(1);
    expect(studio.leftOvers()).toEqual([]);
  });

  it('takes no more than the studio may have, all uploads together', async () => {
    await studio.close();
    studio = await StudioUploads.start({ studioQuotaBytes: 10_000 });
    expect((await studio.uploader.begin(6_000, { fingerprint: 'one' })).status).toBe(201);
    expect(await studio.uploader.begin(6_000, { fingerprint: 'two' })).toMatchObject({
      status: 507,
      message: expect.stringContaining('ROCKPOOL_STUDIO_QUOTA_GB'),
    });
    // Nobody heard the answer to the first request, and asks again.
    const again = await studio.uploader.begin(6_000, { fingerprint: 'one' });
    expect(again.status).toBe(201);
    expect((await studio.uploader.cancel(again.uploadId)).status).toBe(204);
    expect((await studio.uploader.begin(6_000, { fingerprint: 'two' })).status).toBe(201);
    expect(await studio.uploader.begin(51 * 2 ** 30, { fingerprint: 'three' })).toMatchObject({
      status: 413,
    });
  });

  it('is stopped with the token that it is sent with', async () => {
    const { token: secret, tokenId } = await studio.token(['builds:write']);
    const program = new RawUploader(studio.url, { authorization: `Bearer ${secret}` });
    const { uploadId } = await program.begin(5_000_000);
    let revoked = false;
    const endless = new ReadableStream<Uint8Array>({
      async pull(controller) {
        controller.enqueue(new Uint8Array(1000));
        if (revoked) await new Promise(() => {});
        await studio.ada.must('DELETE', `/studios/tidal-games/tokens/${tokenId}`);
        revoked = true;
      },
    });
    const sending = program.send(uploadId, 0, endless).catch(() => 'cut off');
    await vi.waitFor(() => expect(revoked).toBe(true), CHECKED);
    await vi.waitFor(async () => {
      studio.fixture.timers.advance(5_000);
      expect(await Promise.race([sending, Promise.resolve('going on')])).toBe('cut off');
    }, CHECKED);
    expect((await program.send(uploadId, 0, 'more')).status).toBe(401);
    expect(await program.offset(uploadId)).toBeNaN();
  });

  it('is for who may, of this studio, and said in words tus knows', async () => {
    const viewer = RawUploader.of(studio.url, await studio.invited('Vera', 'viewer'));
    expect((await viewer.begin(1000)).status).toBe(403);
    const { token: reading } = await studio.token(['builds:read']);
    const reader = new RawUploader(studio.url, { authorization: `Bearer ${reading}` });
    expect((await reader.begin(1000)).status).toBe(403);
    expect((await new RawUploader(studio.url, {}).begin(1000)).status).toBe(403);
    expect((await studio.uploader.begin(1000, { game: 'nothing' })).status).toBe(404);
    expect((await studio.uploader.begin(1000, { studio: 'other' })).status).toBe(404);
    expect((await studio.uploader.begin(1000, { name: '../evil' })).status).toBe(400);
    const { uploadId } = await studio.uploader.begin(1000);
    expect((await viewer.send(uploadId, 0, 'x')).status).toBe(403);
    expect((await viewer.cancel(uploadId)).status).toBe(403);
    expect((await studio.uploader.send('0'.repeat(32), 0, 'x')).status).toBe(404);
    expect((await studio.uploader.send('..%2f..%2fsigning-key', 0, 'x')).status).toBe(404);
    // A page of another site has the cookie, and says where it is.
    const foreign = new RawUploader(studio.url, {
      cookie: studio.ada.cookie ?? '',
      origin: 'https://evil.example',
    });
    expect((await foreign.begin(1000)).status).toBe(403);
    expect((await foreign.send(uploadId, 0, 'x')).status).toBe(403);
  });

  it('is the one that the path names, whatever a query says', async () => {
    const { uploadId: mine } = await studio.uploader.begin(1000, { fingerprint: 'mine' });
    const { uploadId: theirs } = await studio.uploader.begin(1000, { fingerprint: 'theirs' });
    expect((await studio.uploader.send(`${mine}?of=/${theirs}`, 0, 'x')).status).toBe(404);
    expect((await studio.uploader.cancel(`${mine}?of=/${theirs}`)).status).toBe(404);
    expect(await studio.uploader.offset(theirs)).toBe(0);
  });

  it('begins without bytes: those that come are watched over', async () => {
    const first = { 'content-type': 'application/offset+octet-stream' };
    const answer = await studio.uploader.begin(1000, {}, { headers: first, body: 'x' });
    expect(answer.status).toBe(413);
    expect(studio.leftOvers()).toEqual([]);
  });

  it('lies where nobody else of the machine reads it', async () => {
    await studio.uploader.begin(1000);
    expect(statSync(join(studio.folder, 'uploads')).mode & 0o777).toBe(0o700);
  });

  it('is told of to those of its game alone, also while it becomes a build', async () => {
    await studio.ada.must('POST', GAMES, { id: 'ebb', title: 'Ebb' });
    // Large, so that it takes a while to be compared.
    const archive = Buffer.alloc(32 * 2 ** 20, 1);
    const finish = { uploadId: await studio.uploader.upload(archive), sha256: sha256Of(archive) };
    let isOver = false;
    const finished = studio.ada.must('POST', `${TIDE}/builds`, finish).finally(() => {
      isOver = true;
    });
    while (!isOver) {
      expect(await studio.ada.refused('POST', `${GAMES}/ebb/builds`, finish)).toMatchObject({
        status: 404,
      });
    }
    expect(await finished).toMatchObject({ state: 'accepted', build: { number: 1 } });
  });

  it('is forgotten when nothing has come for a day', async () => {
    const { uploadId } = await studio.uploader.begin(1000);
    await studio.uploader.send(uploadId, 0, 'x');
    studio.fixture.wallClockMs += 23 * 3_600_000;
    studio.fixture.timers.advance(31 * 60_000);
    expect(await studio.uploader.offset(uploadId)).toBe(1);
    studio.fixture.wallClockMs += 2 * 3_600_000;
    studio.fixture.timers.advance(31 * 60_000);
    await vi.waitFor(() => expect(studio.leftOvers()).toEqual([]), CHECKED);
    const { status, message } = await studio.uploader.send(uploadId, 1, 'x');
    expect({ status, message }).toMatchObject({
      status: 404,
      message: expect.stringContaining('nothing came for a day'),
    });
  });
});

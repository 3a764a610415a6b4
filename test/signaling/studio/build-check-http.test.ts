import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildDetailsSchema } from '../../../protocol/studio-builds.ts';
import { rawTar } from '../../support/archives/raw-tar.ts';
import { rawZip } from '../../support/archives/raw-zip.ts';
import { publishBuild, sha256Of } from '../../support/raw-upload.ts';
import { StudioUploads, TIDE, webBuild } from '../../support/studio-uploads.ts';

let studio: StudioUploads;
beforeEach(async () => {
  studio = await StudioUploads.start();
});
afterEach(() => studio.close());

describe('the check of a build', { timeout: 120_000 }, () => {
  it('refuses with the file and what to do, and leaves nothing', async () => {
    const hostile = rawTar([{ name: '../evil.sh', content: 'x' }]);
    await publishBuild(studio.ada, studio.uploader, hostile, { name: 'evil.tar' });
    const newer = webBuild({ manifestVersion: 99 });
    await publishBuild(studio.ada, studio.uploader, newer, { fingerprint: 'newer' });
    const text = Buffer.from('just text');
    await publishBuild(studio.ada, studio.uploader, text, {
      fingerprint: 'text',
      name: 'notes.zip',
    });
    expect(await studio.settled(1)).toMatchObject({
      state: 'refused',
      report: { problems: [{ what: expect.stringContaining('"../evil.sh"') }] },
    });
    expect(await studio.settled(2)).toMatchObject({
      state: 'refused',
      report: { problems: [{ what: expect.stringContaining('version 99') }] },
    });
    expect(await studio.settled(3)).toMatchObject({
      state: 'refused',
      stateDetail: expect.stringContaining('no archive'),
    });
    expect(studio.leftOvers()).toEqual([]);
    // It may be right the next time: what is taken changes.
    const known = { sha256: sha256Of(hostile) };
    expect(await studio.ada.must('POST', `${TIDE}/builds/recognise`, known)).toEqual({
      build: null,
    });
  });

  it('proposes a manifest, and takes the one that is confirmed where it fits the files', async () => {
    const archive = rawZip([
      { name: 'game/index.html', content: '<!doctype html><title>Waves</title>' },
      { name: 'game/other.html', content: 'other' },
    ]);
    await publishBuild(studio.ada, studio.uploader, archive, { name: 'waves.zip' });
    const unconfirmed = await studio.settled(1);
    expect(unconfirmed).toMatchObject({
      state: 'unconfirmed',
      manifest: null,
      report: { proposal: { manifest: { runtime: 'web', entry: 'index.html' } } },
    });
    const confirm = (manifest: object) =>
      ['POST', `${TIDE}/builds/1/confirm`, { manifest }] as const;
    const wrong = { title: 'Waves', runtime: 'web', entry: 'missing.html' };
    expect(await studio.ada.refused(...confirm(wrong))).toMatchObject({
      status: 422,
      code: 'bad-manifest',
      message: expect.stringContaining('missing.html'),
    });
    const right = { title: 'Waves', runtime: 'web', entry: 'other.html', frameRate: 30 };
    const viewer = await studio.invited('Vera', 'viewer');
    expect(await viewer.refused(...confirm(right))).toMatchObject({ status: 403 });
    expect(await studio.ada.must(...confirm(right))).toMatchObject({ state: 'trying' });
    const confirmed = buildDetailsSchema.parse(await studio.ada.must('GET', `${TIDE}/builds/1`));
    expect(confirmed.manifest).toMatchObject({ id: 'tide', title: 'Waves', frameRate: 30 });
    expect(await studio.ada.refused(...confirm(right))).toMatchObject({ status: 409 });
    const before = await studio.fixture.store.studio.games.build(unconfirmed.buildId);
    expect(before?.content).toMatch(/^[0-9a-f]{64}$/);
  });

  it('calls a build what its game is called, and tells which build has the same files', async () => {
    await publishBuild(studio.ada, studio.uploader, webBuild({ id: 'other' }));
    expect(await studio.settled(1)).toMatchObject({
      state: 'trying',
      manifest: { id: 'tide' },
      report: { notes: [expect.stringContaining('"other"')] },
    });
    const repacked = Buffer.concat([webBuild({ id: 'other' }), Buffer.alloc(1024)]);
    await publishBuild(studio.ada, studio.uploader, repacked, { fingerprint: 'repacked' });
    expect((await studio.settled(2)).report?.notes.join(' ')).toContain(
      'the same as those of build 1',
    );
  });

  it('begins anew where the server ended in the middle of it', async () => {
    const build = await publishBuild(studio.ada, studio.uploader, webBuild());
    await studio.fixture.restart({ keepsStore: true });
    expect((await studio.settled(build.number)).state).toBe('trying');
    expect(studio.leftOvers()).toEqual([]);
  });

  it('refuses what would take the studio beyond its quota once it is unpacked', async () => {
    await studio.close();
    studio = await StudioUploads.start({ studioQuotaBytes: 4_000 });
    const noise = Buffer.from(Array.from({ length: 60_000 }, (_, i) => (i * i) % 7));
    const archive = rawZip([
      { name: 'index.html', content: '<!doctype html>' },
      { name: 'data.bin', content: noise, method: 8 },
    ]);
    expect(archive.length).toBeLessThan(4_000);
    await publishBuild(studio.ada, studio.uploader, archive, { name: 'big.zip' });
    expect(await studio.settled(1)).toMatchObject({
      state: 'refused',
      stateDetail: expect.stringContaining('ROCKPOOL_STUDIO_QUOTA_GB'),
    });
    expect(studio.leftOvers()).toEqual([]);
  });
});

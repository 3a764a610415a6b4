import { chmodSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { missingProgram, readBuild } from '../../../renderer/builds/build-folder.ts';
import { BuildFolders, fakeManifest } from '../../support/build-folders.ts';

let folders: BuildFolders;
beforeEach(() => {
  folders = new BuildFolders();
});
afterEach(() => folders.remove());

function refusal(folder: string): Promise<string> {
  return readBuild(folder).then(
    () => 'not refused',
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  );
}

describe('readBuild', () => {
  it('gives the manifest with its defaults, and what the library says of it', async () => {
    const folder = folders.build('pond', { summary: 'Ducks.' });
    expect(await readBuild(folder)).toMatchObject({
      folder: realpathSync(folder),
      manifest: { id: 'pond', resolution: { width: 1280, height: 720 }, network: false },
      info: { id: 'pond', title: 'Pond', summary: 'Ducks.', diagnostic: false },
    });
  });

  it('finds the build behind a link to its folder', async () => {
    const folder = folders.build('pond');
    const link = join(folders.path, 'link');
    symlinkSync(folder, link);
    expect((await readBuild(link)).folder).toBe(realpathSync(folder));
  });

  it('says which folder has no manifest, or is none', async () => {
    const folder = folders.build('pond');
    rmSync(join(folder, 'rockpool.json'));
    expect(await refusal(folder)).toMatch(/^bad-manifest: There is no rockpool.json in .*pond/);
    expect(await refusal(join(folders.path, 'lake'))).toMatch(/There is no folder .*lake/);
    expect(await refusal(join(folder, 'pond'))).toMatch(/is a file. Name the folder/);
  });

  it('names the folder with what the manifest says wrong', async () => {
    const folder = folders.build('pond', { runtime: 'windows' });
    expect(await refusal(folder)).toMatch(
      /pond: rockpool.json has a problem:\n {2}runtime: "linux"/,
    );
  });

  it('tells every file that is missing at once', async () => {
    const folder = folders.build('pond', {
      entry: 'bin/pond',
      workingFolder: 'data',
      cover: 'cover.png',
    });
    const message = await refusal(folder);
    expect(message).toContain('has problems');
    expect(message).toContain('entry: there is no file bin/pond');
    expect(message).toContain('workingFolder: there is no folder data');
    expect(message).toContain('cover: there is no file cover.png');
  });

  it('refuses what leaves the build through a link, also in the middle of a path', async () => {
    const outside = folders.build('outside');
    const folder = folders.build('pond', { entry: 'out/pond', cover: 'cover.png' });
    symlinkSync(outside, join(folder, 'out'));
    symlinkSync('/etc/hostname', join(folder, 'cover.png'));
    const message = await refusal(folder);
    expect(message).toContain('entry: out/pond is a symbolic link out of the build');
    expect(message).toContain('cover: cover.png is a symbolic link out of the build');
  });

  it('reads no manifest from outside the build', async () => {
    const folder = folders.build('pond');
    rmSync(join(folder, 'rockpool.json'));
    symlinkSync('/etc/passwd', join(folder, 'rockpool.json'));
    expect(await refusal(folder)).toMatch(/rockpool.json is a symbolic link out of the build/);
  });

  it('takes a link that stays inside', async () => {
    const folder = folders.build('pond', { entry: 'start' });
    symlinkSync('pond', join(folder, 'start'));
    expect((await readBuild(folder)).manifest.entry).toBe('start');
  });

  it('says how a program that may not be run becomes one', async () => {
    const folder = folders.build('pond');
    chmodSync(join(folder, 'pond'), 0o644);
    expect(await refusal(folder)).toContain('entry: pond may not be run; chmod +x pond');
  });

  it('does not ask that a page may be run, but that it is a file', async () => {
    const page = { runtime: 'web', entry: 'index.html' };
    const folder = folders.build('page', page, { 'index.html': '<p>', 'play/index.html': '' });
    expect((await readBuild(folder)).manifest.runtime).toBe('web');
    const other = folders.build('other', { ...page, entry: 'play' }, { 'play/index.html': '' });
    expect(await refusal(other)).toContain('entry: play is not a regular file');
    const away = folders.build('away', { ...page, entry: '/usr/share/page.html' });
    expect(await refusal(away)).toContain('entry: /usr/share/page.html is outside the build');
  });

  it('takes a program of the system, and one that a package may still bring', async () => {
    expect(await readBuild(folders.build('shell', { entry: '/usr/bin/env' }))).toBeDefined();
    const missing = { entry: '/usr/games/no-such-game' };
    expect(await refusal(folders.build('missing', missing))).toContain(
      'name the Debian package that brings it in "packages"',
    );
    const brought = folders.build('brought', { ...missing, packages: ['no-such-game'] });
    expect((await readBuild(brought)).manifest.entry).toBe('/usr/games/no-such-game');
  });

  it('does not read a manifest of any size', async () => {
    const folder = folders.build('pond');
    writeFileSync(join(folder, 'rockpool.json'), ' '.repeat(1_048_577));
    expect(await refusal(folder)).toContain('rockpool.json is larger than');
  });
});

describe('missingProgram', () => {
  it('names a program of the system that is not there', async () => {
    const of = (entry: string) => missingProgram({ manifest: fakeManifest({ entry }) });
    expect(await of('/usr/games/no-such-game')).toBe('/usr/games/no-such-game');
    expect(await of('/usr/bin/env')).toBeUndefined();
    expect(await of('bin/pond')).toBeUndefined();
  });
});

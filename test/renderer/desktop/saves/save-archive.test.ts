import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packSaves, restoreSaves } from '../../../../renderer/desktop/saves/save-archive.ts';
import { writeTar } from '../../../../renderer/desktop/saves/tar-format.ts';

let top = '';
let home = '';
let other = '';
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'rockpool-save-archive-'));
  home = join(top, 'home');
  other = join(top, 'other');
  mkdirSync(home);
  mkdirSync(other);
});
afterEach(() => rmSync(top, { recursive: true }));

function put(path: string, content: string, folder = home): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

/** Files with their contents, folders with a slash. */
function treeOf(folder: string, prefix = ''): Record<string, string> {
  const tree: Record<string, string> = {};
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = `${prefix}${entry.name}`;
    if (!entry.isDirectory()) tree[path] = readFileSync(join(folder, entry.name), 'utf8');
    else Object.assign(tree, { [`${path}/`]: '' }, treeOf(join(folder, entry.name), `${path}/`));
  }
  return tree;
}

async function packedAndRestored(paths: readonly string[]) {
  const packed = await packSaves(home, paths);
  await restoreSaves(other, packed.archive);
  return { ...packed, tree: treeOf(other) };
}

function archiveOf(path: string, content?: string): Buffer {
  const entry = { path, content: content === undefined ? undefined : Buffer.from(content) };
  return gzipSync(Buffer.concat([...writeTar([entry])]));
}

describe('save archive', () => {
  it('brings files and folders into another home, and nothing else', async () => {
    put('.config/game/settings.ini', 'loud');
    put('.config/other-game/secret', 'no');
    put('saves/slot 1/state', 'level 3');
    put('saves/ünïcode', 'yes');
    put('score', '');
    mkdirSync(join(home, 'saves/empty'));
    const { tree, skipped } = await packedAndRestored([
      'saves',
      '.config/game',
      'score',
      'nothing',
    ]);
    expect(tree).toEqual({
      '.config/': '',
      '.config/game/': '',
      '.config/game/settings.ini': 'loud',
      'saves/': '',
      'saves/empty/': '',
      'saves/slot 1/': '',
      'saves/slot 1/state': 'level 3',
      'saves/ünïcode': 'yes',
      score: '',
    });
    expect(skipped).toBe(0);
  });

  it('keeps names that are no UTF-8', async () => {
    const name = Buffer.from([0x73, 0xe9, 0xff]);
    writeFileSync(Buffer.concat([Buffer.from(`${home}/`), name]), 'kept');
    mkdirSync(join(home, 'saves'));
    renameSync(
      Buffer.concat([Buffer.from(`${home}/`), name]),
      Buffer.concat([Buffer.from(`${home}/saves/`), name]),
    );
    const { archive } = await packSaves(home, ['saves']);
    await restoreSaves(other, archive);
    expect(readdirSync(join(other, 'saves'), 'buffer')).toEqual([name]);
  });

  it('gives the same bytes for the same contents', async () => {
    const names = ['b', 'a', 'c/d', 'c.e', 'B'];
    for (const name of names) put(`saves/${name}`, name);
    for (const name of names.toReversed()) put(`saves/${name}`, name, other);
    chmodSync(join(other, 'saves/a'), 0o600);
    utimesSync(join(other, 'saves/b'), 1, 1);
    const first = await packSaves(home, ['saves/c', 'saves']);
    const second = await packSaves(other, ['saves', 'saves/b']);
    expect(Buffer.compare(first.archive, second.archive)).toBe(0);
    put('saves/a', 'changed');
    expect(Buffer.compare(first.archive, (await packSaves(home, ['saves'])).archive)).not.toBe(0);
  });

  it("can be opened with the system's tar", async () => {
    put('saves/state', 'level 3');
    const { archive } = await packSaves(home, ['saves']);
    execFileSync('tar', ['--extract', '--gzip', '--directory', other], { input: archive });
    expect(treeOf(other)).toEqual({ 'saves/': '', 'saves/state': 'level 3' });
  });

  it('is empty where the game has kept nothing, and restores nothing then', async () => {
    const { entries, tree } = await packedAndRestored(['saves']);
    expect([entries, tree]).toEqual([0, {}]);
  });

  it('restores over what is there', async () => {
    put('saves/state', 'level 3');
    put('saves/state', 'level 1 and more', other);
    const { tree } = await packedAndRestored(['saves']);
    expect(tree['saves/state']).toBe('level 3');
  });

  it('skips links, pipes and sockets, and says how many', async () => {
    put('secret', 'secret', top);
    put('saves/state', 'level 3');
    symlinkSync(join(top, 'secret'), join(home, 'saves/link'));
    symlinkSync(top, join(home, 'saves/folder-link'));
    execFileSync('mkfifo', [join(home, 'saves/pipe')]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(home, 'saves/socket'), resolve));
    const { tree, skipped } = await packedAndRestored(['saves']);
    await new Promise((resolve) => server.close(resolve));
    expect(tree).toEqual({ 'saves/': '', 'saves/state': 'level 3' });
    expect(skipped).toBe(4);
  });

  it('enters no link on the way to what is to be saved', async () => {
    put('elsewhere/game/secret', 'secret', top);
    symlinkSync(join(top, 'elsewhere'), join(home, '.config'));
    symlinkSync(join(top, 'elsewhere/game/secret'), join(home, 'state'));
    const { tree, skipped } = await packedAndRestored(['.config/game', 'state']);
    expect([tree, skipped]).toEqual([{}, 2]);
  });

  it('reads a home folder through /proc', async () => {
    put('saves/state', 'level 3');
    const { archive } = await packSaves(`/proc/${process.pid}/root${realpathSync(home)}`, [
      'saves',
    ]);
    await restoreSaves(other, archive);
    expect(treeOf(other)).toEqual({ 'saves/': '', 'saves/state': 'level 3' });
  });

  it('refuses to keep too much, and says what to do', async () => {
    const limits = { bytes: 1000, entries: 4, depth: 3 };
    put('saves/state', 'x'.repeat(1000));
    await packSaves(home, ['saves'], limits);
    put('saves/more', 'x');
    const refusal = (message: RegExp) => ({
      code: 'resource-limit',
      message: expect.stringMatching(message),
    });
    const packing = () => packSaves(home, ['saves'], limits);
    await expect(packing()).rejects.toMatchObject(refusal(/MiB.*"saves"/));
    rmSync(join(home, 'saves/state'));
    for (const name of ['a', 'b', 'c']) put(`saves/${name}`, '');
    await expect(packing()).rejects.toMatchObject(refusal(/4 files and folders/));
    rmSync(join(home, 'saves'), { recursive: true });
    mkdirSync(join(home, 'saves/1/2/3'), { recursive: true });
    await expect(packing()).rejects.toMatchObject(refusal(/3 folders within/));
  });

  it('keeps one state of a file that is replaced while it is read, over and over', async () => {
    const states = ['a', 'b'].map((letter) => letter.repeat(50_000));
    put('saves/state', states[0] ?? '');
    let packing = true;
    const replacing = (async () => {
      for (let i = 0; packing; i++) {
        put('new', states[i % 2] ?? '');
        renameSync(join(home, 'new'), join(home, 'saves/state'));
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    for (let i = 0; i < 10; i++) {
      const { tree } = await packedAndRestored(['saves']);
      expect(states.indexOf(tree['saves/state'] ?? '')).not.toBe(-1);
    }
    packing = false;
    await replacing;
  });

  it('reads nothing outside while a folder turns into a link and back', async () => {
    put('outside/secret', 'secret', top);
    put('saves/deep/state', 'level 3');
    let packing = true;
    const swapping = (async () => {
      const deep = join(home, 'saves/deep');
      while (packing) {
        renameSync(deep, join(home, 'away'));
        symlinkSync(join(top, 'outside'), deep);
        await new Promise((resolve) => setImmediate(resolve));
        rmSync(deep);
        renameSync(join(home, 'away'), deep);
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    for (let i = 0; i < 50; i++) {
      const { tree } = await packedAndRestored(['saves']);
      expect(Object.keys(tree)).not.toContain('saves/deep/secret');
    }
    packing = false;
    await swapping;
  });
});

describe('restoring a hostile archive', () => {
  const refused = { code: 'game-failed' };

  it('writes nothing outside the home folder', async () => {
    const paths = ['../outside', '/outside', 'a/../../outside'];
    for (const path of paths) {
      await expect(restoreSaves(home, archiveOf(path, 'x'))).rejects.toMatchObject(refused);
    }
    expect(readdirSync(top).sort()).toEqual(['home', 'other']);
    expect(readdirSync(home)).toEqual([]);
  });

  it('follows no link that is in the home folder', async () => {
    put('file', 'untouched', other);
    symlinkSync(other, join(home, 'folder'));
    symlinkSync(join(other, 'file'), join(home, 'link'));
    symlinkSync(join(other, 'made'), join(home, 'dangling'));
    for (const path of ['folder/file', 'link', 'dangling']) {
      await expect(restoreSaves(home, archiveOf(path, 'changed'))).rejects.toThrow(/ELOOP|ENOTDIR/);
    }
    await expect(restoreSaves(home, archiveOf('folder/made'))).rejects.toThrow(/ELOOP|ENOTDIR/);
    expect(treeOf(other)).toEqual({ file: 'untouched' });
  });

  it('writes nothing unless all of it is sound', async () => {
    const good = [...writeTar([{ path: 'good', content: Buffer.from('x') }])].slice(0, -1);
    const bad = [...writeTar([{ path: '../bad', content: Buffer.from('x') }])];
    const archive = gzipSync(Buffer.concat([...good, ...bad]));
    await expect(restoreSaves(home, archive)).rejects.toMatchObject(refused);
    expect(readdirSync(home)).toEqual([]);
  });

  it('unpacks no more than could have been packed', async () => {
    const limits = { bytes: 1000, entries: 2, depth: 3 };
    const bomb = gzipSync(Buffer.alloc(10_000_000));
    await expect(restoreSaves(home, bomb, limits)).rejects.toMatchObject(refused);
    const deep = archiveOf('1/2/3/4', 'x');
    await expect(restoreSaves(home, deep, limits)).rejects.toThrow(/too many/);
    await expect(restoreSaves(home, Buffer.from('no gzip'))).rejects.toThrow(/cannot be unpacked/);
  });

  it('makes files and folders with ordinary modes', async () => {
    put('saves/state', 'x');
    chmodSync(join(home, 'saves/state'), 0o4777);
    linkSync(join(home, 'saves/state'), join(home, 'saves/same'));
    await packedAndRestored(['saves']);
    const modeOf = (path: string) => lstatSync(join(other, path)).mode & 0o7777;
    expect(modeOf('saves/state') & ~0o644).toBe(0);
    expect(modeOf('saves') & ~0o755).toBe(0);
    expect(lstatSync(join(other, 'saves/same')).nlink).toBe(1);
    expect(existsSync(join(other, 'saves/same'))).toBe(true);
  });
});

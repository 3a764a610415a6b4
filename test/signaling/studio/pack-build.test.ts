import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BuildIndex, buildIndexSchema } from '../../../protocol/build-index.ts';
import { UNWANTED_MS } from '../../../signaling/studio/blobs/blob-store.ts';
import { sweepBlobs } from '../../../signaling/studio/blobs/garbage-collection.ts';
import { MemoryBlobStore } from '../../../signaling/studio/blobs/memory-blob-store.ts';
import { packBuild } from '../../../signaling/studio/blobs/pack-build.ts';
import { FolderFiles } from '../../../signaling/studio/builds/folder-files.ts';
import { noise } from '../../support/archives/hostile-archives.ts';

describe('packBuild', () => {
  let folder: string;
  let store: MemoryBlobStore;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rockpool-pack-'));
    store = new MemoryBlobStore();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function write(path: string, content: string | Buffer) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }

  async function pack(previous?: BuildIndex) {
    const { files } = await FolderFiles.read(folder, { ours: true });
    const packed = await packBuild(folder, files, store, { previous });
    expect(buildIndexSchema.parse(packed.index)).toEqual(packed.index);
    return packed;
  }

  async function contentOf(index: BuildIndex, path: string) {
    const file = index.files.find((one) => one.path === path);
    const pieces: Buffer[] = [];
    for (const [blob, from, bytes] of file?.pieces ?? []) {
      const content = await store.get(index.blobs[blob]?.sha256 ?? '', { from, bytes });
      if (content) pieces.push(await buffer(content));
    }
    return Buffer.concat(pieces);
  }

  it('stores every file so that its pieces make it up, with what else there is', async () => {
    const large = noise(2_000_000, 1);
    write('data/large.bin', large);
    write('data/small.txt', 'small');
    write('data/same.txt', 'small');
    write('empty', '');
    write('run', '#!/bin/sh\n');
    chmodSync(join(folder, 'run'), 0o755);
    mkdirSync(join(folder, 'nothing'));
    symlinkSync('data/small.txt', join(folder, 'link'));
    const { index, stored } = await pack();
    expect((await contentOf(index, 'data/large.bin')).equals(large)).toBe(true);
    for (const path of ['data/small.txt', 'data/same.txt']) {
      expect((await contentOf(index, path)).toString()).toBe('small');
    }
    expect(index.files.find(({ path }) => path === 'empty')).toMatchObject({
      bytes: 0,
      pieces: [],
    });
    expect(index.files.filter(({ runs }) => runs).map(({ path }) => path)).toEqual(['run']);
    expect(index.links).toEqual([{ path: 'link', target: 'data/small.txt' }]);
    expect(index.emptyFolders).toEqual(['nothing']);
    expect(stored).toEqual(await store.statistics());
  });

  it('moves nothing for the same build again, and gives it the same identity', async () => {
    write('large', noise(1_000_000, 1));
    write('small', 'small');
    const first = await pack();
    const again = await pack();
    expect(again.index).toEqual(first.index);
    expect(again.stored).toEqual({ blobs: 0, bytes: 0 });
    chmodSync(join(folder, 'small'), 0o755);
    expect((await pack()).index.content).not.toBe(first.index.content);
  });

  it('moves of small files those that changed, and of large ones what lies around a change', async () => {
    const large = noise(8_000_000, 1);
    write('large', large);
    for (let i = 0; i < 500; i++) write(`small/${i}`, noise(4000, i));
    const first = await pack();
    large.fill(0, 4_000_000, 4_000_100);
    write('large', large);
    for (let i = 0; i < 500; i += 50) write(`small/${i}`, noise(4000, i + 9999));
    rmSync(join(folder, 'small/7'));
    write('small/new', 'new');
    const second = await pack(first.index);
    expect(second.stored.bytes).toBeLessThan(10 * 4000 + 3 + 2 * 2 ** 20);
    for (const [path, content] of [
      ['large', large],
      ['small/50', noise(4000, 50 + 9999)],
      ['small/51', noise(4000, 51)],
      ['small/new', Buffer.from('new')],
    ] as const) {
      expect((await contentOf(second.index, path)).equals(content)).toBe(true);
    }
  });

  it('does not keep a bundle alive for a few of its files', async () => {
    for (let i = 0; i < 20; i++) write(`small/${i}`, noise(4000, i));
    const first = await pack();
    for (let i = 1; i < 20; i++) write(`small/${i}`, noise(4000, i + 100));
    const second = await pack(first.index);
    expect(second.index.blobs).not.toContainEqual(first.index.blobs[0]);
    expect(await contentOf(second.index, 'small/0')).toEqual(noise(4000, 0));
  });

  it('packs anew what the store has lost', async () => {
    write('small', 'small');
    const first = await pack();
    await store.delete(first.index.blobs[0]?.sha256 ?? '');
    const second = await pack(first.index);
    expect((await contentOf(second.index, 'small')).toString()).toBe('small');
  });

  it('is not read where its pieces do not make up its files', async () => {
    write('small', 'small');
    const { index } = await pack();
    const broken = structuredClone(index);
    for (const piece of broken.files[0]?.pieces ?? []) piece[1] = 1;
    expect(buildIndexSchema.safeParse(broken).error?.issues[0]?.message).toContain('small');
    const outside = structuredClone(index);
    for (const file of outside.files) file.path = '../small';
    expect(buildIndexSchema.safeParse(outside).success).toBe(false);
  });

  it('leaves to a sweep what no build needs, and what all builds need in place', async () => {
    let nowMs = 1_800_000_000_000;
    store = new MemoryBlobStore(() => nowMs);
    write('a', noise(900_000, 1));
    const first = await pack();
    nowMs += UNWANTED_MS / 2;
    write('a', noise(900_000, 2));
    const second = await pack(first.index);
    const { signal } = new AbortController();
    async function* named() {
      for (const { sha256 } of second.index.blobs) yield sha256;
    }
    const { blobs, bytes } = await store.statistics();
    expect(await sweepBlobs(store, named(), signal)).toEqual({ deleted: 0, bytes: 0, kept: blobs });
    nowMs += UNWANTED_MS;
    // A build that is being packed counts on one of them.
    const kept = first.index.blobs[0]?.sha256 ?? '';
    await store.has([kept]);
    const swept = await sweepBlobs(store, named(), signal);
    expect(swept.deleted).toBe(first.index.blobs.length - 1);
    expect(await store.has([kept])).toEqual(new Set([kept]));
    expect(await store.statistics()).toEqual({
      blobs: blobs - swept.deleted,
      bytes: bytes - swept.bytes,
    });
    expect(swept.kept).toBe(blobs - swept.deleted);
    expect((await contentOf(second.index, 'a')).equals(noise(900_000, 2))).toBe(true);
  });

  it('deletes nothing where what is needed cannot be told', async () => {
    let nowMs = 1_800_000_000_000;
    store = new MemoryBlobStore(() => nowMs);
    write('a', noise(900_000, 1));
    const { index } = await pack();
    nowMs += 2 * UNWANTED_MS;
    // biome-ignore lint/correctness/useYield: it fails before it has any.
    async function* named(): AsyncGenerator<string> {
      throw new Error('the database is away');
    }
    const sweep = sweepBlobs(store, named(), new AbortController().signal);
    await expect(sweep).rejects.toThrow('the database is away');
    expect((await store.statistics()).blobs).toBe(index.blobs.length);
  });
});

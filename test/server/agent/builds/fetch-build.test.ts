import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Blob, BuildIndex, IndexedFile } from '../../../../protocol/build-index.ts';
import { BlobCache } from '../../../../server/agent/builds/blob-cache.ts';
import type { BuildSource } from '../../../../server/agent/builds/build-source.ts';
import { fetchBuild } from '../../../../server/agent/builds/fetch-build.ts';
import { MemoryBlobStore } from '../../../../signaling/studio/blobs/memory-blob-store.ts';
import { packBuild } from '../../../../signaling/studio/blobs/pack-build.ts';
import { FolderFiles } from '../../../../signaling/studio/builds/folder-files.ts';
import { noise } from '../../../support/archives/hostile-archives.ts';

const sha256Of = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');
const ALWAYS = new AbortController().signal;

/** Blobs in memory, what was asked of them, and what goes wrong with them. */
class FakeSource implements BuildSource {
  readonly asked: { readonly sha256: string; readonly from: number }[] = [];
  readonly contents = new Map<string, Buffer>();
  /** Breaks off after so many bytes, so often. */
  breaks = 0;
  breakAfter = 100;
  spoilt = false;

  add(content: Buffer): Blob {
    const sha256 = sha256Of(content);
    this.contents.set(sha256, content);
    return { sha256, bytes: content.length };
  }

  async readBlob({ sha256 }: Blob, from: number): Promise<AsyncIterable<Uint8Array>> {
    this.asked.push({ sha256, from });
    const content = this.contents.get(sha256) ?? Buffer.alloc(0);
    return this.#give(this.spoilt ? Buffer.from(content).fill(0) : content.subarray(from));
  }

  async *#give(content: Buffer): AsyncGenerator<Uint8Array> {
    if (this.breaks > 0) {
      this.breaks--;
      yield content.subarray(0, this.breakAfter);
      throw new Error('the line is dead');
    }
    for (let at = 0; at < content.length; at += 64) yield content.subarray(at, at + 64);
  }
}

describe('fetchBuild', () => {
  let folder: string;
  let source: FakeSource;
  let cache: BlobCache;
  let nowMs: number;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rockpool-fetch-'));
    source = new FakeSource();
    nowMs = 1_000_000;
    cache = await openCache();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const openCache = (maxBytes = 2 ** 20) =>
    BlobCache.open(join(folder, 'blobs'), { maxBytes, nowMs: () => (nowMs += 1000) });

  /** A build of files of whole blobs, of two pieces each, or of parts of one bundle. */
  function buildOf(files: Readonly<Record<string, string[]>>, programs: string[] = []): BuildIndex {
    const blobs: Blob[] = [];
    const number = (content: string) => {
      const blob = source.add(Buffer.from(content));
      const there = blobs.findIndex(({ sha256 }) => sha256 === blob.sha256);
      return there < 0 ? blobs.push(blob) - 1 : there;
    };
    const bundle = Object.values(files).flatMap((pieces) => (pieces[0] === '+' ? pieces[1] : []));
    const indexed = Object.entries(files).map(([path, pieces]): IndexedFile => {
      const isBundled = pieces[0] === '+';
      const text = isBundled ? (pieces[1] ?? '') : pieces.join('');
      return {
        path,
        bytes: text.length,
        sha256: sha256Of(Buffer.from(text)),
        ...(programs.includes(path) ? { runs: true as const } : {}),
        pieces: isBundled
          ? [[number(bundle.join('')), bundle.join('').indexOf(text), text.length]]
          : pieces.map((piece) => [number(piece), 0, piece.length]),
      };
    });
    const content = sha256Of(Buffer.from(JSON.stringify(indexed)));
    return { indexVersion: 1, content, files: indexed, links: [], emptyFolders: [], blobs };
  }

  const place = (name: string) => join(folder, 'builds', name);
  const fetchTo = (index: BuildIndex, name: string, options: object = {}) =>
    fetchBuild(index, source, cache, place(name), { signal: ALWAYS, ...options });
  const text = (name: string, path: string) => readFileSync(join(place(name), path), 'utf8');

  it('puts a build together of whole blobs, pieces and parts', async () => {
    const index = buildOf(
      {
        'data/whole': ['w'.repeat(300)],
        'data/pieces': ['a'.repeat(200), 'b'.repeat(100)],
        small: ['+', 'small one'],
        run: ['+', '#!/bin/sh'],
        empty: [],
      },
      ['run'],
    );
    await fetchTo(
      { ...index, links: [{ path: 'l/link', target: '../small' }], emptyFolders: ['e'] },
      'v1',
    );
    expect(text('v1', 'data/whole')).toBe('w'.repeat(300));
    expect(text('v1', 'data/pieces')).toBe('a'.repeat(200) + 'b'.repeat(100));
    expect(text('v1', 'l/link')).toBe('small one');
    expect(text('v1', 'empty')).toBe('');
    expect(readlinkSync(join(place('v1'), 'l/link'))).toBe('../small');
    expect(lstatSync(join(place('v1'), 'e')).isDirectory()).toBe(true);
    expect(statSync(join(place('v1'), 'run')).mode & 0o777).toBe(0o555);
    expect(statSync(join(place('v1'), 'small')).mode & 0o777).toBe(0o444);
    expect(readdirSync(join(folder, 'builds'))).toEqual(['v1']);
  });

  it('fetches of a second version only what it lacks, and keeps files that are the same', async () => {
    const first = buildOf({ a: ['a'.repeat(500), 'b'.repeat(500)], same: ['+', 'the same'] });
    await fetchTo(first, 'v1');
    source.asked.length = 0;
    const second = buildOf({ a: ['a'.repeat(500), 'c'.repeat(500)], same: ['+', 'the same'] });
    const progress: unknown[] = [];
    await fetchTo(second, 'v2', {
      previous: { folder: place('v1'), index: first },
      handleProgress: (one: unknown) => progress.push(one),
    });
    expect(source.asked).toEqual([{ sha256: sha256Of(Buffer.from('c'.repeat(500))), from: 0 }]);
    expect(progress).toEqual([{ bytes: 500, totalBytes: 500 }]);
    expect(text('v2', 'a')).toBe('a'.repeat(500) + 'c'.repeat(500));
    const [before, after] = ['v1', 'v2'].map((name) => statSync(join(place(name), 'same')).ino);
    expect(after).toBe(before);
  });

  it('goes on where it broke off, within a start and after it', async () => {
    const index = buildOf({ a: ['x'.repeat(1000)] });
    source.breaks = 2;
    await fetchTo(index, 'v1');
    expect(source.asked.map(({ from }) => from)).toEqual([0, 100, 200]);
    const other = buildOf({ b: ['y'.repeat(1000)] });
    source.breaks = 3;
    await expect(fetchTo(other, 'v2')).rejects.toThrow('the line is dead');
    expect(existsSync(place('v2'))).toBe(false);
    cache = await openCache();
    source.asked.length = 0;
    await fetchTo(other, 'v2');
    expect(source.asked.map(({ from }) => from)).toEqual([300]);
    expect(text('v2', 'b')).toBe('y'.repeat(1000));
  });

  it('takes nothing that is not what its digest says, and fetches it anew when it is', async () => {
    const index = buildOf({ a: ['x'.repeat(1000)] });
    source.spoilt = true;
    await expect(fetchTo(index, 'v1')).rejects.toMatchObject({ code: 'bad-message' });
    expect(cache.bytes).toBe(0);
    source.spoilt = false;
    await fetchTo(index, 'v1');
    expect(text('v1', 'a')).toBe('x'.repeat(1000));
  });

  it('finds what was damaged on the disk, and fetches it again with the next start', async () => {
    const index = buildOf({ a: ['x'.repeat(500), 'y'.repeat(500)] });
    await fetchTo(index, 'v1');
    const [blob] = index.blobs;
    chmodSync(cache.path(blob?.sha256 ?? ''), 0o644);
    writeFileSync(cache.path(blob?.sha256 ?? ''), 'z'.repeat(500));
    await expect(fetchTo(index, 'v2')).rejects.toMatchObject({
      code: 'bad-message',
      message: expect.stringContaining('a of the build is damaged'),
    });
    await fetchTo(index, 'v2');
    expect(text('v2', 'a')).toBe('x'.repeat(500) + 'y'.repeat(500));
  });

  it('keeps within its bytes, and lets go first of what was not used for the longest', async () => {
    cache = await openCache(1000);
    const blobsOf = (letter: string) => buildOf({ a: [letter.repeat(400)] });
    for (const letter of ['a', 'b']) await fetchTo(blobsOf(letter), letter);
    await fetchTo(blobsOf('a'), 'a again');
    await fetchTo(blobsOf('c'), 'c');
    expect(cache.bytes).toBe(800);
    const isThere = (letter: string) => cache.has(sha256Of(Buffer.from(letter.repeat(400))));
    expect(['a', 'b', 'c'].map(isThere)).toEqual([true, false, true]);
    // The order outlives the process; a build larger than the cache is played all the same.
    cache = await openCache(1000);
    await fetchTo(buildOf({ a: ['d'.repeat(700), 'e'.repeat(700)] }), 'large');
    expect(text('large', 'a')).toHaveLength(1400);
    expect(cache.bytes).toBeLessThanOrEqual(1000);
  });

  it('fetches a blob once that two builds need at once', async () => {
    const index = buildOf({ a: ['x'.repeat(1000)] });
    await Promise.all([fetchTo(index, 'one'), fetchTo(index, 'two')]);
    expect(source.asked).toHaveLength(1);
    expect(text('two', 'a')).toBe(text('one', 'a'));
  });

  it('brings a build from a store onto a machine as it was packed', async () => {
    const packed = join(folder, 'packed');
    mkdirSync(join(packed, 'data'), { recursive: true });
    writeFileSync(join(packed, 'data/large'), noise(700_000, 1));
    for (let i = 0; i < 30; i++) writeFileSync(join(packed, `data/${i}`), noise(999, i));
    writeFileSync(join(packed, 'run'), '#!/bin/sh\n', { mode: 0o755 });
    symlinkSync('run', join(packed, 'link'));
    const { files } = await FolderFiles.read(packed, { ours: true });
    const store = new MemoryBlobStore();
    const { index } = await packBuild(packed, files, store);
    const ofStore: BuildSource = {
      readBlob: async ({ sha256, bytes }, from) => {
        const content = await store.get(sha256, { from, bytes: bytes - from });
        return content ?? expect.unreachable('the store has it');
      },
    };
    await fetchBuild(index, ofStore, cache, place('v1'), { signal: ALWAYS });
    const fetched = await FolderFiles.read(place('v1'), { ours: true });
    expect(fetched.files).toEqual(files);
    for (const { path } of files.filter(({ kind }) => kind === 'file')) {
      const [before, after] = [packed, place('v1')].map((top) => readFileSync(join(top, path)));
      expect(before && after?.equals(before)).toBe(true);
    }
  });

  it('stops when nobody wants the build any more, and leaves no folder', async () => {
    const abort = new AbortController();
    const index = buildOf({ a: ['x'.repeat(100)], b: ['y'.repeat(100)] });
    abort.abort();
    await expect(fetchTo(index, 'v1', { signal: abort.signal })).rejects.toThrow('aborted');
    mkdirSync(join(folder, 'builds'), { recursive: true });
    expect(readdirSync(join(folder, 'builds'))).toEqual([]);
  });
});

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Blob } from '../../../../protocol/build-index.ts';
import type { BuildOrder } from '../../../../protocol/build-order.ts';
import { RockpoolError } from '../../../../protocol/errors.ts';
import { BuildShelf } from '../../../../server/agent/builds/build-shelf.ts';
import type { BuildSource } from '../../../../server/agent/builds/build-source.ts';
import { storeIndex } from '../../../../signaling/studio/blobs/build-image.ts';
import { MemoryBlobStore } from '../../../../signaling/studio/blobs/memory-blob-store.ts';
import { packBuild } from '../../../../signaling/studio/blobs/pack-build.ts';
import { FolderFiles } from '../../../../signaling/studio/builds/folder-files.ts';
import { noise } from '../../../support/archives/hostile-archives.ts';
import { BuildFolders, fakeManifest } from '../../../support/build-folders.ts';
import { newBuildId } from '../../../support/game-records.ts';

const ALWAYS = new AbortController().signal;

/** The blobs of a store, what was asked of it, and what it waits for before it answers. */
class StoreSource implements BuildSource {
  readonly asked: string[] = [];
  readonly store = new MemoryBlobStore();
  gate: Promise<void> = Promise.resolve();
  failure: Error | undefined;

  async readBlob({ sha256, bytes }: Blob, from: number, signal: AbortSignal) {
    this.asked.push(sha256);
    await this.gate;
    signal.throwIfAborted();
    if (this.failure) throw this.failure;
    const content = await this.store.get(sha256, { from, bytes: bytes - from });
    return content ?? expect.unreachable('the store has it');
  }
}

describe('BuildShelf', () => {
  let folder: string;
  let folders: BuildFolders;
  let source: StoreSource;
  let changes: number;
  let nowMs: number;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rockpool-shelf-'));
    folders = new BuildFolders();
    source = new StoreSource();
    changes = 0;
    nowMs = 1_800_000_000_000;
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
    folders.remove();
  });

  const open = (maxBytes = 2 ** 30) =>
    BuildShelf.open({
      folder,
      maxBytes,
      nowMs: () => (nowMs += 1_000),
      sourceOf: () => source,
      handleChange: () => changes++,
      log: pino({ level: 'silent' }),
    });

  async function order(name: string, bytes = 1_000, gameId = 'pond'): Promise<BuildOrder> {
    const built = folders.build(name, { id: gameId }, { 'level.txt': '' });
    folders.file(`${name}/noise.bin`, noise(bytes, bytes));
    const { files } = await FolderFiles.read(built, { ours: true });
    const { index } = await packBuild(built, files, source.store);
    const manifest = fakeManifest({ id: gameId });
    return {
      buildId: newBuildId(),
      index: await storeIndex(index, source.store),
      manifest,
      token: 't',
    };
  }

  it('fetches a build, tells how far, and has it from then on', async () => {
    const shelf = await open();
    const wanted = await order('one', 300_000);
    const told: number[] = [];
    expect(shelf.has(wanted.buildId)).toBe(false);
    await shelf.fetch(wanted, {
      signal: ALWAYS,
      handleProgress: ({ bytes, totalBytes }) => told.push(bytes / totalBytes),
    });
    expect(shelf.warm).toEqual([wanted.buildId]);
    expect(changes).toBe(1);
    expect(told.at(-1)).toBe(1);
    const built = shelf.folderOf(wanted.buildId);
    expect(readFileSync(join(built, 'noise.bin')).equals(noise(300_000, 300_000))).toBe(true);
    const asked = source.asked.length;
    await shelf.fetch(wanted, { signal: ALWAYS });
    expect(source.asked).toHaveLength(asked);
  });

  it('has it after a restart, and nothing that was half done', async () => {
    const wanted = await order('one');
    const shelf = await open();
    await shelf.fetch(wanted, { signal: ALWAYS });
    await shelf.close();
    for (const name of ['.half', newBuildId()]) mkdirSync(join(folder, 'games', name));
    const again = await open();
    expect(again.warm).toEqual([wanted.buildId]);
    expect(readdirSync(join(folder, 'games'))).toEqual([wanted.buildId]);
  });

  it('fetches once for all who wait, and goes on while anybody does', async () => {
    const shelf = await open();
    const wanted = await order('one');
    let openGate = () => {};
    source.gate = new Promise((resolve) => {
      openGate = resolve;
    });
    const leaving = new AbortController();
    const left = shelf.fetch(wanted, { signal: leaving.signal });
    const stays = shelf.fetch(wanted, { signal: ALWAYS });
    leaving.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    openGate();
    await stays;
    expect(new Set(source.asked).size).toBe(source.asked.length);
  });

  it('gives up when nobody waits any more, and begins anew for the next', async () => {
    const shelf = await open();
    const wanted = await order('one');
    let openGate = () => {};
    source.gate = new Promise((resolve) => {
      openGate = resolve;
    });
    const leaving = new AbortController();
    const left = shelf.fetch(wanted, { signal: leaving.signal });
    leaving.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    const next = shelf.fetch(wanted, { signal: ALWAYS });
    openGate();
    await next;
    expect(shelf.has(wanted.buildId)).toBe(true);
  });

  it('keeps within its bounds, without what is played', async () => {
    const shelf = await open(500_000);
    const [one, two, three] = [
      await order('one', 100_000),
      await order('two', 100_001),
      await order('three', 100_002),
    ];
    const release = shelf.hold(one.buildId);
    await shelf.fetch(one, { signal: ALWAYS });
    await shelf.fetch(two, { signal: ALWAYS });
    await shelf.fetch(three, { signal: ALWAYS });
    expect(shelf.warm).toEqual([one.buildId, three.buildId]);
    await expect.poll(() => existsSync(shelf.folderOf(two.buildId))).toBe(false);
    const large = await order('large', 240_000);
    await shelf.fetch(large, { signal: ALWAYS });
    release();
    await expect.poll(() => shelf.warm).toEqual([large.buildId]);
  });

  it('fetches only what another version does not share', async () => {
    const shelf = await open();
    const one = await order('one', 100_000);
    await shelf.fetch(one, { signal: ALWAYS });
    source.asked.length = 0;
    const built = folders.folder('one', { 'level.txt': 'another level' });
    const { files } = await FolderFiles.read(built, { ours: true });
    const { index } = await packBuild(built, files, source.store);
    const two = { ...one, buildId: newBuildId(), index: await storeIndex(index, source.store) };
    await shelf.fetch(two, { signal: ALWAYS });
    const sizes = new Map(index.blobs.map(({ sha256, bytes }) => [sha256, bytes]));
    const moved = source.asked.reduce((sum, sha256) => sum + (sizes.get(sha256) ?? 0), 0);
    expect(moved).toBeLessThan(200_000);
    expect(readFileSync(join(shelf.folderOf(two.buildId), 'level.txt'), 'utf8')).toBe(
      'another level',
    );
    expect(readFileSync(join(shelf.folderOf(one.buildId), 'level.txt'), 'utf8')).toBe('');
  });

  it('says what is wrong, and leaves nothing behind', async () => {
    const shelf = await open();
    const wanted = await order('one');
    source.failure = new RockpoolError('unauthorised', 'Start the game again.');
    await expect(shelf.fetch(wanted, { signal: ALWAYS })).rejects.toMatchObject({
      message: 'Start the game again.',
    });
    source.failure = Object.assign(new Error('write ENOSPC'), { code: 'ENOSPC' });
    await expect(shelf.fetch(wanted, { signal: ALWAYS })).rejects.toMatchObject({
      code: 'resource-limit',
      message: expect.stringContaining('no room on its disk'),
    });
    expect(shelf.warm).toEqual([]);
    expect(readdirSync(join(folder, 'games'))).toEqual([]);
    source.failure = undefined;
    await shelf.fetch(wanted, { signal: ALWAYS });
  });

  it('refuses an index that it cannot read', async () => {
    const shelf = await open();
    const wanted = await order('one');
    const content = Buffer.from('{"indexVersion":99}');
    const index = {
      sha256: createHash('sha256').update(content).digest('hex'),
      bytes: content.length,
    };
    await source.store.put(
      index,
      (async function* () {
        yield content;
      })(),
    );
    await expect(shelf.fetch({ ...wanted, index }, { signal: ALWAYS })).rejects.toMatchObject({
      message: expect.stringContaining('Update its Rockpool'),
    });
  });
});

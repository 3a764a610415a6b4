import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BuildIndex } from '../../../protocol/build-index.ts';
import { UNWANTED_MS } from '../../../signaling/studio/blobs/blob-store.ts';
import {
  imageManifestOf,
  readIndex,
  storeIndex,
} from '../../../signaling/studio/blobs/build-image.ts';
import { FolderBlobStore } from '../../../signaling/studio/blobs/folder-blob-store.ts';
import { MemoryBlobStore } from '../../../signaling/studio/blobs/memory-blob-store.ts';
import { OciBlobStore } from '../../../signaling/studio/blobs/oci-blob-store.ts';
import { OciRegistry } from '../../../signaling/studio/blobs/oci-registry.ts';
import { describeBlobStoreContract } from '../../contract/blob-store.ts';
import { describeWithRegistry, OciRegistryServer } from '../../support/oci-registry-server.ts';

const NOW_MS = Date.now();

describe('MemoryBlobStore', () => {
  // Every clock of this process is one: what a test's own says, or the machine's.
  let nowMs: () => number = Date.now;
  const store = new MemoryBlobStore(() => nowMs());
  describeBlobStoreContract(async (clock = Date.now) => {
    nowMs = clock;
    return store;
  });
});

describe('FolderBlobStore', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rockpool-blobs-'));
  const open = (nowMs = () => NOW_MS) => FolderBlobStore.open(folder, nowMs);
  afterAll(() => rmSync(folder, { recursive: true }));

  describeBlobStoreContract(open);

  it('leaves no drafts', () => expect(readdirSync(join(folder, 'drafts'))).toEqual([]));

  it('clears away what a process that is gone has left, and nothing of those that run', async () => {
    const [old, fresh] = ['old', 'fresh'].map((name) => join(folder, 'drafts', name));
    for (const draft of [old, fresh]) writeFileSync(draft ?? '', 'half a blob');
    utimesSync(old ?? '', NOW_MS / 1000 - 200_000, NOW_MS / 1000 - 200_000);
    await open();
    expect(readdirSync(join(folder, 'drafts'))).toEqual(['fresh']);
  });
});

describeWithRegistry('OciBlobStore', () => {
  let server: OciRegistryServer;
  beforeAll(async () => {
    server = await OciRegistryServer.start();
  });
  afterAll(() => server?.remove());

  const open = (repository = 'rockpool/builds', mountFrom?: string, nowMs = Date.now) =>
    new OciBlobStore({ url: server.url, repository, mountFrom, nowMs });

  describeBlobStoreContract(async (nowMs) => open(undefined, undefined, nowMs));

  it('takes a blob over from another repository, without its content', async () => {
    const content = Buffer.from(randomUUID());
    const blob = { sha256: createHash('sha256').update(content).digest('hex'), bytes: 36 };
    await open('studio/a').put(blob, once(content));
    const unread = { [Symbol.asyncIterator]: () => expect.unreachable('it was read') };
    const other = open('studio/b', 'studio/a');
    await other.put(blob, unread as AsyncIterable<Uint8Array>);
    expect(await other.has([blob.sha256])).toEqual(new Set([blob.sha256]));
    expect(await other.get(blob.sha256)).toBeDefined();
    expect(await open('studio/c').has([blob.sha256])).toEqual(new Set());
  });

  it('keeps a build as an image: its index is the configuration, its blobs are the layers', async () => {
    const content = Buffer.from(randomUUID());
    const sha256 = createHash('sha256').update(content).digest('hex');
    const store = open('studio/image');
    await store.put({ sha256, bytes: 36 }, once(content));
    const index: BuildIndex = {
      indexVersion: 1,
      content: sha256,
      files: [{ path: 'a', bytes: 36, sha256, pieces: [[0, 0, 36]] }],
      links: [],
      emptyFolders: [],
      blobs: [{ sha256, bytes: 36 }],
    };
    const indexBlob = await storeIndex(index, store);
    expect(await readIndex(indexBlob.sha256, store)).toEqual(index);
    const registry = new OciRegistry({ url: server.url, repository: 'studio/image' });
    await registry.putManifest('latest', imageManifestOf(index, indexBlob));
    expect((await registry.readManifest('latest'))?.digest).toMatch(/^sha256:/);
    // A tag that is no blob's is none of the store's.
    expect(await store.statistics()).toEqual({ blobs: 2, bytes: 36 + indexBlob.bytes });
    await expect(readIndex('0'.repeat(64), store)).rejects.toMatchObject({ code: 'bad-message' });
  });

  it('says so where the registry lets nobody delete', async () => {
    const stern = await OciRegistryServer.start(false);
    try {
      let nowMs = Date.now();
      const { url } = stern;
      const store = new OciBlobStore({ url, repository: 'studio/stern', nowMs: () => nowMs });
      const content = Buffer.from(randomUUID());
      const sha256 = createHash('sha256').update(content).digest('hex');
      await store.put({ sha256, bytes: 36 }, once(content));
      nowMs += UNWANTED_MS + 1;
      await expect(store.collect(sha256)).rejects.toMatchObject({
        code: 'bad-configuration',
        message: expect.stringContaining('storage.delete.enabled'),
      });
      expect(await store.has([sha256])).toEqual(new Set([sha256]));
    } finally {
      await stern.remove();
    }
  });

  it('has nothing in a repository that nobody has written to', async () => {
    expect(await open('nobody/was-here').statistics()).toEqual({ blobs: 0, bytes: 0 });
  });

  it('says so where the registry is away', async () => {
    const away = new OciBlobStore({
      url: 'http://127.0.0.1:1',
      repository: 'rockpool',
      nowMs: Date.now,
    });
    await expect(away.has(['0'.repeat(64)])).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('cannot be reached'),
    });
  });
});

async function* once(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}

import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { BuildIndex } from '../../../protocol/build-index.ts';
import { buildManifestSchema } from '../../../protocol/build-manifest.ts';
import { readIndex, storeIndex } from '../../../signaling/studio/blobs/build-image.ts';
import { MemoryBlobStore } from '../../../signaling/studio/blobs/memory-blob-store.ts';
import { IndexedFiles } from '../../../signaling/studio/games/indexed-files.ts';
import { withManifest } from '../../../signaling/studio/games/manifest-overlay.ts';

const sha256Of = (text: string) => createHash('sha256').update(text).digest('hex');

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** Two blobs, a file that lies in both, and links to it. */
async function packed(): Promise<{ store: MemoryBlobStore; index: BuildIndex }> {
  const store = new MemoryBlobStore();
  const blobs = ['hello ', 'world'].map((text) => ({ sha256: sha256Of(text), bytes: text.length }));
  for (const text of ['hello ', 'world']) {
    await store.put({ sha256: sha256Of(text), bytes: text.length }, once(text));
  }
  const index: BuildIndex = {
    indexVersion: 1,
    content: sha256Of('made up'),
    files: [
      {
        path: 'bin/game',
        bytes: 11,
        sha256: sha256Of('hello world'),
        pieces: [
          [0, 0, 6],
          [1, 0, 5],
        ],
      },
    ],
    links: [
      { path: 'game', target: 'bin/game' },
      { path: 'bin/again', target: '../game' },
      { path: 'circle', target: 'circle' },
    ],
    emptyFolders: ['saves'],
    blobs,
  };
  return { store, index };
}

it('lists and reads a packed build as if it lay in a folder, through links', async () => {
  const { store, index } = await packed();
  const files = new IndexedFiles('build', index, store);
  expect(files.files.map(({ path, kind, leadsTo }) => [path, kind, leadsTo])).toEqual([
    ['bin', 'folder', undefined],
    ['bin/again', 'link', 'file'],
    ['bin/game', 'file', undefined],
    ['circle', 'link', undefined],
    ['game', 'link', 'file'],
    ['saves', 'folder', undefined],
  ]);
  for (const path of ['bin/game', 'game', 'bin/again']) {
    expect(Buffer.from(await files.readHead(path, 8)).toString()).toBe('hello wo');
  }
  expect(await files.readHead('circle', 8)).toHaveLength(0);
});

it('becomes a build with the manifest that was confirmed, and stores no more than that', async () => {
  const { store, index } = await packed();
  const fields = { id: 'tide', title: 'Tide', runtime: 'linux', entry: 'bin/game' };
  const manifest = buildManifestSchema.parse(fields);
  const before = await storeIndex(index, store);
  const blobsBefore = (await store.statistics()).blobs;
  const changed = await withManifest(index, manifest, new Set(['bin/game']), store);
  expect((await store.statistics()).blobs).toBe(blobsBefore + 2);
  expect(changed.index.sha256).not.toBe(before.sha256);
  const read = await readIndex(changed.index.sha256, store);
  expect(read.content).toBe(changed.content);
  expect(read.files.map(({ path, runs }) => [path, runs])).toEqual([
    ['bin/game', true],
    ['rockpool.json', undefined],
  ]);
  const files = new IndexedFiles('build', read, store);
  const text = Buffer.from(await files.readHead('rockpool.json', 10_000)).toString();
  expect(buildManifestSchema.parse(JSON.parse(text))).toEqual(manifest);
  // Once more, as the same: nothing is new.
  const again = await withManifest(read, manifest, new Set(), store);
  expect(again.index).toEqual(changed.index);
});

it('has the manifest that was confirmed in the place of a link of that name', async () => {
  const { store, index } = await packed();
  const linked = { ...index, links: [...index.links, { path: 'rockpool.json', target: 'gone' }] };
  const overlay = new Map([['rockpool.json', Buffer.from('{}')]]);
  const files = new IndexedFiles('build', linked, store, overlay);
  expect(files.files.filter(({ path }) => path === 'rockpool.json')).toMatchObject([
    { kind: 'file', bytes: 2 },
  ]);
  expect(Buffer.from(await files.readHead('rockpool.json', 8)).toString()).toBe('{}');
  const fields = { id: 'tide', title: 'Tide', runtime: 'linux', entry: 'bin/game' };
  const changed = await withManifest(linked, buildManifestSchema.parse(fields), new Set(), store);
  const read = await readIndex(changed.index.sha256, store);
  expect(read.links).toEqual(index.links);
  expect(read.files.map(({ path }) => path)).toEqual(['bin/game', 'rockpool.json']);
});

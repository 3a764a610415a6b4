import { createHash } from 'node:crypto';
import {
  type Blob,
  type BuildIndex,
  buildIndexSchema,
  contentText,
  type IndexedFile,
} from '../../../protocol/build-index.ts';
import { type BuildManifest, MANIFEST_FILE } from '../../../protocol/build-manifest.ts';
import { byCodeUnit } from '../../text-order.ts';
import { putBytes } from '../blobs/blob-of-bytes.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import { storeIndex } from '../blobs/build-image.ts';

/** As a `rockpool.json`. */
export function manifestText(manifest: BuildManifest): Uint8Array {
  return Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`);
}

/**
 * The same build with this `rockpool.json`: what a person confirmed is part of it, for whoever fetches
 * it. Nothing but this one file is stored anew.
 * @param programs that may be run from then on.
 */
export async function withManifest(
  index: BuildIndex,
  manifest: BuildManifest,
  programs: ReadonlySet<string>,
  store: BlobStore,
): Promise<{ readonly content: string; readonly index: Blob; readonly storedBytes: number }> {
  const blob = await putBytes(manifestText(manifest), store);
  const known = index.blobs.findIndex(({ sha256 }) => sha256 === blob.sha256);
  const number = known < 0 ? index.blobs.length : known;
  const file: IndexedFile = { path: MANIFEST_FILE, ...blob, pieces: [[number, 0, blob.bytes]] };
  const others = index.files
    .filter(({ path }) => path !== MANIFEST_FILE)
    .map((one) => (programs.has(one.path) ? { ...one, runs: true as const } : one));
  const files = [...others, file].sort((a, b) => byCodeUnit(a.path, b.path));
  const links = index.links.filter(({ path }) => path !== MANIFEST_FILE);
  // In the order of fields that any other index has: the same build is the same blob.
  const changed = buildIndexSchema.parse({
    ...index,
    files,
    links,
    blobs: known < 0 ? [...index.blobs, blob] : index.blobs,
    content: createHash('sha256')
      .update(contentText({ ...index, files, links }))
      .digest('hex'),
  });
  const stored = await storeIndex(changed, store);
  return { content: changed.content, index: stored, storedBytes: blob.bytes + stored.bytes };
}

import { createHash } from 'node:crypto';
import type { Blob } from '../../../protocol/build-index.ts';
import type { BlobStore } from './blob-store.ts';

/** What a blob of this content is called. */
export function blobOf(content: Uint8Array): Blob {
  return { sha256: createHash('sha256').update(content).digest('hex'), bytes: content.length };
}

/** As a store takes content. */
export async function* inOnePart(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}

/** Keeps what is in memory. @returns where. */
export async function putBytes(content: Uint8Array, store: Pick<BlobStore, 'put'>): Promise<Blob> {
  const blob = blobOf(content);
  await store.put(blob, inOnePart(content));
  return blob;
}

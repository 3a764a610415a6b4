import { z } from 'zod';
import type { BlobStore } from './blob-store.ts';
import { FolderBlobStore } from './folder-blob-store.ts';
import { OciBlobStore } from './oci-blob-store.ts';

/** Where blobs are kept. */
export const blobPlaceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('folder'), folder: z.string().min(1) }),
  z.strictObject({
    kind: z.literal('registry'),
    url: z.url(),
    repository: z.string().min(1),
    authorization: z.string().optional(),
  }),
]);
export type BlobPlace = z.infer<typeof blobPlaceSchema>;

/** As the OCI Distribution specification names repositories. */
const REPOSITORY = /^[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/;

/**
 * Reads a folder's path, or the address of a repository in a registry that speaks the OCI Distribution
 * API, such as `https://user:password@registry.example.org/games/builds`.
 * @returns undefined where it is an address and names no repository.
 */
export function readBlobPlace(text: string): BlobPlace | undefined {
  if (!/^https?:/.test(text)) return { kind: 'folder', folder: text };
  if (!URL.canParse(text)) return undefined;
  const { origin, pathname, username, password, search, hash } = new URL(text);
  const repository = pathname.replace(/^\/|\/$/g, '');
  if (!REPOSITORY.test(repository) || search !== '' || hash !== '') return undefined;
  const name = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    kind: 'registry',
    url: origin,
    repository,
    ...(username === '' ? {} : { authorization: `Basic ${Buffer.from(name).toString('base64')}` }),
  };
}

/** @param nowMs epoch milliseconds. */
export async function openBlobStore(place: BlobPlace, nowMs: () => number): Promise<BlobStore> {
  if (place.kind === 'folder') return FolderBlobStore.open(place.folder, nowMs);
  return new OciBlobStore({ ...place, nowMs });
}

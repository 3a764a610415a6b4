import { buffer } from 'node:stream/consumers';
import { z } from 'zod';
import {
  type Blob,
  BUILD_INDEX_VERSION,
  type BuildIndex,
  blobSchema,
  buildIndexSchema,
} from '../../../protocol/build-index.ts';
import { parseMessage, RockpoolError } from '../../../protocol/errors.ts';
import { putBytes } from './blob-of-bytes.ts';
import type { BlobStore } from './blob-store.ts';
import { MANIFEST_TYPE } from './oci-registry.ts';

/** Media types of what is ours in an image. */
export const INDEX_TYPE = 'application/vnd.rockpool.build-index.v1+json';
export const LAYER_TYPE = 'application/vnd.rockpool.blob.v1';

interface OciDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** A manifest of the OCI image specification, 1.1. */
export interface OciManifest {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly artifactType?: string;
  readonly config: OciDescriptor;
  readonly layers: readonly OciDescriptor[];
}

/**
 * A build as an image: its index is the configuration, its blobs are the layers. Whatever copies images
 * between registries copies it. Registries take manifests of 4 MiB: of some 25,000 blobs.
 * @param indexBlob as {@link storeIndex} gives it.
 */
export function imageManifestOf(index: BuildIndex, indexBlob: Blob): OciManifest {
  return {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    artifactType: INDEX_TYPE,
    config: descriptorOf(indexBlob, INDEX_TYPE),
    layers: index.blobs.map((blob) => descriptorOf(blob, LAYER_TYPE)),
  };
}

export function descriptorOf({ sha256, bytes }: Blob, mediaType: string): OciDescriptor {
  return { mediaType, digest: `sha256:${sha256}`, size: bytes };
}

/** Keeps an index beside the blobs that it names. @returns where. */
export function storeIndex(index: BuildIndex, store: BlobStore): Promise<Blob> {
  return putBytes(Buffer.from(JSON.stringify(index)), store);
}

/** @throws RockpoolError `bad-message` where it is not there or of a later release. */
export async function readIndex(sha256: string, store: BlobStore): Promise<BuildIndex> {
  return parseMessage(buildIndexSchema, await readJson(sha256, store), 'The index of a build');
}

/** Of an index that was checked when it was written: its files, which may be many, are not looked at. */
const blobsSchema = z.object({
  indexVersion: z.literal(BUILD_INDEX_VERSION),
  blobs: z.array(blobSchema),
});

/** What a build consists of. @throws RockpoolError as {@link readIndex} does. */
export async function readBlobs(sha256: string, store: BlobStore): Promise<readonly Blob[]> {
  const index = await readJson(sha256, store);
  return parseMessage(blobsSchema, index, 'The index of a build').blobs;
}

async function readJson(sha256: string, store: BlobStore): Promise<unknown> {
  const content = await store.get(sha256);
  if (!content) {
    throw new RockpoolError(
      'bad-message',
      `The index ${sha256.slice(0, 12)} of a build is not in its store: upload the build again.`,
    );
  }
  return JSON.parse((await buffer(content)).toString('utf8'));
}

import type { BuildIndex } from '../../../protocol/build-index.ts';
import type { BlobCache, FetchOptions } from './blob-cache.ts';
import { type AssembledBuild, assembleBuild } from './build-assembly.ts';
import type { BuildSource } from './build-source.ts';

/** Gets a build onto this machine: only what it lacks is fetched, and only the whole is there. */
export async function fetchBuild(
  index: BuildIndex,
  source: BuildSource,
  cache: BlobCache,
  folder: string,
  options: FetchOptions & { readonly previous?: AssembledBuild },
): Promise<void> {
  await cache.withBlobs(index.blobs, source, options, () =>
    assembleBuild(index, cache, folder, options.previous),
  );
}

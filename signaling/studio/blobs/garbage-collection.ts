import type { BlobStore } from './blob-store.ts';

export interface SweepResult {
  readonly deleted: number;
  readonly bytes: number;
  readonly kept: number;
}

/**
 * Deletes blobs that nothing names and nobody has wanted lately: what is put, or found to be there,
 * before a record names it is safe for as long as the store promises. Several processes may sweep at
 * once.
 * @param named all that must stay. Where reading it throws, nothing is deleted.
 * @param signal gives up between two blobs.
 */
export async function sweepBlobs(
  store: Pick<BlobStore, 'names' | 'collect'>,
  named: AsyncIterable<string>,
  signal: AbortSignal,
): Promise<SweepResult> {
  const marked = new Set<string>();
  for await (const sha256 of named) marked.add(sha256);
  let deleted = 0;
  let total = 0;
  let kept = 0;
  for await (const sha256 of store.names()) {
    signal.throwIfAborted();
    const bytes = marked.has(sha256) ? undefined : await store.collect(sha256);
    if (bytes === undefined) {
      kept++;
    } else {
      deleted++;
      total += bytes;
    }
  }
  return { deleted, bytes: total, kept };
}

import type { BuildIndex } from '../../../protocol/build-index.ts';
import type { BlobStore } from './blob-store.ts';

export interface SweepResult {
  readonly deleted: number;
  readonly bytes: number;
  /** Deleted by the next round if nobody wants them until then. */
  readonly candidates: number;
}

/**
 * Deletes blobs that no build needs. What nobody needs is deleted by the second round that finds it so:
 * an upload stores its blobs before there is an index that names them, so rounds are further apart than
 * an upload may take, and one process at a time sweeps a store.
 */
export class GarbageCollection {
  readonly #store: BlobStore;
  #candidates: ReadonlySet<string> = new Set();

  constructor(store: BlobStore) {
    this.#store = store;
  }

  /**
   * @param live indexes of all builds there are, their own blobs included where they are stored as such.
   * @param inUse blobs of uploads under way. An upload that counts on one that is there says so here
   * before it asks the store.
   */
  async sweep(
    live: AsyncIterable<Pick<BuildIndex, 'blobs'>>,
    inUse: ReadonlySet<string> = new Set(),
  ): Promise<SweepResult> {
    const marked = new Set<string>();
    for await (const { blobs } of live) for (const { sha256 } of blobs) marked.add(sha256);
    const candidates = new Set<string>();
    let deleted = 0;
    let total = 0;
    for await (const { sha256, bytes } of this.#store.list()) {
      if (marked.has(sha256) || inUse.has(sha256)) continue;
      if (!this.#candidates.has(sha256)) candidates.add(sha256);
      else if (await this.#store.delete(sha256)) {
        deleted++;
        total += bytes;
      }
    }
    this.#candidates = candidates;
    return { deleted, bytes: total, candidates: candidates.size };
  }
}

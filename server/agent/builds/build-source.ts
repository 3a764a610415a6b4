import type { Blob } from '../../../protocol/build-index.ts';

/** Where a container gets the blobs of builds. */
export interface BuildSource {
  /**
   * The bytes of a blob from one on. What it gives is not trusted: it is checked when it is there.
   * @throws RockpoolError where the blob is not to be had.
   */
  readBlob(blob: Blob, from: number, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
}

import type { Blob } from '../../../protocol/build-index.ts';

/** Part of a blob. */
export interface BlobRange {
  readonly from: number;
  /** At least 1; what lies beyond the blob's end is left out. */
  readonly bytes: number;
}

export interface BlobStatistics {
  readonly blobs: number;
  readonly bytes: number;
}

/**
 * What nobody has put or asked for so long may be collected. A build stores its blobs, or finds them
 * there, before there is a record that names them: unpacked in an hour at most, packed in some more.
 */
export const UNWANTED_MS = 24 * 3_600_000;

/** That somebody wants a blob is noted no more often. */
export const RENEW_MS = 3_600_000;

/** Keeps content under its SHA-256: what is there never changes. Several processes may use one. */
export interface BlobStore {
  /**
   * Keeps a blob; what is there already is left as it is, and counts as wanted now. When this resolves it
   * outlives a power cut, as far as the place it is kept in promises that.
   * @param content may be left unread.
   * @throws RockpoolError `bad-message` where the content is not what `blob` says, `no-space` where it
   * does not fit, and nothing is kept; whatever reading it throws.
   */
  put(blob: Blob, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** To be read or returned from. Undefined where it is not there. */
  get(sha256: string, range?: BlobRange): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Those of the given that are there. They count as wanted now. */
  has(sha256s: readonly string[]): Promise<ReadonlySet<string>>;
  /**
   * Deletes what was not wanted for {@link UNWANTED_MS}. Of what `put` or `has` finds at the same
   * moment either is true: it stays, or they do not find it.
   * @returns the bytes of what was deleted; undefined where nothing was.
   */
  collect(sha256: string): Promise<number | undefined>;
  /** The SHA-256 of each, in no order. What is put or collected meanwhile may be among them or not. */
  names(): AsyncIterable<string>;
  /** As {@link names}, with their sizes. */
  list(): AsyncIterable<Blob>;
  statistics(): Promise<BlobStatistics>;
}

/** By counting what is listed. */
export async function countBlobs(store: Pick<BlobStore, 'list'>): Promise<BlobStatistics> {
  let blobs = 0;
  let total = 0;
  for await (const { bytes } of store.list()) {
    blobs++;
    total += bytes;
  }
  return { blobs, bytes: total };
}

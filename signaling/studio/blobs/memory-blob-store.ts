import type { Blob } from '../../../protocol/build-index.ts';
import { RockpoolError } from '../../../protocol/errors.ts';
import { blobOf, inOnePart } from './blob-of-bytes.ts';
import {
  type BlobRange,
  type BlobStatistics,
  type BlobStore,
  countBlobs,
  UNWANTED_MS,
} from './blob-store.ts';

/** Blobs of one process, gone with it. */
export class MemoryBlobStore implements BlobStore {
  readonly #blobs = new Map<string, { readonly content: Uint8Array; wantedMs: number }>();
  readonly #nowMs: () => number;

  /** @param nowMs epoch milliseconds, to know what is wanted. */
  constructor(nowMs: () => number = Date.now) {
    this.#nowMs = nowMs;
  }

  async put({ sha256, bytes }: Blob, content: AsyncIterable<Uint8Array>): Promise<void> {
    if (this.#isThere(sha256)) return;
    const pieces: Uint8Array[] = [];
    for await (const piece of content) pieces.push(piece);
    const whole = Buffer.concat(pieces);
    if (whole.length !== bytes || blobOf(whole).sha256 !== sha256) {
      throw new RockpoolError('bad-message', 'The blob is not what its length and digest say.');
    }
    this.#blobs.set(sha256, { content: whole, wantedMs: this.#nowMs() });
  }

  async get(sha256: string, range?: BlobRange): Promise<AsyncIterable<Uint8Array> | undefined> {
    const whole = this.#blobs.get(sha256)?.content;
    if (!whole) return undefined;
    return inOnePart(range ? whole.subarray(range.from, range.from + range.bytes) : whole);
  }

  async has(sha256s: readonly string[]): Promise<ReadonlySet<string>> {
    return new Set(sha256s.filter((sha256) => this.#isThere(sha256)));
  }

  /** @returns whether it was there. */
  async delete(sha256: string): Promise<boolean> {
    return this.#blobs.delete(sha256);
  }

  async collect(sha256: string): Promise<number | undefined> {
    const blob = this.#blobs.get(sha256);
    if (!blob || this.#nowMs() - blob.wantedMs < UNWANTED_MS) return undefined;
    this.#blobs.delete(sha256);
    return blob.content.length;
  }

  async *names(): AsyncGenerator<string> {
    yield* this.#blobs.keys();
  }

  async *list(): AsyncGenerator<Blob> {
    for (const [sha256, { content }] of this.#blobs) yield { sha256, bytes: content.length };
  }

  statistics(): Promise<BlobStatistics> {
    return countBlobs(this);
  }

  #isThere(sha256: string): boolean {
    const blob = this.#blobs.get(sha256);
    if (blob) blob.wantedMs = this.#nowMs();
    return blob !== undefined;
  }
}

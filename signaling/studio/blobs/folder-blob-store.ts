import { randomUUID } from 'node:crypto';
import { access, mkdir, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blob } from '../../../protocol/build-index.ts';
import { isCode } from '../../data-folder.ts';
import { syncFolder, writeVerified } from '../../verified-file.ts';
import { type BlobRange, type BlobStatistics, type BlobStore, countBlobs } from './blob-store.ts';

const DRAFTS = 'drafts';
const BLOBS = 'sha256';
const NAME = /^[0-9a-f]{64}$/;

/** A blob is written in minutes at most: what is older was left by a process that is gone. */
const DRAFT_LIFE_MS = 24 * 3_600_000;

/**
 * A file for each blob, `sha256/AB/SHA-256` with its first two digits as AB. It is written beside and
 * moved there once it is whole: whoever finds the name finds the content.
 */
export class FolderBlobStore implements BlobStore {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** @param nowMs epoch milliseconds, to know what others have left behind. */
  static async open(folder: string, nowMs: () => number): Promise<FolderBlobStore> {
    const drafts = join(folder, DRAFTS);
    await mkdir(drafts, { recursive: true });
    await mkdir(join(folder, BLOBS), { recursive: true });
    for (const name of await readdir(drafts)) {
      const draft = join(drafts, name);
      const found = await stat(draft).catch(() => undefined);
      if (found && nowMs() - found.mtimeMs > DRAFT_LIFE_MS) await rm(draft, { force: true });
    }
    return new FolderBlobStore(folder);
  }

  async put(blob: Blob, content: AsyncIterable<Uint8Array>): Promise<void> {
    const path = this.#path(blob.sha256);
    if (await isThere(path)) return;
    const draft = join(this.#folder, DRAFTS, randomUUID());
    try {
      await writeVerified(draft, blob, content, 'The blob');
      const folder = join(path, '..');
      const isNew = await mkdir(folder, { recursive: true });
      await rename(draft, path);
      await syncFolder(folder);
      if (isNew !== undefined) await syncFolder(join(this.#folder, BLOBS));
    } finally {
      await rm(draft, { force: true });
    }
  }

  async get(sha256: string, range?: BlobRange): Promise<AsyncIterable<Uint8Array> | undefined> {
    try {
      const file = await open(this.#path(sha256), 'r');
      return file.createReadStream(
        range && { start: range.from, end: range.from + range.bytes - 1 },
      );
    } catch (error) {
      if (isCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  async has(sha256s: readonly string[]): Promise<ReadonlySet<string>> {
    const there = await Promise.all(sha256s.map((sha256) => isThere(this.#path(sha256))));
    return new Set(sha256s.filter((_, i) => there[i]));
  }

  async delete(sha256: string): Promise<boolean> {
    try {
      await unlink(this.#path(sha256));
      return true;
    } catch (error) {
      if (isCode(error, 'ENOENT')) return false;
      throw error;
    }
  }

  async *list(): AsyncGenerator<Blob> {
    const blobs = join(this.#folder, BLOBS);
    for (const prefix of await readdir(blobs)) {
      for (const sha256 of await readdir(join(blobs, prefix))) {
        if (!NAME.test(sha256)) continue;
        const found = await stat(join(blobs, prefix, sha256)).catch((error: unknown) => {
          // Deleted meanwhile.
          if (!isCode(error, 'ENOENT')) throw error;
        });
        if (found) yield { sha256, bytes: found.size };
      }
    }
  }

  statistics(): Promise<BlobStatistics> {
    return countBlobs(this);
  }

  #path(sha256: string): string {
    return join(this.#folder, BLOBS, sha256.slice(0, 2), sha256);
  }
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

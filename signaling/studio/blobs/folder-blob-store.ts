import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blob } from '../../../protocol/build-index.ts';
import { RockpoolError } from '../../../protocol/errors.ts';
import { isCode, isDiskFull } from '../../data-folder.ts';
import { syncFolder, writeVerified } from '../../verified-file.ts';
import {
  type BlobRange,
  type BlobStatistics,
  type BlobStore,
  countBlobs,
  RENEW_MS,
  UNWANTED_MS,
} from './blob-store.ts';

const DRAFTS = 'drafts';
const BLOBS = 'sha256';
const NAME = /^[0-9a-f]{64}$/;

/** A blob is written in minutes at most: what is older was left by a process that is gone. */
const DRAFT_LIFE_MS = 24 * 3_600_000;

/**
 * A file for each blob, `sha256/AB/SHA-256` with its first two digits as AB. It is written beside and
 * moved there once it is whole: whoever finds the name finds the content. When it was last wanted is
 * the time of its last change.
 */
export class FolderBlobStore implements BlobStore {
  readonly #folder: string;
  readonly #nowMs: () => number;

  private constructor(folder: string, nowMs: () => number) {
    this.#folder = folder;
    this.#nowMs = nowMs;
  }

  /** @param nowMs epoch milliseconds, to know what others have left behind, and what is wanted. */
  static async open(folder: string, nowMs: () => number): Promise<FolderBlobStore> {
    const drafts = join(folder, DRAFTS);
    await mkdir(drafts, { recursive: true });
    await mkdir(join(folder, BLOBS), { recursive: true });
    for (const name of await readdir(drafts)) {
      const draft = join(drafts, name);
      const found = await stat(draft).catch(() => undefined);
      if (found && nowMs() - found.mtimeMs > DRAFT_LIFE_MS) await rm(draft, { force: true });
    }
    return new FolderBlobStore(folder, nowMs);
  }

  async put(blob: Blob, content: AsyncIterable<Uint8Array>): Promise<void> {
    const path = this.#path(blob.sha256);
    if (await this.#isThere(path)) return;
    const draft = join(this.#folder, DRAFTS, randomUUID());
    try {
      await writeVerified(draft, blob, content, 'The blob');
      const folder = join(path, '..');
      const isNew = await mkdir(folder, { recursive: true });
      await this.#want(draft);
      await rename(draft, path);
      await syncFolder(folder);
      if (isNew !== undefined) await syncFolder(join(this.#folder, BLOBS));
    } catch (error) {
      throw isDiskFull(error) ? blobsFull(error) : error;
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
    const there = await Promise.all(sha256s.map((sha256) => this.#isThere(this.#path(sha256))));
    return new Set(sha256s.filter((_, i) => there[i]));
  }

  async collect(sha256: string): Promise<number | undefined> {
    const path = this.#path(sha256);
    const found = await factsOf(path);
    if (!found || this.#isWanted(found)) return undefined;
    // Taken aside first: whoever wants it from here on does not find it, and whoever has found it
    // before has left the time.
    const aside = join(this.#folder, DRAFTS, randomUUID());
    try {
      await rename(path, aside);
    } catch (error) {
      // Another process collects, too.
      if (isCode(error, 'ENOENT')) return undefined;
      throw error;
    }
    const moved = await factsOf(aside);
    const isWanted = moved !== undefined && this.#isWanted(moved);
    if (isWanted) {
      await link(aside, path).catch((error: unknown) => {
        // It was put again meanwhile.
        if (!isCode(error, 'EEXIST')) throw error;
      });
    }
    await rm(aside, { force: true });
    return isWanted ? undefined : found.size;
  }

  async *names(): AsyncGenerator<string> {
    const blobs = join(this.#folder, BLOBS);
    for (const prefix of await readdir(blobs)) {
      for (const name of await readdir(join(blobs, prefix))) if (NAME.test(name)) yield name;
    }
  }

  async *list(): AsyncGenerator<Blob> {
    for await (const sha256 of this.names()) {
      const found = await factsOf(this.#path(sha256));
      if (found) yield { sha256, bytes: found.size };
    }
  }

  statistics(): Promise<BlobStatistics> {
    return countBlobs(this);
  }

  /** What is there counts as wanted from then on. */
  async #isThere(path: string): Promise<boolean> {
    const found = await factsOf(path);
    if (!found) return false;
    if (this.#nowMs() - found.mtimeMs < RENEW_MS) return true;
    try {
      await this.#want(path);
      return true;
    } catch (error) {
      // Collected meanwhile.
      if (isCode(error, 'ENOENT')) return false;
      throw error;
    }
  }

  async #want(path: string): Promise<void> {
    const nowS = this.#nowMs() / 1000;
    await utimes(path, nowS, nowS);
  }

  #isWanted({ mtimeMs }: { readonly mtimeMs: number }): boolean {
    return this.#nowMs() - mtimeMs < UNWANTED_MS;
  }

  #path(sha256: string): string {
    return join(this.#folder, BLOBS, sha256.slice(0, 2), sha256);
  }
}

function blobsFull(cause: unknown): RockpoolError {
  return new RockpoolError(
    'no-space',
    'The disk that builds are stored on is full. Ask the operator of this Rockpool to make room, and try again.',
    { cause },
  );
}

async function factsOf(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

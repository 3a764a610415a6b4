import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blob } from '../../../protocol/build-index.ts';
import { RockpoolError } from '../../../protocol/errors.ts';
import type { BuildSource } from './build-source.ts';

const NAME = /^[0-9a-f]{64}$/;
const PART = '.part';

/** How often a blob is asked for: each time from where the last one broke off. */
const ATTEMPTS = 3;
/** Blobs at once: enough to fill a line whose round trip is long, few enough for a home server. */
const PARALLEL = 6;

export interface BlobCacheOptions {
  /** Beyond it go those that were not used for the longest. */
  readonly maxBytes: number;
  /** Epoch milliseconds; of this machine alone. */
  readonly nowMs: () => number;
}

export interface FetchProgress {
  readonly bytes: number;
  readonly totalBytes: number;
}

export interface FetchOptions {
  readonly signal: AbortSignal;
  readonly handleProgress?: (progress: FetchProgress) => void;
}

/**
 * Blobs of builds on this machine, each whole and checked, a file each. Several builds share them, and
 * a new version needs only what it does not share with the one before.
 */
export class BlobCache {
  readonly #folder: string;
  readonly #options: BlobCacheOptions;
  /** By SHA-256; the one used last comes last. */
  readonly #bytes: Map<string, number>;
  readonly #fetches = new Map<string, Promise<void>>();
  readonly #pins = new Map<string, number>();
  #total = 0;

  private constructor(folder: string, options: BlobCacheOptions, bytes: Map<string, number>) {
    this.#folder = folder;
    this.#options = options;
    this.#bytes = bytes;
    for (const each of bytes.values()) this.#total += each;
  }

  /** In a folder of which it is the only user. */
  static async open(folder: string, options: BlobCacheOptions): Promise<BlobCache> {
    await mkdir(folder, { recursive: true });
    const found: { name: string; bytes: number; usedMs: number }[] = [];
    for (const name of await readdir(folder)) {
      if (!NAME.test(name)) continue;
      const { size, mtimeMs } = await stat(join(folder, name));
      found.push({ name, bytes: size, usedMs: mtimeMs });
    }
    found.sort((a, b) => a.usedMs - b.usedMs);
    return new BlobCache(folder, options, new Map(found.map(({ name, bytes }) => [name, bytes])));
  }

  get bytes(): number {
    return this.#total;
  }

  has(sha256: string): boolean {
    return this.#bytes.has(sha256);
  }

  /** Of a blob that is there. */
  path(sha256: string): string {
    return join(this.#folder, sha256);
  }

  /**
   * Fetches what is missing and keeps all of it until `task` is over.
   * @throws RockpoolError whatever the source says; `bad-message` where it gives something else.
   */
  async withBlobs<T>(
    blobs: readonly Blob[],
    source: BuildSource,
    options: FetchOptions,
    task: () => Promise<T>,
  ): Promise<T> {
    for (const { sha256 } of blobs) this.#pins.set(sha256, (this.#pins.get(sha256) ?? 0) + 1);
    try {
      await this.#fetchAll(blobs, source, options);
      return await task();
    } finally {
      for (const { sha256 } of blobs) {
        const left = (this.#pins.get(sha256) ?? 1) - 1;
        if (left === 0) this.#pins.delete(sha256);
        else this.#pins.set(sha256, left);
      }
      await this.#makeRoom();
    }
  }

  /** A blob that turned out to be damaged on the disk: it is fetched anew when it is next needed. */
  async forget(sha256: string): Promise<void> {
    this.#total -= this.#bytes.get(sha256) ?? 0;
    this.#bytes.delete(sha256);
    await rm(this.path(sha256), { force: true });
  }

  /**
   * Removes blobs that no build on this machine is made of, those first that were not used for the
   * longest, until it is enough.
   * @param kept stay, as those do that somebody fetches.
   * @returns whether it is.
   */
  async shrink(kept: ReadonlySet<string>, isEnough: () => Promise<boolean>): Promise<boolean> {
    if (await isEnough()) return true;
    for (const sha256 of [...this.#bytes.keys()]) {
      if (kept.has(sha256) || this.#pins.has(sha256)) continue;
      // A file that a build has in common with the cache takes its room as long as either is there.
      const file = await stat(this.path(sha256)).catch(() => undefined);
      if (file && file.nlink > 1) continue;
      await this.forget(sha256);
      if (await isEnough()) return true;
    }
    return false;
  }

  async #fetchAll(
    blobs: readonly Blob[],
    source: BuildSource,
    { signal, handleProgress }: FetchOptions,
  ): Promise<void> {
    const missing = blobs.filter(({ sha256 }) => !this.has(sha256));
    const totalBytes = missing.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { sha256 } of blobs) if (this.has(sha256)) await this.#touch(sha256);
    let bytes = 0;
    const queue = [...missing];
    const fetchNext = async () => {
      for (let blob = queue.shift(); blob; blob = queue.shift()) {
        signal.throwIfAborted();
        await this.#fetchOnce(blob, source, signal);
        bytes += blob.bytes;
        handleProgress?.({ bytes, totalBytes });
      }
    };
    const lanes = Array.from({ length: PARALLEL }, () =>
      fetchNext().catch((error: unknown) => {
        queue.length = 0;
        throw error;
      }),
    );
    const outcomes = await Promise.allSettled(lanes);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  /** Two builds that need one blob wait for one fetch of it. */
  async #fetchOnce(blob: Blob, source: BuildSource, signal: AbortSignal): Promise<void> {
    if (this.has(blob.sha256)) return;
    const running = this.#fetches.get(blob.sha256);
    if (running) {
      // Whose build is given up takes its fetches along: then this one does it itself.
      await running.catch(() => undefined);
      return this.#fetchOnce(blob, source, signal);
    }
    const fetching = this.#fetch(blob, source, signal).finally(() =>
      this.#fetches.delete(blob.sha256),
    );
    this.#fetches.set(blob.sha256, fetching);
    await fetching;
  }

  async #fetch(blob: Blob, source: BuildSource, signal: AbortSignal): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted();
      try {
        await this.#attempt(blob, source, signal);
        this.#bytes.set(blob.sha256, blob.bytes);
        this.#total += blob.bytes;
        return;
      } catch (error) {
        // What has come of it takes room that others may need.
        if (isDiskFull(error)) await rm(`${this.path(blob.sha256)}${PART}`, { force: true });
        if (attempt === ATTEMPTS || signal.aborted || isDiskFull(error)) throw error;
      }
    }
  }

  async #attempt(blob: Blob, source: BuildSource, signal: AbortSignal): Promise<void> {
    const part = `${this.path(blob.sha256)}${PART}`;
    const hash = createHash('sha256');
    const from = await hashPart(part, blob, hash);
    const file = await open(part, 'a');
    try {
      let received = from;
      if (from < blob.bytes) {
        for await (const chunk of await source.readBlob(blob, from, signal)) {
          received += chunk.length;
          if (received > blob.bytes) break;
          hash.update(chunk);
          await file.appendFile(chunk);
        }
      }
      if (received < blob.bytes) throw cutOff(blob);
      if (received > blob.bytes || hash.digest('hex') !== blob.sha256) {
        await rm(part, { force: true });
        throw other(blob);
      }
      // The name vouches for the content from now on, a power cut in between included.
      await file.sync();
    } finally {
      await file.close();
    }
    await chmod(part, 0o444);
    await rename(part, this.path(blob.sha256));
  }

  async #touch(sha256: string): Promise<void> {
    const bytes = this.#bytes.get(sha256);
    if (bytes === undefined) return;
    this.#bytes.delete(sha256);
    this.#bytes.set(sha256, bytes);
    const nowS = this.#options.nowMs() / 1000;
    await utimes(this.path(sha256), nowS, nowS);
  }

  async #makeRoom(): Promise<void> {
    for (const sha256 of [...this.#bytes.keys()]) {
      if (this.#total <= this.#options.maxBytes) return;
      if (!this.#pins.has(sha256)) await this.forget(sha256);
    }
  }
}

/** What an earlier attempt has left counts where it is no longer than the blob. @returns its bytes. */
async function hashPart(part: string, { bytes }: Blob, hash: Hash): Promise<number> {
  const found = await stat(part).catch(() => undefined);
  if (!found) return 0;
  if (found.size > bytes) {
    await rm(part, { force: true });
    return 0;
  }
  for await (const chunk of createReadStream(part) as AsyncIterable<Buffer>) hash.update(chunk);
  return found.size;
}

/** Whether something thrown says that a disk, or what one may use of it, is full. */
export function isDiskFull(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

function cutOff({ sha256 }: Blob): RockpoolError {
  return new RockpoolError(
    'timeout',
    `A part of the build, ${sha256.slice(0, 12)}, broke off while it was fetched. Try again.`,
  );
}

function other({ sha256 }: Blob): RockpoolError {
  return new RockpoolError(
    'bad-message',
    `A part of the build, ${sha256.slice(0, 12)}, is not what its digest says. Its store is damaged: upload the build again.`,
  );
}

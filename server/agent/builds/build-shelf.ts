import { readFile, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { type BuildIndex, buildIndexSchema } from '../../../protocol/build-index.ts';
import type { BuildOrder } from '../../../protocol/build-order.ts';
import { RockpoolError } from '../../../protocol/errors.ts';
import type { BuildId } from '../../../protocol/studio-builds.ts';
import { AssembledBuilds } from './assembled-builds.ts';
import { BlobCache, type FetchOptions, type FetchProgress, isDiskFull } from './blob-cache.ts';
import { assembleBuild } from './build-assembly.ts';
import type { BuildSource } from './build-source.ts';

export interface BuildShelfOptions {
  readonly folder: string;
  /**
   * Half of it for blobs, which versions share, and half for builds that are put together. Builds that
   * are played stay, however large they are.
   */
  readonly maxBytes: number;
  /** Epoch milliseconds; of this machine alone. */
  readonly nowMs: () => number;
  /** Where the blobs of an order come from. */
  readonly sourceOf: (order: BuildOrder) => BuildSource;
  /** Other builds are ready to be played than before. */
  readonly handleChange: () => void;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

interface Fetching {
  readonly done: Promise<void>;
  readonly abort: AbortController;
  readonly listeners: Set<(progress: FetchProgress) => void>;
  /** How many wait for it. */
  wanted: number;
}

/** Studios' builds on this machine: fetched when they are needed, kept while there is room. */
export class BuildShelf {
  readonly #options: BuildShelfOptions;
  readonly #cache: BlobCache;
  readonly #builds: AssembledBuilds;
  readonly #fetching = new Map<BuildId, Fetching>();
  /** How many sessions have each. */
  readonly #held = new Map<BuildId, number>();
  #closed = false;

  private constructor(options: BuildShelfOptions, cache: BlobCache, builds: AssembledBuilds) {
    this.#options = options;
    this.#cache = cache;
    this.#builds = builds;
  }

  /** In a folder of which it is the only user. */
  static async open(options: BuildShelfOptions): Promise<BuildShelf> {
    const { folder, nowMs } = options;
    const maxBytes = options.maxBytes / 2;
    const cache = await BlobCache.open(join(folder, 'blobs'), { maxBytes, nowMs });
    const builds = await AssembledBuilds.open(join(folder, 'games'), nowMs);
    const shelf = new BuildShelf(options, cache, builds);
    await shelf.#makeRoom();
    return shelf;
  }

  /** Ready to be played. */
  get warm(): BuildId[] {
    return this.#builds.ids;
  }

  has(buildId: BuildId): boolean {
    return this.#builds.has(buildId);
  }

  /** Absolute; where it lies, or will. */
  folderOf(buildId: BuildId): string {
    return this.#builds.folderOf(buildId);
  }

  /** Whether something is being fetched. */
  get isBusy(): boolean {
    return this.#fetching.size > 0;
  }

  /** A session is to have it: it stays, once it is there, until what this returns is called. */
  hold(buildId: BuildId): () => void {
    this.#held.set(buildId, (this.#held.get(buildId) ?? 0) + 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      const left = (this.#held.get(buildId) ?? 1) - 1;
      if (left > 0) this.#held.set(buildId, left);
      else this.#held.delete(buildId);
      this.#makeRoom().catch((err: unknown) => {
        this.#options.log.warn({ err }, 'builds that nobody plays could not be removed');
      });
    };
  }

  /**
   * Resolves when the build is ready. Those who wait for one build wait for one fetch of it, which goes
   * on for as long as anybody does; what was fetched by then is not fetched again.
   * @throws RockpoolError that says what to do about it.
   */
  async fetch(order: BuildOrder, { signal, handleProgress }: FetchOptions): Promise<void> {
    const { buildId } = order;
    for (;;) {
      signal.throwIfAborted();
      if (this.#closed) throw closingError();
      if (this.has(buildId)) return this.#builds.touch(buildId);
      const running = this.#fetching.get(buildId);
      if (running?.abort.signal.aborted) {
        await running.done.catch(() => undefined);
        continue;
      }
      const fetching = running ?? this.#begin(order);
      fetching.wanted++;
      if (handleProgress) fetching.listeners.add(handleProgress);
      try {
        await untilAborted(fetching.done, signal);
        return;
      } finally {
        if (handleProgress) fetching.listeners.delete(handleProgress);
        fetching.wanted--;
        if (fetching.wanted === 0) fetching.abort.abort();
      }
    }
  }

  /** Gives up what is being fetched. */
  async close(): Promise<void> {
    this.#closed = true;
    const fetching = [...this.#fetching.values()];
    for (const { abort } of fetching) abort.abort();
    await Promise.allSettled(fetching.map(({ done }) => done));
  }

  #begin(order: BuildOrder): Fetching {
    const { buildId } = order;
    const abort = new AbortController();
    const listeners: Fetching['listeners'] = new Set();
    const handleProgress = (progress: FetchProgress) => {
      for (const listener of listeners) listener(progress);
    };
    const done = this.#fetch(order, { signal: abort.signal, handleProgress }).finally(() =>
      this.#fetching.delete(buildId),
    );
    // Whoever waits hears of it; nobody may be left who does.
    done.catch(() => undefined);
    const fetching: Fetching = { done, abort, listeners, wanted: 0 };
    this.#fetching.set(buildId, fetching);
    return fetching;
  }

  async #fetch(order: BuildOrder, options: FetchOptions): Promise<void> {
    const { buildId, manifest } = order;
    const { log, nowMs, sourceOf, handleChange } = this.#options;
    const startedMs = nowMs();
    const source = sourceOf(order);
    // It may not be removed the moment it is there.
    const release = this.hold(buildId);
    try {
      const index = await this.#indexOf(order, source, options.signal);
      await this.#mustFit(index);
      await this.#cache.withBlobs(index.blobs, source, options, async () => {
        const previous = await this.#builds.previous(manifest.id);
        await this.#builds.add(buildId, manifest.id, index, (folder) =>
          assembleBuild(index, this.#cache, folder, previous),
        );
      });
      log.info({ buildId, gameId: manifest.id, tookMs: nowMs() - startedMs }, 'build fetched');
      handleChange();
    } catch (error) {
      throw asWords(error);
    } finally {
      release();
    }
  }

  async #indexOf(
    { index }: BuildOrder,
    source: BuildSource,
    signal: AbortSignal,
  ): Promise<BuildIndex> {
    return this.#cache.withBlobs([index], source, { signal }, async () => {
      const text = await readFile(this.#cache.path(index.sha256), 'utf8');
      const parsed = buildIndexSchema.safeParse(JSON.parse(text));
      if (parsed.success) return parsed.data;
      throw new RockpoolError(
        'bad-message',
        'This machine cannot read what the build consists of. Update its Rockpool, or upload the build again.',
        { cause: parsed.error },
      );
    });
  }

  /**
   * Where the disk is full, what nobody plays makes way, that first which was not used for the longest.
   * @throws RockpoolError `resource-limit`, before anything is fetched in vain.
   */
  async #mustFit({ blobs, files }: BuildIndex): Promise<void> {
    const missing = blobs.reduce(
      (sum, { sha256, bytes }) => (this.#cache.has(sha256) ? sum : sum + bytes),
      0,
    );
    const assembled = files.reduce((sum, { bytes }) => sum + bytes, 0);
    const fits = async () => {
      const { bavail, bsize } = await statfs(this.#options.folder);
      return missing + assembled <= bavail * bsize;
    };
    const named = new Set(blobs.map(({ sha256 }) => sha256));
    while (!(await this.#cache.shrink(named, fits))) {
      const oldest = this.#builds.ids.find((buildId) => !this.#held.has(buildId));
      if (!oldest) throw diskFull();
      this.#options.log.info({ buildId: oldest }, 'a build makes way for another on a full disk');
      await this.#builds.remove(oldest);
      this.#options.handleChange();
    }
  }

  async #makeRoom(): Promise<void> {
    const before = this.#builds.ids.length;
    for (const buildId of this.#builds.ids) {
      if (this.#builds.bytes <= this.#options.maxBytes / 2) break;
      if (!this.#held.has(buildId)) await this.#builds.remove(buildId);
    }
    if (this.#builds.ids.length < before) this.#options.handleChange();
  }
}

/** @throws what the signal was aborted with, as soon as it is. */
async function untilAborted(done: Promise<void>, signal: AbortSignal): Promise<void> {
  let giveUp = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    giveUp = () => reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
  });
  try {
    await Promise.race([done, aborted]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

function asWords(error: unknown): unknown {
  return isDiskFull(error) ? diskFull(error) : error;
}

function diskFull(cause?: unknown): RockpoolError {
  return new RockpoolError(
    'resource-limit',
    'The machine has no room on its disk for this game. Its operator can free some, or lower ROCKPOOL_BUILD_CACHE_GB.',
    { cause },
  );
}

function closingError(): RockpoolError {
  return new RockpoolError('no-free-slot', 'This machine takes no new sessions: it is closing.');
}

import { createHash } from 'node:crypto';
import { constants, type ReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Blob,
  BUILD_INDEX_VERSION,
  type BuildIndex,
  contentText,
  type IndexedFile,
  type Piece,
} from '../../../protocol/build-index.ts';
import type { BuildFile } from '../builds/build-files.ts';
import { blobOf, inOnePart } from './blob-of-bytes.ts';
import type { BlobStore } from './blob-store.ts';
import { CHUNK_SIZES, cutChunks } from './chunk-cutter.ts';
import { bundlesOf, type KeptPlace, keptPlaces, type SmallFile } from './small-files.ts';

/** Files from this size on are cut into chunks of their own; smaller ones share blobs. */
const CHUNKED_BYTES = CHUNK_SIZES.usual;

/** What waits to be stored is in memory. */
const MAX_WAITING_BYTES = 16 * 2 ** 20;
/** At once. */
const PARALLEL_PUTS = 4;

export interface PackOptions {
  /** The version before: of small files, those that have not changed stay where they are. */
  readonly previous?: BuildIndex | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PackedBuild {
  readonly index: BuildIndex;
  /** What the store did not have: as much as an upload of this version alone would move. */
  readonly stored: { readonly blobs: number; readonly bytes: number };
}

/**
 * Stores a checked build. The same folder gives the same index, and one that is nearly the same a few
 * blobs more.
 * @param files of the folder, in the order of their paths, as `FolderFiles` has them.
 */
export async function packBuild(
  folder: string,
  files: readonly BuildFile[],
  store: BlobStore,
  options: PackOptions = {},
): Promise<PackedBuild> {
  const packing = new Packing(folder, store, options);
  const regular = files.filter(({ kind }) => kind === 'file');
  const small: SmallFile[] = [];
  for (const { path, bytes } of regular) {
    options.signal?.throwIfAborted();
    if (bytes >= CHUNKED_BYTES) await packing.addLarge(path);
    else small.push(await packing.measure(path));
  }
  await packing.addSmall(small);
  await packing.flush();
  const indexed = regular.map(({ path, runs }) => packing.fileOf(path, runs));
  const links = files.flatMap(({ kind, path, target }) =>
    kind === 'link' ? [{ path, target }] : [],
  );
  const content = { files: indexed, links, emptyFolders: emptyFolders(files) };
  const index: BuildIndex = {
    indexVersion: BUILD_INDEX_VERSION,
    content: createHash('sha256').update(contentText(content)).digest('hex'),
    ...content,
    blobs: packing.blobs,
  };
  return { index, stored: packing.stored };
}

function emptyFolders(files: readonly BuildFile[]): string[] {
  // In the order of paths, not everything in a folder need come right after it.
  const filled = new Set(
    files.map(({ path }) => path.slice(0, Math.max(0, path.lastIndexOf('/')))),
  );
  return files.flatMap(({ kind, path }) => (kind === 'folder' && !filled.has(path) ? [path] : []));
}

class Packing {
  readonly stored = { blobs: 0, bytes: 0 };
  readonly blobs: Blob[] = [];
  readonly #folder: string;
  readonly #store: BlobStore;
  readonly #options: PackOptions;
  readonly #numbers = new Map<string, number>();
  readonly #files = new Map<string, Omit<IndexedFile, 'path' | 'runs'>>();
  #waiting = new Map<string, Uint8Array>();
  #waitingBytes = 0;

  constructor(folder: string, store: BlobStore, options: PackOptions) {
    this.#folder = folder;
    this.#store = store;
    this.#options = options;
  }

  async addLarge(path: string): Promise<void> {
    const hash = createHash('sha256');
    const pieces: Piece[] = [];
    let bytes = 0;
    for await (const chunk of cutChunks(await this.#read(path))) {
      hash.update(chunk);
      bytes += chunk.length;
      pieces.push([await this.#add(chunk), 0, chunk.length]);
    }
    this.#files.set(path, { bytes, sha256: hash.digest('hex'), pieces });
  }

  async measure(path: string): Promise<SmallFile> {
    const content = await this.#readWhole(path);
    return { path, ...blobOf(content) };
  }

  async addSmall(files: readonly SmallFile[]): Promise<void> {
    const places = await this.#keptPlaces(files);
    const fresh = files.filter(({ sha256 }) => !places.has(sha256));
    const known = new Map(this.#options.previous?.blobs.map((blob) => [blob.sha256, blob]));
    for (const bundle of bundlesOf(fresh)) await this.#addBundle(bundle, places, known);
    for (const { path, bytes, sha256 } of files) {
      const place = places.get(sha256);
      const pieces: Piece[] =
        place && bytes > 0 ? [[this.#numberOf(known.get(place.blob)), place.from, bytes]] : [];
      this.#files.set(path, { bytes, sha256, pieces });
    }
  }

  /** Those of the version before whose blobs are still there. */
  async #keptPlaces(files: readonly SmallFile[]): Promise<Map<string, KeptPlace>> {
    const places = [...keptPlaces(files, this.#options.previous)];
    const there = await this.#store.has([...new Set(places.map(([, { blob }]) => blob))]);
    return new Map(places.filter(([, { blob }]) => there.has(blob)));
  }

  fileOf(path: string, runs: boolean): IndexedFile {
    const file = this.#files.get(path);
    if (!file) throw new Error(`${path} was not packed`);
    const { bytes, sha256, pieces } = file;
    return { path, bytes, sha256, ...(runs ? { runs: true as const } : {}), pieces };
  }

  /** Puts what waits and is not there yet. */
  async flush(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = new Map();
    this.#waitingBytes = 0;
    const there = await this.#store.has([...waiting.keys()]);
    const missing = [...waiting].filter(([sha256]) => !there.has(sha256));
    const putNext = async () => {
      for (let next = missing.pop(); next; next = missing.pop()) {
        this.#options.signal?.throwIfAborted();
        const [sha256, content] = next;
        await this.#store.put({ sha256, bytes: content.length }, inOnePart(content));
        this.stored.blobs++;
        this.stored.bytes += content.length;
      }
    };
    await Promise.all(Array.from({ length: PARALLEL_PUTS }, putNext));
  }

  async #addBundle(
    bundle: readonly SmallFile[],
    places: Map<string, KeptPlace>,
    known: Map<string, Blob>,
  ): Promise<void> {
    const contents: Uint8Array[] = [];
    for (const { path, bytes } of bundle) {
      const content = await this.#readWhole(path);
      if (content.length !== bytes) throw new Error(`${path} changed while it was packed`);
      contents.push(content);
    }
    const content = Buffer.concat(contents);
    const blob = blobOf(content);
    await this.#add(content);
    known.set(blob.sha256, blob);
    let from = 0;
    for (const { sha256, bytes } of bundle) {
      places.set(sha256, { blob: blob.sha256, from });
      from += bytes;
    }
  }

  /** @returns the blob's number. */
  async #add(content: Uint8Array): Promise<number> {
    const blob = blobOf(content);
    if (!this.#numbers.has(blob.sha256)) {
      this.#waiting.set(blob.sha256, content);
      this.#waitingBytes += content.length;
    }
    const number = this.#numberOf(blob);
    if (this.#waitingBytes >= MAX_WAITING_BYTES) await this.flush();
    return number;
  }

  #numberOf(blob: Blob | undefined): number {
    if (!blob) throw new Error('a file lies in a blob that nobody knows');
    const there = this.#numbers.get(blob.sha256);
    if (there !== undefined) return there;
    this.#numbers.set(blob.sha256, this.blobs.length);
    return this.blobs.push(blob) - 1;
  }

  async #read(path: string): Promise<ReadStream> {
    const { O_RDONLY, O_NOFOLLOW } = constants;
    const file = await open(join(this.#folder, path), O_RDONLY | O_NOFOLLOW);
    return file.createReadStream({ highWaterMark: 2 ** 20 });
  }

  async #readWhole(path: string): Promise<Uint8Array> {
    const { O_RDONLY, O_NOFOLLOW } = constants;
    const file = await open(join(this.#folder, path), O_RDONLY | O_NOFOLLOW);
    try {
      return await file.readFile();
    } finally {
      await file.close();
    }
  }
}

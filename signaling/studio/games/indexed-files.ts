import type { BuildIndex, IndexedFile } from '../../../protocol/build-index.ts';
import { byCodeUnit } from '../../text-order.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { BuildFile, BuildFiles } from '../builds/build-files.ts';

/** Links that lead to links, before it is a circle. */
const MAX_HOPS = 40;

/** A build that is packed, as if it lay in a folder. */
export class IndexedFiles implements BuildFiles {
  readonly name: string;
  readonly files: readonly BuildFile[];
  /** Those that were made programs since. */
  readonly madePrograms = new Set<string>();
  readonly #index: BuildIndex;
  readonly #store: BlobStore;
  readonly #overlay: ReadonlyMap<string, Uint8Array>;
  readonly #indexed: ReadonlyMap<string, IndexedFile>;
  readonly #links: ReadonlyMap<string, string>;
  readonly #folders: ReadonlySet<string>;

  /** @param overlay files that take the place of others, or are added. */
  constructor(
    name: string,
    index: BuildIndex,
    store: BlobStore,
    overlay: ReadonlyMap<string, Uint8Array> = new Map(),
  ) {
    this.name = name;
    this.#index = index;
    this.#store = store;
    this.#overlay = overlay;
    this.#indexed = new Map(index.files.map((file) => [file.path, file]));
    const links = index.links.filter(({ path }) => !overlay.has(path));
    this.#links = new Map(links.map(({ path, target }) => [path, target]));
    const paths = [...index.files.map(({ path }) => path), ...this.#links.keys()];
    this.#folders = new Set([...index.emptyFolders, ...paths.flatMap(foldersAbove)]);
    this.files = this.#list();
  }

  readonly makeRun = async (path: string): Promise<void> => {
    this.madePrograms.add(path);
  };

  async readHead(path: string, maxBytes: number): Promise<Uint8Array> {
    const real = this.#follow(path);
    const laid = this.#overlay.get(real);
    if (laid) return laid.subarray(0, maxBytes);
    const parts: Uint8Array[] = [];
    let missing = Math.min(maxBytes, this.#indexed.get(real)?.bytes ?? 0);
    for (const [blob, from, bytes] of this.#indexed.get(real)?.pieces ?? []) {
      if (missing === 0) break;
      const wanted = Math.min(missing, bytes);
      const { sha256 = '' } = this.#index.blobs[blob] ?? {};
      const content = await this.#store.get(sha256, { from, bytes: wanted });
      if (!content) throw new Error(`the blob ${sha256} of ${path} is gone`);
      for await (const part of content) parts.push(part);
      missing -= wanted;
    }
    return Buffer.concat(parts);
  }

  #list(): BuildFile[] {
    const own = this.#index.files.filter(({ path }) => !this.#overlay.has(path));
    const nothing = { bytes: 0, runs: false, target: '', leadsTo: undefined } as const;
    const files: BuildFile[] = [
      ...own.map(({ path, bytes, runs = false }) => ({
        ...nothing,
        path,
        kind: 'file' as const,
        bytes,
        runs,
      })),
      ...[...this.#overlay].map(([path, { length: bytes }]) => ({
        ...nothing,
        path,
        kind: 'file' as const,
        bytes,
      })),
      ...[...this.#folders].map((path) => ({ ...nothing, path, kind: 'folder' as const })),
      ...[...this.#links].map(([path, target]) => {
        const real = this.#follow(path);
        const file = this.#indexed.get(real);
        const leadsTo = file ? 'file' : this.#folders.has(real) ? 'folder' : undefined;
        const { bytes = 0, runs = false } = file ?? {};
        return { path, kind: 'link' as const, bytes, runs, target, leadsTo } as const;
      }),
    ];
    return files.sort((a, b) => byCodeUnit(a.path, b.path));
  }

  /** Where a path leads, as far as its last name is a link: folders that are links are not looked into. */
  #follow(path: string): string {
    let real = path;
    for (let hops = 0; hops < MAX_HOPS; hops++) {
      const target = this.#links.get(real);
      if (target === undefined) return real;
      real = resolved(real, target);
    }
    return real;
  }
}

function foldersAbove(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'));
}

function resolved(link: string, target: string): string {
  const parts = link.split('/').slice(0, -1);
  for (const part of target.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

import { normalize } from 'node:path/posix';
import type { BuildFile, BuildFiles } from './build-files.ts';

/** As Linux: more links in a row are a circle. */
const MAX_HOPS = 40;

/** Of a text that is looked into for a name or a word. */
const TEXT_BYTES = 65_536;

/** Finds files of a build by how they are called. */
export class FileLookup {
  /** Those that can be read, links to files included. */
  readonly readable: readonly BuildFile[];
  readonly #source: BuildFiles;
  readonly #byPath: ReadonlyMap<string, BuildFile>;
  readonly #folders = new Set<string>();

  constructor(source: BuildFiles) {
    this.#source = source;
    this.#byPath = new Map(source.files.map((file) => [file.path, file]));
    this.readable = source.files.filter((file) => file.kind === 'file' || file.leadsTo === 'file');
    for (const { path, kind, leadsTo } of source.files) {
      if (kind === 'folder' || leadsTo === 'folder') this.#folders.add(path);
      // Not every listing has its folders.
      for (let folder = folderOf(path); folder !== ''; folder = folderOf(folder)) {
        this.#folders.add(folder);
      }
    }
  }

  get name(): string {
    return this.#source.name;
  }

  file(path: string): BuildFile | undefined {
    const file = this.any(path);
    return file?.kind === 'file' || file?.leadsTo === 'file' ? file : undefined;
  }

  /** Whatever has that path, also one through links to folders. */
  any(path: string): BuildFile | undefined {
    return this.#byPath.get(path) ?? this.#byPath.get(this.#direct(path));
  }

  hasFolder(path: string): boolean {
    return this.#folders.has(path) || this.#folders.has(this.#direct(path));
  }

  /** The first whose whole path matches. */
  find(pattern: RegExp): BuildFile | undefined {
    return this.readable.find(({ path }) => pattern.test(path));
  }

  /** A file whose path is that one but for case. */
  likeNamed(path: string): string | undefined {
    const wanted = path.toLowerCase();
    return this.readable.find((file) => file.path.toLowerCase() === wanted)?.path;
  }

  readHead(path: string, maxBytes: number): Promise<Uint8Array> {
    return this.#source.readHead(path, maxBytes);
  }

  /** The same place without the links to folders that a path goes through. */
  #direct(path: string): string {
    let direct = path;
    for (let hops = 0; hops < MAX_HOPS; hops++) {
      const link = this.#linkAbove(direct);
      if (!link) break;
      direct = normalize(
        `${besideOf(link.path)}${link.target}/${direct.slice(link.path.length + 1)}`,
      );
    }
    return direct;
  }

  #linkAbove(path: string): BuildFile | undefined {
    for (let folder = folderOf(path); folder !== ''; folder = folderOf(folder)) {
      const file = this.#byPath.get(folder);
      if (file?.leadsTo === 'folder') return file;
    }
    return undefined;
  }

  /** The first 64 KiB as text. */
  async readText(path: string): Promise<string> {
    return new TextDecoder().decode(await this.#source.readHead(path, TEXT_BYTES));
  }
}

/** Empty for what lies at the top. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** With its slash, to put a name behind. */
export function besideOf(path: string): string {
  const folder = folderOf(path);
  return folder === '' ? '' : `${folder}/`;
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

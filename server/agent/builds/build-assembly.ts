import { createHash, randomUUID } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import {
  chmod,
  copyFile,
  type FileHandle,
  link,
  mkdir,
  open,
  rename,
  rm,
  symlink,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { BuildIndex, IndexedFile } from '../../../protocol/build-index.ts';
import { RockpoolError } from '../../../protocol/errors.ts';
import type { BlobCache } from './blob-cache.ts';

const FILE_MODE = 0o444;
const PROGRAM_MODE = 0o555;
const FOLDER_MODE = 0o755;

/** A version that was put together before, whose files may serve again. */
export interface AssembledBuild {
  readonly folder: string;
  readonly index: BuildIndex;
}

/**
 * Puts a build's folder together from blobs that are all in the cache. A file that has not changed since
 * another version is that one's file (a hard link), one that is a blob is the cache's; the rest is
 * copied, and checked. When this resolves the folder is whole; where it rejects, there is none.
 * @param folder absolute; not there yet.
 * @throws RockpoolError `bad-message` where what is in the cache is damaged; fetching it again helps.
 */
export async function assembleBuild(
  index: BuildIndex,
  cache: BlobCache,
  folder: string,
  previous?: AssembledBuild,
): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const draft = join(dirname(folder), `.${basename(folder)}.${randomUUID()}`);
  const assembly = new Assembly(index, cache, draft, previous);
  try {
    await assembly.run();
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  } finally {
    await assembly.close();
  }
}

class Assembly {
  readonly #index: BuildIndex;
  readonly #cache: BlobCache;
  readonly #folder: string;
  readonly #previous: ReadonlyMap<string, string>;
  readonly #folders = new Set<string>();
  /** Small files share blobs, and come one after the other in them. */
  #opened: { readonly sha256: string; readonly file: FileHandle } | undefined;

  constructor(
    index: BuildIndex,
    cache: BlobCache,
    folder: string,
    previous: AssembledBuild | undefined,
  ) {
    this.#index = index;
    this.#cache = cache;
    this.#folder = folder;
    this.#previous = new Map(
      previous?.index.files.map((file) => [keyOf(file), join(previous.folder, file.path)]),
    );
  }

  async run(): Promise<void> {
    const { files, links, emptyFolders } = this.#index;
    await this.#makeFolder(this.#folder);
    for (const path of emptyFolders) await this.#makeFolder(join(this.#folder, path));
    for (const file of files) await this.#place(file);
    for (const { path, target } of links) {
      await this.#makeFolder(dirname(join(this.#folder, path)));
      await symlink(target, join(this.#folder, path));
    }
  }

  async close(): Promise<void> {
    await this.#opened?.file.close();
    this.#opened = undefined;
  }

  async #place(file: IndexedFile): Promise<void> {
    const path = join(this.#folder, file.path);
    await this.#makeFolder(dirname(path));
    const before = this.#previous.get(keyOf(file));
    if (before !== undefined && (await linked(before, path))) return;
    const whole = this.#wholeBlobOf(file);
    if (whole !== undefined && !file.runs && (await linked(this.#cache.path(whole), path))) return;
    if (whole !== undefined) {
      // A program has another mode than the blob, and so cannot be the same file.
      await copyFile(this.#cache.path(whole), path, constants.COPYFILE_FICLONE);
      await chmod(path, file.runs ? PROGRAM_MODE : FILE_MODE);
      await this.#verify(file, path);
      return;
    }
    await this.#copy(file, path);
  }

  #wholeBlobOf({ pieces }: IndexedFile): string | undefined {
    const [piece, ...more] = pieces;
    const blob = piece && this.#index.blobs[piece[0]];
    return blob && more.length === 0 && piece[2] === blob.bytes ? blob.sha256 : undefined;
  }

  async #copy(file: IndexedFile, path: string): Promise<void> {
    const hash = createHash('sha256');
    const written = await open(path, 'wx', file.runs ? PROGRAM_MODE : FILE_MODE);
    try {
      // Whatever the process masks: the sandbox's user must be able to read it.
      await written.chmod(file.runs ? PROGRAM_MODE : FILE_MODE);
      for (const [number, from, bytes] of file.pieces) {
        const content = await this.#read(this.#index.blobs[number]?.sha256 ?? '', from, bytes);
        hash.update(content);
        await written.appendFile(content);
      }
    } finally {
      await written.close();
    }
    if (hash.digest('hex') !== file.sha256) await this.#refuse(file);
  }

  async #read(sha256: string, from: number, bytes: number): Promise<Uint8Array> {
    if (this.#opened?.sha256 !== sha256) {
      await this.close();
      this.#opened = { sha256, file: await open(this.#cache.path(sha256), 'r') };
    }
    const content = Buffer.alloc(bytes);
    const { bytesRead } = await this.#opened.file.read(content, 0, bytes, from);
    return content.subarray(0, bytesRead);
  }

  async #verify(file: IndexedFile, path: string): Promise<void> {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk);
    if (hash.digest('hex') !== file.sha256) await this.#refuse(file);
  }

  async #refuse(file: IndexedFile): Promise<never> {
    for (const [number] of file.pieces) {
      await this.#cache.forget(this.#index.blobs[number]?.sha256 ?? '');
    }
    throw new RockpoolError(
      'bad-message',
      `${file.path} of the build is damaged on this machine's disk. It is fetched again with the next start.`,
    );
  }

  async #makeFolder(path: string): Promise<void> {
    if (this.#folders.has(path)) return;
    if (path !== this.#folder) await this.#makeFolder(dirname(path));
    await mkdir(path);
    await chmod(path, FOLDER_MODE);
    this.#folders.add(path);
  }
}

/** What a file must have in common with another to be it. */
function keyOf({ sha256, runs }: IndexedFile): string {
  return `${sha256} ${runs === true}`;
}

/** @returns false where the two lie on different disks, or the first is gone. */
async function linked(from: string, to: string): Promise<boolean> {
  return link(from, to).then(
    () => true,
    () => false,
  );
}

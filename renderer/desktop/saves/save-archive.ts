import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { constants, createGzip, gunzip } from 'node:zlib';
import { RockpoolError } from '../../../protocol/errors.ts';
import { MAX_SAVE_BYTES } from '../../../protocol/save-order.ts';
import { AnchoredFolder, codeOf } from './anchored-folder.ts';
import { MAX_PATH_BYTES, readTar, type TarEntry, writeTar } from './tar-format.ts';

const MIB = 2 ** 20;

export interface SaveLimits {
  /** Contents of all files together. */
  readonly bytes: number;
  /** Files and folders. */
  readonly entries: number;
  /** Folders within one another; each is held open meanwhile. */
  readonly depth: number;
}

/** All of it is held in memory, once as it is and once packed. */
const DEFAULT_LIMITS: SaveLimits = { bytes: 128 * MIB, entries: 10_000, depth: 32 };

export interface PackedSaves {
  /** gzip of tar: the same contents give the same bytes. */
  readonly archive: Uint8Array;
  /** Files and folders in it. */
  readonly entries: number;
  /** Names left out: links, devices, pipes, sockets, what must not be read. */
  readonly skipped: number;
}

const unpack = promisify(gunzip);

/**
 * Packs what a game keeps. The game may run meanwhile and is not trusted: no link is followed, and
 * what vanishes is left out.
 * @param homePath folder on this machine, also as `/proc/PID/root/…`.
 * @param paths files and folders below it, as a manifest's `saves`; those that are not there are
 * left out.
 * @throws RockpoolError `resource-limit` where it is more than can be kept; the system's error where
 * there is no such home folder.
 */
export async function packSaves(
  homePath: string,
  paths: readonly string[],
  limits: SaveLimits = DEFAULT_LIMITS,
): Promise<PackedSaves> {
  const packing = new Packing(limits);
  const home = await AnchoredFolder.open(homePath);
  try {
    for (const path of outermost(paths)) await packing.addPath(home, path);
  } finally {
    await home.close();
  }
  const { entries, skipped } = packing;
  // The fastest level: saves are small or hold pictures, and somebody is playing meanwhile.
  const gzip = createGzip({ level: constants.Z_BEST_SPEED });
  const archive = await pipeline(Readable.from(writeTar(entries)), gzip, (packed) =>
    buffer(packed),
  );
  if (archive.length > MAX_SAVE_BYTES) throw tooLarge(`${MAX_SAVE_BYTES / MIB} MiB packed`);
  return { archive, entries: entries.length, skipped };
}

/**
 * Writes an archive's files and folders into a home folder, over what is there, and follows no link
 * there. Nothing is written unless the whole archive is sound.
 * @throws RockpoolError `game-failed` where the archive is damaged or not one of ours; the system's
 * error where something cannot be written.
 */
export async function restoreSaves(
  homePath: string,
  archive: Uint8Array,
  limits: SaveLimits = DEFAULT_LIMITS,
): Promise<void> {
  const entries = readTar(await unpacked(archive, limits));
  const tooDeep = entries.some(({ path }) => path.split('/').length > limits.depth);
  if (entries.length > limits.entries || tooDeep) {
    throw new RockpoolError('game-failed', 'The saved game holds too many files and folders.');
  }
  const home = await AnchoredFolder.open(homePath);
  try {
    for (const entry of entries) await restoreEntry(home, entry.path.split('/'), entry.content);
  } finally {
    await home.close();
  }
}

async function unpacked(archive: Uint8Array, limits: SaveLimits): Promise<Uint8Array> {
  // Header, padding and a long name of each entry, and the end.
  const maxOutputLength = limits.bytes + limits.entries * 8192 + 1024;
  try {
    return await unpack(archive, { maxOutputLength });
  } catch (cause) {
    throw new RockpoolError('game-failed', 'The saved game cannot be unpacked.', { cause });
  }
}

async function restoreEntry(
  folder: AnchoredFolder,
  [name = '', ...below]: readonly string[],
  content: Uint8Array | undefined,
): Promise<void> {
  if (below.length === 0 && content) {
    await folder.writeFile(name, content);
    return;
  }
  const next = await folder.makeFolder(name);
  try {
    if (below.length > 0) await restoreEntry(next, below, content);
  } finally {
    await next.close();
  }
}

/** Gathers entries, within limits. */
class Packing {
  readonly entries: TarEntry[] = [];
  skipped = 0;
  readonly #limits: SaveLimits;
  #bytes = 0;

  constructor(limits: SaveLimits) {
    this.#limits = limits;
  }

  /** @param path from the home folder; its folders are entered one by one. */
  async addPath(home: AnchoredFolder, path: string): Promise<void> {
    const enter = async (folder: AnchoredFolder, done: string, left: readonly string[]) => {
      const [name = '', ...below] = left;
      const here = `${done}${name}`;
      if (below.length === 0) await this.#add(folder, name, here);
      else await this.#within(folder, name, (next) => enter(next, `${here}/`, below));
    };
    await enter(home, '', path.split('/'));
  }

  async #add(folder: AnchoredFolder, name: string, path: string): Promise<void> {
    if (path.length >= MAX_PATH_BYTES) {
      this.skipped++;
      return;
    }
    const kind = await this.#attempt(() => folder.kindOf(name));
    if (kind === 'file') await this.#addFile(folder, name, path);
    else if (kind === 'folder') await this.#addFolder(folder, name, path);
    else if (kind === 'other') this.skipped++;
  }

  async #addFile(folder: AnchoredFolder, name: string, path: string): Promise<void> {
    const left = this.#limits.bytes - this.#bytes;
    const content = await this.#attempt(() => folder.readFile(name, left));
    if (!content) return;
    this.#bytes += content.length;
    this.#push({ path, content });
  }

  async #addFolder(parent: AnchoredFolder, name: string, path: string): Promise<void> {
    if (path.split('/').length > this.#limits.depth) {
      throw tooLarge(`${this.#limits.depth} folders within one another`);
    }
    await this.#within(parent, name, async (folder) => {
      this.#push({ path, content: undefined });
      const names = await this.#attempt(() => folder.names(this.#limits.entries + 1));
      for (const below of names ?? []) await this.#add(folder, below, `${path}/${below}`);
    });
  }

  async #within(
    parent: AnchoredFolder,
    name: string,
    task: (folder: AnchoredFolder) => Promise<void>,
  ): Promise<void> {
    const folder = await this.#attempt(() => parent.folder(name));
    if (!folder) return;
    try {
      await task(folder);
    } finally {
      await folder.close();
    }
  }

  #push(entry: TarEntry): void {
    if (this.entries.length === this.#limits.entries) {
      throw tooLarge(`${this.#limits.entries} files and folders`);
    }
    this.entries.push(entry);
  }

  /** @returns undefined for what has vanished, and for what is skipped. */
  async #attempt<T>(task: () => Promise<T>): Promise<T | undefined> {
    try {
      return await task();
    } catch (error) {
      switch (codeOf(error)) {
        case 'ENOENT':
          return undefined;
        // A link or something else took its place, or the game forbids itself to read it.
        case 'ELOOP':
        case 'ENOTDIR':
        case 'ENXIO':
        case 'EACCES':
          this.skipped++;
          return undefined;
        case 'resource-limit':
          throw tooLarge(`${this.#limits.bytes / MIB} MiB`);
        default:
          throw error;
      }
    }
  }
}

/** Sorted, as the file system's bytes, without those that lie within another. */
function outermost(paths: readonly string[]): string[] {
  const names = [...new Set(paths)].map((path) => Buffer.from(path).toString('latin1')).sort();
  return names.filter((path) => !names.some((outer) => path.startsWith(`${outer}/`)));
}

function tooLarge(limit: string): RockpoolError {
  return new RockpoolError(
    'resource-limit',
    `The game keeps more than ${limit}: name fewer paths under "saves" in rockpool.json.`,
  );
}
